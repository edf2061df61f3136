"""An endpoint that takes upgrades, any number at once, and says nothing any more: `python3 -m sluicebench.switching PORT...`"""

import asyncio
import sys


async def accept(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if b"upgrade: websocket" in head.lower():
                writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
            else:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 128\r\n\r\n" + b"x" * 128)
    except (OSError, asyncio.IncompleteReadError):
        writer.close()


async def serve(ports):
    servers = [await asyncio.start_server(accept, "127.0.0.1", port, backlog=4096) for port in ports]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(serve([int(port) for port in sys.argv[1:]]))

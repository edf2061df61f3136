"""An open-loop load: requests start when they are due, whether or not earlier ones are answered."""

import asyncio
from dataclasses import dataclass

PATIENCE = 10.0
HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    """One request: when it was due (seconds since the start), how long it took from then on, what came."""

    due: float
    took: float
    outcome: str
    source: str

    @property
    def failed(self):
        return self.outcome != "200"


class Stale(Exception):
    """A kept connection that was closed before it heard of the request: any client asks again."""


class OpenLoad:
    """Sends GETs to one port at a steady rate over keep-alive connections, as many as it takes."""

    def __init__(self, port, path, per_second):
        self.port = port
        self.request = f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()
        self.per_second = per_second
        self.answers = []
        self.idle = []

    async def run(self, seconds, events):
        """Runs for SECONDS; EVENTS are (time, function) pairs, called in a thread when their time comes."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        happening = [asyncio.create_task(self.at(start + when, what)) for when, what in events]
        asking = []
        for number in range(int(seconds * self.per_second)):
            due = number / self.per_second
            await asyncio.sleep(max(0.0, start + due - loop.time()))
            asking.append(asyncio.create_task(self.ask(start, due)))
        await asyncio.gather(*happening, *asking)
        for _, writer in self.idle:
            writer.transport.abort()

    @staticmethod
    async def at(when, what):
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, when - loop.time()))
        await loop.run_in_executor(None, what)

    async def ask(self, start, due):
        loop = asyncio.get_running_loop()
        source = ""
        try:
            outcome, source = await asyncio.wait_for(self.exchange(), PATIENCE)
        except asyncio.TimeoutError:
            outcome = "no answer"
        except (OSError, asyncio.IncompleteReadError, ValueError):
            outcome = "broken off"
        self.answers.append(Answer(due, loop.time() - start - due, outcome, source))

    async def exchange(self):
        while self.idle:
            connection = self.idle.pop()
            try:
                return await self.over(connection, reused=True)
            except Stale:
                continue
        return await self.over(await asyncio.open_connection("127.0.0.1", self.port), reused=False)

    async def over(self, connection, reused):
        reader, writer = connection
        kept = False
        try:
            try:
                writer.write(self.request)
                head = await reader.readuntil(HEAD_END)
            except (ConnectionError, asyncio.IncompleteReadError) as problem:
                if reused and not getattr(problem, "partial", b""):
                    raise Stale from None
                raise
            status, headers = parse(head)
            await reader.readexactly(int(headers["content-length"]))
            kept = headers.get("connection", "").lower() != "close"
            return status, headers.get("x-endpoint", "")
        except KeyError:
            raise ValueError("an answer without a length") from None
        finally:
            if kept:
                self.idle.append(connection)
            else:
                writer.transport.abort()


def parse(head):
    """Status and headers (names in lower case) of a response head."""
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return first.split(" ")[1], headers

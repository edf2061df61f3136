"""The endpoints: one nginx worker for each load core, listening on two ports, answering from memory."""

import os
import urllib.request
from dataclasses import dataclass

from .cases import GRPC_ANSWER, GRPC_CALL
from .processes import free_ports
from .tools import go_program, require

KIB = 1024

# /upload reads the whole body before it answers: `mirror` makes nginx do so, and the static handler's
# refusal of POST is then turned into the small answer. A plain `return` would answer early.
CONFIG = """
daemon off;
pid {folder}/endpoints.pid;
error_log stderr warn;
{user}
worker_processes {workers};
events {{ worker_connections 4096; }}
http {{
  access_log off;
  default_type application/octet-stream;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  open_file_cache max=100 inactive=1h;
  open_file_cache_valid 1h;
  keepalive_timeout 10m;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  client_body_buffer_size 256k;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    {listens}
    root {folder}/files;
    location / {{ return 200 "{small}"; }}
    location = /64k {{ }}
    location = /1m {{ }}
    location = /download {{ }}
    location = /upload {{ mirror /read; error_page 405 =200 /small; }}
    location = /read {{ internal; return 204; }}
    location = {call} {{ mirror /read; error_page 405 =200 /grpc-answer; }}
    location = /grpc-answer {{
      internal;
      default_type application/grpc;
      add_header x-seen "{seen}";
      add_trailer grpc-status 0;
    }}
  }}
  server {{
    listen 127.0.0.1:{status} backlog=64;
    location / {{ stub_status; }}
  }}
}}
"""


# What a gRPC call's proxy sent: HTTP/2 has no probe of our own, so this endpoint tells.
SEEN = "$request_method $request_uri $server_protocol " + " ".join(
    f"{name}=$http_{name}"
    for name in (
        "host", "te", "content_type", "user_agent", "accept", "x_client", "x_forwarded_for", "x_forwarded_proto", "x_forwarded_host",
        "x_forwarded_port", "via",
    )
)


@dataclass(frozen=True)
class Counters:
    """Totals since start, those of the status page's own connections included."""

    accepts: int
    requests: int


def parse_status(text):
    """Reads nginx's stub_status page."""
    lines = text.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("server accepts handled requests"))
    accepts, _, requests = (int(number) for number in lines[at + 1].split())
    return Counters(accepts, requests)


class Endpoints:
    """Two endpoints that share one nginx. Ports are fixed before the start, so that a probe can use them first."""

    def __init__(self, workspace, cores, download=0, http2=False):
        self.command = require("nginx", ": it serves as the endpoints")
        self.workspace = workspace
        self.cores = cores
        self.download = download
        self.http2 = http2
        *self.ports, self.status_port = free_ports(3)

    def start(self):
        folder = self.workspace.folder("endpoints")
        files = self.workspace.folder("endpoints/files")
        for name, size in (("64k", 64 * KIB), ("1m", KIB * KIB)):
            (files / name).write_bytes(b"x" * size)
        (files / "upload").write_bytes(b"")
        called = files / GRPC_CALL[1:]
        called.parent.mkdir(exist_ok=True)
        called.write_bytes(b"")
        (files / "grpc-answer").write_bytes(GRPC_ANSWER)
        with (files / "download").open("wb") as sparse:
            sparse.truncate(self.download)
        config = folder / "nginx.conf"
        config.write_text(
            CONFIG.format(
                folder=folder,
                user="user root;" if os.geteuid() == 0 else "",
                workers=len(self.cores),
                listens="\n    ".join(f"listen 127.0.0.1:{port} {'http2 ' if self.http2 else ''}backlog=4096;" for port in self.ports),
                status=self.status_port,
                small="x" * 128,
                call=GRPC_CALL,
                seen=SEEN,
            )
        )
        command = [self.command, "-e", "stderr", "-p", folder, "-c", config]
        self.workspace.start("endpoints", command, self.cores).await_port(self.ports[-1])

    def start_echo(self):
        """In place of `start`: the same ports, behind them WebSockets that echo."""
        addresses = [f"127.0.0.1:{port}" for port in (self.status_port, *self.ports)]
        program = go_program("wsload", self.workspace)
        self.workspace.start("echo", [program, "echo", *addresses], self.cores).await_port(self.ports[-1])

    def counters(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.status_port}/", timeout=10) as page:
            return parse_status(page.read().decode())

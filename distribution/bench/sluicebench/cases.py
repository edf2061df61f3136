"""What is measured: each case, its load, its routes, and the goals it is held against."""

from dataclasses import dataclass, field
from typing import NamedTuple, Optional

KIB = 1024
ALL = ("nginx", "haproxy", "sluice")


@dataclass(frozen=True)
class Goal:
    """CPU per request at most `ratio` times that of `other`: a proxy, or a case of the same proxy."""

    ratio: float
    proxy: Optional[str] = None
    case: Optional[str] = None


class Shape(NamedTuple):
    """What a process is configured for."""

    routes: int = 1
    tcp: bool = False
    tls: bool = False
    websocket: bool = False
    policies: str = ""
    grpc: bool = False

    @property
    def label(self):
        names = [name for name in ("tcp", "tls", "websocket", "grpc") if getattr(self, name)]
        if self.policies:
            names.append(f"policies-{self.policies}")
        return "-".join(names) or str(self.routes)


@dataclass(frozen=True)
class Case:
    name: str
    title: str
    connections: int
    path: str = "/small"
    response_bytes: int = 128
    post_bytes: int = 0
    close: bool = False
    routes: int = 1
    tcp: bool = False
    """The proxies pass octets unread; the load is still HTTP, which only its two ends know."""
    tls: bool = False
    """Clients speak TLS 1.3 to the proxies, which speak plain HTTP to the endpoints; no session is taken up again."""
    streams: int = 0
    """So many requests at once on each connection, by HTTP/2; 0 for HTTP/1.1."""
    websocket: bool = False
    """A message and its echo at a time, over connections that stay open."""
    policies: str = ""
    """Which policies Sluice's upstream has: `none` or `all` of them; empty for what every other case has."""
    grpc: bool = False
    """Unary calls by HTTP/2 in plaintext, to the proxies and from them to the endpoints."""
    kinds: tuple = ALL
    goals: tuple = field(default_factory=tuple)

    @property
    def group(self):
        """Cases of one group are interleaved with each other, so ratios within it are paired."""
        if self.tcp:
            return "tcp"
        if self.tls:
            return "tls"
        if self.websocket:
            return "websocket"
        if self.policies:
            return "policies"
        if self.grpc:
            return "grpc"
        return "traffic" if self.routes == 1 else "routes"

    @property
    def shape(self):
        """Cases of one shape share a process."""
        return Shape(self.routes, self.tcp, self.tls, self.websocket, self.policies, self.grpc)

    def paths(self):
        """Request paths, cycled by the load generator: up to 64 routes spread evenly, the last included."""
        if self.routes == 1:
            return [self.path]
        count = min(64, self.routes)
        return [route_prefix((i + 1) * self.routes // count - 1) + "item" for i in range(count)]


def route_prefix(index):
    return f"/r{index:05d}/"


def grpc_message(content):
    """A message as gRPC frames it: not compressed, four octets of length (gRPC over HTTP/2, "Length-Prefixed-Message")."""
    return b"\0" + len(content).to_bytes(4, "big") + content


GRPC_CALL = "/bench.Echo/Say"
GRPC_REQUEST = grpc_message(b"\x0a\x0bwhat is new")  # field 1, a text
GRPC_ANSWER = grpc_message(b"\x0a\x20" + b"x" * 32)

TLS_GOALS = (Goal(1.25, proxy="nginx"),)
TCP_GOALS = (Goal(1.25, proxy="nginx"),)
SMALL_GOALS = (Goal(1.25, proxy="nginx"), Goal(1.10, proxy="haproxy"))

CASES = (
    Case("small-64", "small GET, 64 keep-alive connections", 64, goals=SMALL_GOALS),
    Case("small-256", "small GET, 256 keep-alive connections", 256, goals=SMALL_GOALS),
    Case("get-64k", "64 KiB response, 64 connections", 64, "/64k", 64 * KIB),
    Case("get-1m", "1 MiB response, 16 connections", 16, "/1m", KIB * KIB),
    Case("post-64k", "64 KiB POST, 64 connections", 64, "/upload", post_bytes=64 * KIB),
    Case("close-64", "small GET, a connection per request, 64 at once", 64, close=True),
    Case("routes-10", "small GET over 10 routes, 64 connections", 64, routes=10, kinds=("sluice",)),
    Case("routes-1000", "small GET over 1,000 routes, 64 connections", 64, routes=1000),
    Case(
        "routes-10000",
        "small GET over 10,000 routes, 64 connections",
        64,
        routes=10000,
        kinds=("sluice",),
        goals=(Goal(1.10, case="routes-10"),),
    ),
    Case("policies-none", "small GET, no policies, 64 connections", 64, policies="none", kinds=("sluice",)),
    Case(
        "policies-all",
        "small GET; retry, outlier detection, least-request, health checks; 64 connections",
        64,
        policies="all",
        kinds=("sluice",),
        goals=(Goal(1.05, case="policies-none"),),
    ),
    Case("tls-64", "TLS 1.3: small GET, 64 keep-alive connections", 64, tls=True, goals=TLS_GOALS),
    Case("tls-get-1m", "TLS 1.3: 1 MiB response, 16 connections", 16, "/1m", KIB * KIB, tls=True, goals=TLS_GOALS),
    Case("tls-handshake", "TLS 1.3: a full handshake for each small GET, 64 at once", 64, close=True, tls=True, goals=TLS_GOALS),
    Case("h2-1", "HTTP/2: small GET, 64 connections of 1 stream", 64, tls=True, streams=1, goals=TLS_GOALS),
    Case("h2-64", "HTTP/2: small GET, 4 connections of 64 streams", 4, tls=True, streams=64, goals=TLS_GOALS),
    Case("grpc-64", "gRPC: unary calls, HTTP/2 on both sides, 4 connections of 64 streams", 4, GRPC_CALL, len(GRPC_ANSWER),
         len(GRPC_REQUEST), streams=64, grpc=True, goals=TLS_GOALS),
    Case("tcp-small-64", "TCP: 128 octets each way at a time, 64 connections", 64, tcp=True, goals=TCP_GOALS),
    Case("tcp-bulk-1", "TCP: 1 MiB at a time, 1 connection", 1, "/1m", KIB * KIB, tcp=True, goals=TCP_GOALS),
    Case("tcp-bulk-64", "TCP: 1 MiB at a time, 64 connections", 64, "/1m", KIB * KIB, tcp=True, goals=TCP_GOALS),
    Case("ws-echo", "WebSocket: 128 octets and their echo, 64 connections", 64, websocket=True, goals=(Goal(1.25, proxy="nginx"),)),
    Case("tcp-connect-64", "TCP: a connection each time, 64 at once", 64, close=True, tcp=True, goals=TCP_GOALS),
)


def select(names):
    """The cases called NAMES, in the order of CASES; all of them for an empty list."""
    known = {case.name for case in CASES}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"unknown case {', '.join(unknown)} (known: {', '.join(c.name for c in CASES)})")
    return [case for case in CASES if not names or case.name in names]

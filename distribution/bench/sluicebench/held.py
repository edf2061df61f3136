"""What Sluice holds in memory: buffers while one side reads slowly, and the cost of idle connections."""

import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import tools
from .cases import CASES as TRAFFIC
from .cases import Shape
from .endpoints import Endpoints
from .load import Generator
from .processes import java_pid, rss_bytes
from .tools import BenchError

KIB, MIB = 1024, 1024 * 1024
BUFFER_METER = "sluice_buffer_bytes"
TUNNELS = ("websockets", "websockets-h2", "tcp")
CASES = ("download", "upload", "idle") + TUNNELS
BUFFER_GOAL = 2 * MIB
IDLE_GOAL = 20 * KIB
TUNNEL_GOAL = 40 * KIB
WINDOW = 256 * KIB
"""Kernel receive buffer of the slow side, so that the kernel does not hide a proxy that reads ahead."""


@dataclass(frozen=True)
class Finding:
    """One result: the number that the goal is about (None: could not be read) and what lies behind it."""

    case: str
    what: str
    value: object
    limit: int
    details: dict = field(default_factory=dict)
    note: str = ""

    @property
    def met(self):
        return self.value is not None and self.value < self.limit

    def lines(self):
        shown = "not measured" if self.value is None else size_text(self.value)
        word = "met" if self.met else ("MISSED" if self.value is not None else "open")
        lines = [f"{self.case}: {self.what}: {shown} (goal < {size_text(self.limit)}: {word})"]
        lines += [f"  {name}: {size_text(v)}" for name, v in self.details.items() if v is not None]
        return lines + ([f"  note: {self.note}"] if self.note else [])

    def as_dict(self):
        return {**asdict(self), "met": self.met}


def open_files(case, connections):
    """How many files CASE makes one process open: in a tunnel of its own, each connection is two."""
    each = {"download": 0, "upload": 0, "websockets": 2, "tcp": 2}.get(case, 1)
    return each * connections + 500


def size_text(size):
    if abs(size) >= MIB:
        return f"{size / MIB:.2f} MiB"
    return f"{size / KIB:.2f} KiB" if abs(size) >= KIB else f"{size:.0f} B"


def parse_metrics(page):
    """Reads Prometheus text into (name, {label: value}, number) triples."""
    found = []
    for line in page.splitlines():
        match = re.match(r"([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)", line)
        if match:
            labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or ""))
            found.append((match[1], labels, float(match[3])))
    return found


class Watched:
    """A running Sluice, seen through its admin port, its resident memory and jcmd."""

    def __init__(self, instance, java_home):
        self.instance = instance
        self.pid = java_pid(instance.pid)
        if self.pid is None:
            raise BenchError(f"{instance.child.name} runs no process called java")
        self.jcmd = tools.jcmd(java_home)

    def buffers(self, kind=None):
        """Bytes in Netty's buffers, of one kind or of all; None when Sluice does not export the meter."""
        url = f"http://127.0.0.1:{self.instance.admin_port}/metrics"
        try:
            with urllib.request.urlopen(url, timeout=10) as page:
                metrics = parse_metrics(page.read().decode())
        except (urllib.error.URLError, OSError):
            return None
        values = [v for name, labels, v in metrics if name == BUFFER_METER and kind in (None, labels.get("kind"))]
        return sum(values) if values else None

    def rss(self):
        return rss_bytes(self.pid)

    def live_heap(self):
        """Bytes of live objects after a full collection; None without a jcmd."""
        if self.jcmd is None:
            return None
        done = subprocess.run(
            [self.jcmd, str(self.pid), "GC.class_histogram"], capture_output=True, text=True, timeout=120, check=False
        )
        total = re.search(r"^Total\s+\d+\s+(\d+)", done.stdout, re.MULTILINE)
        return int(total[1]) if total else None


class Peak(threading.Thread):
    """Samples buffers and resident memory ten times a second until stopped."""

    def __init__(self, watched):
        super().__init__(daemon=True)
        self.watched = watched
        self.ended = threading.Event()
        self.buffers = None
        self.rss = 0
        self.samples = 0

    def run(self):
        while not self.ended.wait(0.1):
            held = self.watched.buffers()
            if held is not None:
                self.buffers = max(self.buffers or 0, held)
            self.rss = max(self.rss, self.watched.rss())
            self.samples += 1

    def stop(self):
        self.ended.set()
        self.join()


class Pace:
    """Sleeps as needed so that no more than `rate` bytes a second pass since the first call."""

    def __init__(self, rate):
        self.rate = rate
        self.passed = 0
        self.started = None

    def took(self, count):
        now = time.monotonic()
        self.started = self.started or now
        self.passed += count
        ahead = self.passed / self.rate - (now - self.started)
        if ahead > 0:
            time.sleep(ahead)


def slow_connection(port):
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW)
    connection.settimeout(60)
    connection.connect(("127.0.0.1", port))
    return connection


def read_head(connection):
    """Reads up to the end of a head; returns it and the bytes of the body that came along."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(64 * KIB)
        if not piece:
            raise BenchError(f"the connection ended in a head: {data[:80]!r}")
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    return head.decode("latin-1"), rest


def content_length(head):
    match = re.search(r"^content-length:\s*(\d+)", head, re.IGNORECASE | re.MULTILINE)
    if not match:
        raise BenchError(f"no Content-Length in {head.splitlines()[0]!r}")
    return int(match[1])


def drain(connection, count, rate):
    """Reads COUNT bytes at RATE; fails when the stream ends early."""
    pace = Pace(rate)
    while count > 0:
        piece = connection.recv(min(64 * KIB, count))
        if not piece:
            raise BenchError(f"the body ended {count} bytes early")
        count -= len(piece)
        pace.took(len(piece))


def download(port, size, rate):
    """Fetches SIZE bytes and reads them at RATE."""
    with slow_connection(port) as connection:
        connection.sendall(f"GET /download HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        head, rest = read_head(connection)
        if not head.startswith("HTTP/1.1 200") or content_length(head) != size:
            raise BenchError(f"the download answered {head.splitlines()[0]!r}")
        drain(connection, size - len(rest), rate)


class SlowEndpoint(threading.Thread):
    """Listens on one port, reads one body at RATE, answers 200."""

    def __init__(self, port, rate):
        super().__init__(daemon=True)
        self.rate = rate
        self.kept = None
        """The connection after its answer: an endpoint keeps it alive, so it is not closed."""
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen()

    def run(self):
        with self.listener:
            while not self.serve():
                continue

    def serve(self):
        """Takes one connection; False when it ended without a request, as a mere check of the port does."""
        connection, _ = self.listener.accept()
        with connection:
            connection.settimeout(60)
            try:
                head, rest = read_head(connection)
            except BenchError:
                return False
            drain(connection, content_length(head) - len(rest), self.rate)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            self.kept = connection.dup()
            return True


def upload(port, size):
    """Sends SIZE bytes as fast as they are taken and expects 200."""
    block = b"x" * (64 * KIB)
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        head = f"POST /upload HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {size}\r\n\r\n"
        connection.sendall(head.encode())
        for _ in range(size // len(block)):
            connection.sendall(block)
        answer, _ = read_head(connection)
        if not answer.startswith("HTTP/1.1 200"):
            raise BenchError(f"the upload answered {answer.splitlines()[0]!r}")


def transfer_finding(case, watched, transfer):
    """Runs TRANSFER while sampling; the value is the peak of buffers above what was held before."""
    before, rss = watched.buffers(), watched.rss()
    peak = Peak(watched)
    peak.start()
    started = time.monotonic()
    try:
        transfer()
    finally:
        peak.stop()
    known = peak.buffers is not None and before is not None
    details = {
        "buffers before": before,
        "buffers at peak": peak.buffers,
        "resident before": rss,
        "resident growth at peak": max(0, peak.rss - rss),
    }
    note = f"{peak.samples} samples in {time.monotonic() - started:.1f} s"
    if not known:
        note += f"; /metrics has no {BUFFER_METER}{{kind=...}}, so the goal cannot be judged"
    return Finding(case, "buffers held for a slow reader", peak.buffers - before if known else None, BUFFER_GOAL, details, note)


def open_tunnels(port, count, head):
    """Opens COUNT connections, sends HEAD on each and reads what it is answered."""
    opened = []
    for index in range(count):
        connection = socket.create_connection(("127.0.0.1", port), 30, (source_address(index), 0))
        opened.append(connection)
        connection.sendall(head)
        answer, _ = read_head(connection)
        if not answer.startswith("HTTP/1.1 101"):
            raise BenchError(f"a tunnel answered {answer.splitlines()[0]!r}")
    return opened


def tunnel_finding(case, watched, count):
    """As for idle connections; a tunnel has a connection to an endpoint as well."""
    before = footprint(watched)
    head = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    opened = open_tunnels(watched.instance.port, count, head)
    try:
        time.sleep(1)
        growth = footprint(watched).minus(before)
    finally:
        for connection in opened:
            connection.close()
    counted = None if growth.heap is None else (growth.heap + (growth.buffers or 0)) / count
    details = {
        "resident growth a tunnel": growth.rss / count,
        "live heap growth a tunnel": None if growth.heap is None else growth.heap / count,
        "direct buffers a tunnel": None if growth.buffers is None else growth.buffers / count,
    }
    value = max(growth.rss / count, counted or 0)
    shared = "sharing connections to the endpoint" if case == "websockets-h2" else "two connections each"
    note = f"{count} tunnels, {shared}, after a full collection"
    return Finding(case, "memory of an idle tunnel", value, TUNNEL_GOAL, details, note)


def source_address(index):
    """Spreads clients over 127.0.0.x, 20,000 to an address, to stay clear of the ephemeral port range."""
    return f"127.0.0.{1 + index // 20000}"


def open_idle(port, count):
    """Opens COUNT connections; each does one request and stays."""
    request = f"GET /small HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    opened = []
    for index in range(count):
        connection = socket.create_connection(("127.0.0.1", port), 30, (source_address(index), 0))
        opened.append(connection)
        ask(connection, request)
    return opened, request


def ask(connection, request):
    connection.sendall(request)
    head, rest = read_head(connection)
    missing = content_length(head) - len(rest)
    if not head.startswith("HTTP/1.1 200"):
        raise BenchError(f"an idle connection answered {head.splitlines()[0]!r}")
    while missing > 0:
        missing -= len(connection.recv(missing))


@dataclass(frozen=True)
class Footprint:
    heap: object
    buffers: object
    rss: int

    def minus(self, other):
        def less(ours, theirs):
            return None if ours is None or theirs is None else ours - theirs

        return Footprint(less(self.heap, other.heap), less(self.buffers, other.buffers), self.rss - other.rss)


def footprint(watched):
    heap = watched.live_heap()  # collects, so it comes first
    return Footprint(heap, watched.buffers("direct"), watched.rss())


def idle_finding(watched, count):
    """The value is the larger of resident growth and live heap plus direct buffers, per connection."""
    before = footprint(watched)
    opened, request = open_idle(watched.instance.port, count)
    try:
        time.sleep(1)
        growth = footprint(watched).minus(before)
        for connection in opened[:: max(1, count // 100)]:
            ask(connection, request)
    finally:
        for connection in opened:
            connection.close()
    counted = None if growth.heap is None else (growth.heap + (growth.buffers or 0)) / count
    details = {
        "resident growth a connection": growth.rss / count,
        "live heap growth a connection": None if growth.heap is None else growth.heap / count,
        "direct buffers a connection": None if growth.buffers is None else growth.buffers / count,
    }
    notes = [f"{count} connections, each after one request, after a full collection"]
    if growth.heap is None:
        notes.append("no jcmd found, so nothing was collected and the heap is unknown")
    if growth.buffers is None:
        notes.append(f"/metrics has no {BUFFER_METER}{{kind=\"direct\"}}")
    value = max(growth.rss / count, counted or 0)
    return Finding("idle", "memory of an idle connection", value, IDLE_GOAL, details, "; ".join(notes))


class Bench:
    """Runs cases one after the other, each with endpoints and a Sluice of its own."""

    def __init__(self, options, proxy, workspace):
        self.options = options
        self.proxy = proxy
        self.workspace = workspace
        self.size = options.size * MIB
        self.rate = options.rate * 1_000_000
        self.runtime = ""

    def run(self, case):
        endpoints = Endpoints(self.workspace, self.options.load_cores, download=self.size)
        tcp = case == "tcp"
        if case in TUNNELS:
            self.start_switching(endpoints.ports)
        elif case == "upload":
            for port in endpoints.ports:
                SlowEndpoint(port, self.rate).start()
        else:
            endpoints.start()
        ports = endpoints.ports
        if case == "websockets-h2":  # what is measured speaks HTTP/2 to another Sluice, which speaks HTTP/1.1 to the endpoints
            ports = [self.proxy.start(self.workspace, self.options.load_cores, ports, Shape()).port]
        shape = Shape(tcp=tcp, grpc=case == "websockets-h2")
        instance = self.proxy.start(self.workspace, [self.options.proxy_core], ports, shape)
        instance.child.await_port(instance.admin_port)
        self.runtime = instance.runtime()
        try:
            return self.finding(case, Watched(instance, self.options.java_home))
        except OSError as problem:
            raise BenchError(f"{case}: {problem}; Sluice's last words: {instance.child.last_words()}") from problem
        finally:
            for child in list(self.workspace.children):
                self.workspace.stop(child)

    def start_switching(self, ports):
        command = [sys.executable, "-m", "sluicebench.switching", *map(str, ports)]
        path = {"PYTHONPATH": str(Path(__file__).resolve().parents[1])}
        child = self.workspace.start("switching", command, self.options.load_cores, path)
        for port in ports:
            child.await_port(port)

    def finding(self, case, watched):
        port = watched.instance.port
        if case == "download":
            return transfer_finding(case, watched, lambda: download(port, self.size, self.rate))
        if case == "upload":
            return transfer_finding(case, watched, lambda: upload(port, self.size))
        if case in TUNNELS:
            return tunnel_finding(case, watched, self.options.connections)
        Generator(self.workspace, self.options.load_cores).run(TRAFFIC[0], port, 5)
        return idle_finding(watched, self.options.connections)

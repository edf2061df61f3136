"""Checks that every proxy does the same work: what it sends to an endpoint and what it answers.

Runs before the endpoints start, on their ports, so the very processes that are measured are checked.
"""

import re
import socket
import subprocess
import threading
from collections import Counter
from dataclasses import dataclass, field

from . import certificate
from .cases import GRPC_ANSWER, GRPC_CALL, GRPC_REQUEST
from .tools import BenchError, require

ANSWER = b"probed\n"
ANSWER_HEAD = (
    b"HTTP/1.1 200 OK\r\nServer: probe\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    b"Content-Type: text/plain\r\nX-Endpoint: kept\r\nContent-Length: %d\r\n\r\n" % len(ANSWER)
)

# Connection-level fields are each proxy's own business; they say nothing about the message.
HOP_BY_HOP = {"connection", "keep-alive"}

TARGET = "/r00000/item?q=1"
"""What the probe asks for; requests for anything else are health checks, and answered but not kept."""


@dataclass(frozen=True)
class Message:
    """A head with lower-case names, sorted, and its body."""

    start: str
    headers: tuple = field(default_factory=tuple)
    body: bytes = b""


def read_message(stream):
    """Reads one message that is framed by Content-Length or chunked; None at the end of the stream."""
    start = stream.readline().decode("latin-1").rstrip("\r\n")
    if not start:
        return None
    headers = []
    while True:
        line = stream.readline().decode("latin-1").rstrip("\r\n")
        if not line:
            break
        name, _, value = line.partition(":")
        headers.append((name.lower(), value.strip()))
    fields = dict(headers)
    if fields.get("transfer-encoding", "").lower() == "chunked":
        body = read_chunks(stream)
    else:
        body = stream.read(int(fields.get("content-length", 0)))
    return Message(start, tuple(sorted(headers)), body)


def read_chunks(stream):
    body = b""
    while True:
        size = int(stream.readline().split(b";")[0], 16)
        body += stream.read(size)
        stream.readline()
        if size == 0:
            return body


class ProbeEndpoint:
    """Listens on the endpoints' ports, answers 200 with keep-alive, and keeps what it received."""

    def __init__(self, ports):
        self.received = []
        self.open = []
        self.listeners = []
        for port in ports:
            listener = socket.create_server(("127.0.0.1", port))
            self.listeners.append(listener)
            threading.Thread(target=self.accept, args=(listener,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for each in self.listeners + self.open:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # already closed by the peer
            each.close()

    def accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # closed: the probe is over
            self.open.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            with connection.makefile("rb") as stream:
                while message := read_message(stream):
                    if f" {TARGET} " in message.start:
                        self.received.append(message)
                    connection.sendall(ANSWER_HEAD + ANSWER)
        except (OSError, ValueError):
            return  # the proxy went away


def requests(port):
    """A GET and a POST with a field that passes every proxy and one that every proxy replaces."""
    host = f"Host: 127.0.0.1:{port}\r\n"
    common = host + "User-Agent: probe\r\nAccept: */*\r\nX-Client: kept\r\nX-Forwarded-For: 192.0.2.1\r\n"
    get = f"GET {TARGET} HTTP/1.1\r\n{common}\r\n"
    post = f"POST {TARGET} HTTP/1.1\r\n{common}Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
    return [get.encode(), post.encode()]


def connect(port, tls):
    plain = socket.create_connection(("127.0.0.1", port), 10)
    return certificate.client().wrap_socket(plain) if tls else plain


def exchange(port, tls=False):
    """Sends both requests over one connection; returns the answers."""
    answers = []
    with connect(port, tls) as connection:
        with connection.makefile("rb") as stream:
            for request in requests(port):
                connection.sendall(request)
                answers.append(read_message(stream))
    return answers


def normal(message, port):
    """The message without what may differ: connection fields, its own port, the pseudonym in Via."""
    headers = []
    for name, value in message.headers:
        if name in HOP_BY_HOP:
            continue
        if name == "via":
            value = value.split()[0] + " NAME"
        headers.append((name, value.replace(str(port), "PORT")))
    return Message(message.start.rstrip(), tuple(headers), message.body)


def differences(what, reference_name, reference, name, message):
    """Lines that say how MESSAGE differs from REFERENCE; empty when they are equal."""
    lines = []
    if reference.start != message.start:
        lines.append(f"{what}: {name} has {message.start!r}, {reference_name} has {reference.start!r}")
    ours, theirs = Counter(message.headers), Counter(reference.headers)
    lines += [f"{what}: only {name} has {n}: {v}" for n, v in sorted((ours - theirs).elements())]
    lines += [f"{what}: only {reference_name} has {n}: {v}" for n, v in sorted((theirs - ours).elements())]
    if reference.body != message.body:
        lines.append(f"{what}: {name} has a body of {len(message.body)} bytes, {reference_name} of {len(reference.body)}")
    return lines


def observe(endpoint, instance):
    """What INSTANCE forwarded and answered for both requests, normalised, keyed by what it is."""
    endpoint.received.clear()
    answers = exchange(instance.port, instance.tls)
    if None in answers or len(endpoint.received) != len(answers):
        raise BenchError(
            f"{instance.child.name} forwarded {len(endpoint.received)} of 2 probe requests "
            f"and answered {[a.start if a else None for a in answers]}"
        )
    seen = {}
    for label, sent, answer in zip(("GET", "POST"), endpoint.received, answers):
        seen[f"{label} to the endpoint"] = normal(sent, instance.port)
        seen[f"{label} to the client"] = normal(answer, instance.port)
    return seen


def observe_call(instance, workspace):
    """As `observe`, for a gRPC call, of which the endpoint itself tells what came to it."""
    body = workspace.folder("load") / "probe"
    body.write_bytes(GRPC_REQUEST)
    sent = {"content-type": "application/grpc", "te": "trailers", "user-agent": "probe", "x-client": "kept", "x-forwarded-for": "192.0.2.1"}
    done = subprocess.run(
        [require("nghttp"), "-nv", f"--data={body}", *(f"--header={name}: {value}" for name, value in sent.items()),
         f"http://127.0.0.1:{instance.port}{GRPC_CALL}"],
        capture_output=True, text=True, timeout=20, check=False,
    )
    fields = re.findall(r"recv \(stream_id=\d+\) (:?[^:]+): (.*)", done.stdout)
    content = sum(int(length) for length in re.findall(r"recv DATA frame <length=(\d+)", done.stdout))
    if content != len(GRPC_ANSWER) or not {(":status", "200"), ("grpc-status", "0")} <= set(fields):
        raise BenchError(f"{instance.child.name} answered a call with {fields} and {content} octets of content")
    seen = re.sub(r"via=(2|2\.0) \S+", "via=2 NAME", dict(fields).get("x-seen", "nothing")).replace(str(instance.port), "PORT")
    kept = tuple(sorted(field for field in fields if field[0] not in ("x-seen", "date", "last-modified", "etag", "via")))
    return {"call to the endpoint": Message(seen), "answer to the client": Message("200", kept)}


def compare(endpoint, instances):
    """Differences between the first of INSTANCES and every other, as lines."""
    return compare_seen([(instance.child.name, observe(endpoint, instance)) for instance in instances])


def compare_calls(instances, workspace):
    """As `compare`, for gRPC calls; the endpoints have to be up."""
    return compare_seen([(instance.child.name, observe_call(instance, workspace)) for instance in instances])


def compare_seen(seen):
    (reference_name, reference), others = seen[0], seen[1:]
    return [
        line
        for name, messages in others
        for what, message in messages.items()
        for line in differences(what, reference_name, reference[what], name, message)
    ], reference

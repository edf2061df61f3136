"""Drives wrk, for HTTP/2 h2load, or for WebSockets wsload, and reads what it measured."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .cases import GRPC_REQUEST
from .tools import BenchError, go_program, require

MARK = "sluice-bench "

DONE = """
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\\n%s{"requests":%%d,"micros":%%d,"bytes":%%d,"connect":%%d,"read":%%d,"write":%%d,' ..
    '"timeout":%%d,"status":%%d,"p50":%%d,"p99":%%d,"max":%%d}\\n',
    summary.requests, summary.duration, summary.bytes, e.connect, e.read, e.write,
    e.timeout, e.status, latency:percentile(50), latency:percentile(99), latency.max))
end
""" % MARK

CYCLE = """
local ready, next_one, count = {}, 0, 0
init = function(args)
  for _, path in ipairs(paths) do
    count = count + 1
    ready[count] = wrk.format(nil, path)
  end
end
request = function()
  next_one = next_one % count + 1
  return ready[next_one]
end
"""


@dataclass(frozen=True)
class Load:
    """One run of wrk: totals over all its connections. Times in microseconds."""

    requests: int
    micros: int
    bytes: int
    connect: int
    read: int
    write: int
    timeout: int
    status: int
    p50: int
    p99: int
    max: int

    @property
    def per_second(self):
        return self.requests * 1e6 / self.micros if self.micros else 0.0

    @property
    def errors(self):
        """What went wrong by kind; empty when nothing did. `status` counts answers of 400 and above."""
        kinds = ("connect", "read", "write", "timeout", "status")
        return {kind: getattr(self, kind) for kind in kinds if getattr(self, kind)}


def parse(output):
    """Reads the line that the script's done() or wsload printed; BenchError when it ended without it."""
    for line in output.splitlines():
        if line.startswith(MARK):
            return Load(**json.loads(line[len(MARK):]))
    shown = " | ".join(output.strip().splitlines()[-3:])
    raise BenchError(f"the load generator printed no result: {shown or 'nothing at all'}")


H2LOAD = {
    "seconds": r"finished in ([0-9.]+)(us|ms|s|m),",
    "requests": r"requests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout",
    "statuses": r"status codes: \d+ 2xx, \d+ 3xx, (\d+) 4xx, (\d+) 5xx",
    "traffic": r"traffic: .*\((\d+)\) total",
}
UNITS = {"us": 1, "ms": 1000, "s": 1000000, "m": 60000000}


def parse_h2load(output, log):
    """Reads what h2load printed, and its log: a line a request, whose third column is its time in microseconds."""
    found = {name: re.search(pattern, output) for name, pattern in H2LOAD.items()}
    if not all(found.values()):
        shown = " | ".join(output.strip().splitlines()[-3:])
        raise BenchError(f"the load generator printed no result: {shown or 'nothing at all'}")
    _, succeeded, failed, errored, timeout = (int(group) for group in found["requests"].groups())
    times = sorted(int(line.split("\t")[2]) for line in log.splitlines() if line.count("\t") >= 2)
    if not times:
        raise BenchError("the load generator logged no request")
    return Load(
        requests=succeeded,
        micros=round(float(found["seconds"].group(1)) * UNITS[found["seconds"].group(2)]),
        bytes=int(found["traffic"].group(1)),
        connect=0,
        read=failed,
        write=errored,
        timeout=timeout,
        status=sum(int(group) for group in found["statuses"].groups()),
        p50=times[len(times) // 2],
        p99=times[len(times) * 99 // 100],
        max=times[-1],
    )


def script(case):
    """The Lua that makes wrk send CASE. Without several paths wrk repeats one prepared request."""
    lines = []
    if case.post_bytes:
        lines.append('wrk.method = "POST"')
        lines.append(f'wrk.body = string.rep("x", {case.post_bytes})')
        lines.append('wrk.headers["Content-Type"] = "application/octet-stream"')
    if case.close:
        lines.append('wrk.headers["Connection"] = "close"')
    paths = case.paths()
    if len(paths) > 1:
        lines.append("local paths = {" + ", ".join(f'"{path}"' for path in paths) + "}")
        lines.append(CYCLE)
    return "\n".join(lines) + DONE


class Generator:
    """wrk with one thread for each of its cores."""

    def __init__(self, workspace, cores):
        self.command = require("wrk")
        self.workspace = workspace
        self.cores = cores

    def run(self, case, port, seconds):
        """Sends CASE to PORT for SECONDS (whole seconds, at least one) and returns the Load."""
        seconds = max(1, round(seconds))
        child = self.workspace.start("load", self.arguments(case, port, seconds), self.cores)
        try:
            child.process.wait(seconds + 30)
        except subprocess.TimeoutExpired:
            raise BenchError(f"the load generator did not end {case.name} in time") from None
        finally:
            self.workspace.stop(child)
        printed = child.log.read_text(errors="replace")
        if case.streams:
            log = self.h2_log()
            return parse_h2load(printed, log.read_text(errors="replace") if log.exists() else "")
        return parse(printed)

    def h2_log(self):
        return Path(self.workspace.folder("load")) / "h2load.log"

    def grpc_arguments(self, case):
        if not case.grpc:
            return []
        body = Path(self.workspace.folder("load")) / "call"
        body.write_bytes(GRPC_REQUEST)
        return [f"--data={body}", "--header=content-type: application/grpc", "--header=te: trailers"]

    def arguments(self, case, port, seconds):
        if case.websocket:
            program = go_program("wsload", self.workspace)
            return [program, "load", f"127.0.0.1:{port}", case.connections, seconds, case.response_bytes]
        if case.streams:
            log = self.h2_log()
            log.unlink(missing_ok=True)
            scheme = "https" if case.tls else "http"
            return [require("h2load"), "-t1", f"-c{case.connections}", f"-m{case.streams}", f"-D{seconds}",
                    "--npn-list=h2", *self.grpc_arguments(case), f"--log-file={log}", f"{scheme}://127.0.0.1:{port}{case.paths()[0]}"]
        path = Path(self.workspace.folder("load")) / f"{case.name}.lua"
        path.write_text(script(case))
        threads = min(len(self.cores), case.connections)
        return [self.command, f"-t{threads}", f"-c{case.connections}", f"-d{seconds}s",
                "--timeout", "10s", "-s", path, f"{'https' if case.tls else 'http'}://127.0.0.1:{port}{case.paths()[0]}"]

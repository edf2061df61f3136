"""Child processes on chosen cores: start, wait until ready, read their costs, end all of them."""

import ctypes
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from .tools import BenchError

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1


# Below the range from which systems take the ports of outgoing connections: none of those can take a port between
# the moment that it is found free and the one in which its server listens.
PORTS = range(12_000, 32_000)


def free_ports(count):
    """Distinct loopback ports that were free a moment ago."""
    sockets = []
    try:
        for port in random.sample(PORTS, len(PORTS)):
            if len(sockets) == count:
                break
            each = socket.socket()
            sockets.append(each)
            try:
                each.bind(("127.0.0.1", port))
            except OSError:
                sockets.pop().close()
        if len(sockets) < count:
            raise BenchError(f"no {count} free ports from {PORTS.start} to {PORTS.stop}")
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def raise_open_files():
    """Lifts the soft limit of open files to the hard one, for children too; returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def tree(pid):
    """PID and every living descendant."""
    found = [pid]
    for each in found:
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            try:
                found.extend(int(child) for child in task.read_text().split())
            except OSError:
                continue  # the thread ended between the listing and the read
    return found


def cpu_seconds(pid):
    """CPU time of PID's process tree: user and system, every thread, those that ended included.

    Read from each process's CPU clock, so it counts in nanoseconds where /proc/PID/stat counts in
    hundredths of a second.
    """
    total = 0.0
    clock = ctypes.c_int()
    for each in tree(pid):
        if LIBC.clock_getcpuclockid(each, ctypes.byref(clock)) == 0:
            total += time.clock_gettime(clock.value)
    return total


def rss_bytes(pid):
    """Resident memory of PID's process tree."""
    total = 0
    for each in tree(pid):
        try:
            status = Path(f"/proc/{each}/status").read_text()
        except OSError:
            continue  # ended meanwhile
        for line in status.splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1]) * 1024
    return total


def java_pid(pid):
    """The process of the tree that runs a JVM: PID itself when the launcher replaced itself."""
    for each in tree(pid):
        try:
            if Path(os.readlink(f"/proc/{each}/exe")).name == "java":
                return each
        except OSError:
            continue
    return None


class Child:
    """One started program. Created and ended by a Workspace."""

    def __init__(self, name, process, log):
        self.name = name
        self.process = process
        self.log = log

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process.poll() is None

    def last_words(self):
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return " | ".join(lines[-3:]) or "it printed nothing"

    def await_port(self, port, seconds=30):
        """Waits until PORT accepts a connection; fails when the program ends or time is up."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.running():
                raise BenchError(f"{self.name} ended at start: {self.last_words()}")
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise BenchError(f"{self.name} did not open port {port} in {seconds} s: {self.last_words()}")

    def stop(self):
        """Ends the whole tree: SIGTERM, then SIGKILL to whatever is left after fifteen seconds."""
        pids = tree(self.pid) if self.running() else []
        if self.running():
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for pid in pids[1:]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


def interrupt(*_):
    raise KeyboardInterrupt


class Workspace:
    """A temporary folder and the children started in it; leaving the `with` block ends both."""

    def __init__(self, keep=False):
        self.keep = keep
        self.path = Path(tempfile.mkdtemp(prefix="sluice-bench-"))
        self.path.chmod(0o755)
        self.children = []

    def __enter__(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, interrupt)
        return self

    def __exit__(self, *_):
        for child in reversed(self.children):
            child.stop()
        if not self.keep:
            shutil.rmtree(self.path, ignore_errors=True)

    def folder(self, name):
        path = self.path / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def start(self, name, command, cores, env=None):
        """Starts COMMAND pinned to CORES; it dies with this process even if this one is killed."""
        parent = os.getpid()

        def prepare():
            os.sched_setaffinity(0, cores)
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

        log = self.folder("log") / f"{name}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                cwd=self.path,
                preexec_fn=prepare,
            )
        child = Child(name, process, log)
        self.children.append(child)
        return child

    def stop(self, child):
        child.stop()
        self.children.remove(child)

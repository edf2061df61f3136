"""A Toxiproxy server and its proxies: found, started, broken and mended over its HTTP API."""

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from .processes import free_ports
from .tools import BenchError, first_line

VERSION = "2.12.0"
CALLS_ITSELF = "toxiproxy-server version"


def cache():
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sluice" / f"toxiproxy-{VERSION}"


def find():
    """Path of a Toxiproxy server: on PATH, among Go's programs, or where the outage suite builds one."""
    places = [*os.environ.get("PATH", "").split(os.pathsep), str(cache())]
    if shutil.which("go"):
        gopath = subprocess.run(["go", "env", "GOPATH"], stdout=subprocess.PIPE, text=True, timeout=30, check=False)
        places.append(str(Path(gopath.stdout.strip()) / "bin"))
    for place in places:
        for name in ("toxiproxy-server", "server"):
            program = shutil.which(name, path=place)
            if program and first_line(program, "--version").startswith(CALLS_ITSELF):
                return program
    raise BenchError(
        "no Toxiproxy server: run the outage suite once, which builds one, or "
        f"`go install github.com/Shopify/toxiproxy/v2/cmd/server@v{VERSION}`"
    )


class Toxiproxy:
    """A server of this run's own."""

    def __init__(self, workspace, cores):
        self.port = free_ports(1)[0]
        command = [find(), "-host", "127.0.0.1", "-port", str(self.port)]
        child = workspace.start("toxiproxy", command, cores, {"LOG_LEVEL": "error"})
        child.await_port(self.port)

    def call(self, method, path, content=None):
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.read()
        except urllib.error.HTTPError as problem:
            text = problem.read().decode(errors="replace").strip()
            raise BenchError(f"toxiproxy refused {method} {path}: {problem.code} {text}") from None

    def proxy(self, name, to_port):
        return ProxiedEndpoint(self, name, free_ports(1)[0], to_port)


class ProxiedEndpoint:
    """One proxy before one endpoint."""

    def __init__(self, server, name, port, to_port):
        self.server = server
        self.name = name
        self.port = port
        self.to_port = to_port
        self.create()

    def create(self):
        content = {"name": self.name, "listen": f"127.0.0.1:{self.port}", "upstream": f"127.0.0.1:{self.to_port}"}
        for _ in range(50):
            try:
                self.server.call("POST", "/proxies", content)
                return
            except BenchError as problem:
                if "address already in use" not in str(problem):
                    raise
                time.sleep(0.1)
        raise BenchError(f"port {self.port} of {self.name} does not become free")

    def renew(self):
        """Mends everything by replacing the proxy: taking single toxics away can wait for ever in Toxiproxy."""
        self.server.call("DELETE", f"/proxies/{self.name}")
        self.create()

    def enabled(self, on):
        self.server.call("POST", f"/proxies/{self.name}", {"enabled": on})

    def toxic(self, kind, stream, **attributes):
        content = {"name": f"{kind}-{stream}", "type": kind, "stream": stream, "attributes": attributes}
        self.server.call("POST", f"/proxies/{self.name}/toxics", content)

    def without(self, kind, stream):
        self.server.call("DELETE", f"/proxies/{self.name}/toxics/{kind}-{stream}")

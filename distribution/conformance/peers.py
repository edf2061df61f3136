"""The processes that a conformance run needs: started, waited for, and ended with it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time


class Failure(Exception):
    """Why a run cannot be made, in one line."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def certificate(folder):
    """Makes cert.pem and key.pem for localhost; whether that was possible."""
    openssl = shutil.which("openssl")
    if not openssl:
        return False
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    return True


class Peers:
    """A context whose end is the end of everything that was started in it."""

    def __init__(self, folder):
        self.folder = folder
        self.started = []

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the end below comes then too
        return self

    def __exit__(self, *_):
        for process in reversed(self.started):
            process.terminate()
        for process in reversed(self.started):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, name, command, port):
        """Starts COMMAND and waits until something listens on PORT."""
        log = self.folder / f"{name}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(command, cwd=self.folder, stdout=out, stderr=subprocess.STDOUT)
        self.started.append(process)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if process.poll() is not None:
                    break
                time.sleep(0.1)
        raise Failure(f"{name} does not listen: {log.read_text(errors='replace')[-2000:]}")

    def start_sluice(self, home, config, port, name="sluice"):
        launcher = home.resolve() / "bin" / "sluice"
        if not os.access(launcher, os.X_OK):
            raise Failure(f"no {launcher}; build it with: mvn -q package -DskipTests")
        file = self.folder / f"{name}.conf"
        file.write_text(config)
        self.start(name, [launcher, "run", file], port)

"""Finds the programs that the benchmarks need and says in one line what is missing."""

import os
import re
import shutil
import subprocess
from pathlib import Path


class BenchError(Exception):
    """A condition that ends the run with one line on stderr and exit status 2."""


PACKAGES = {"nginx": "nginx", "haproxy": "haproxy", "wrk": "wrk", "go": "golang-go"}
SBIN = os.pathsep.join(["/usr/local/sbin", "/usr/sbin", "/sbin"])


def require(name, hint=""):
    """Returns the path of program NAME or raises BenchError with what to install."""
    found = shutil.which(name) or shutil.which(name, path=SBIN)
    if found is None:
        package = PACKAGES.get(name, name)
        raise BenchError(f"{name} not found: install it (Debian package {package}){hint}")
    return found


def go_program(name, workspace):
    """Builds the Go program in the folder NAME beside this package, once in a workspace; returns its path."""
    program = workspace.folder("programs") / name
    if not program.exists():
        source = Path(__file__).resolve().parent.parent / name
        done = subprocess.run(
            [require("go"), "build", "-o", program, "."],
            cwd=source, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )
        if done.returncode:
            raise BenchError(f"{name} does not build: {done.stdout.strip()}")
    return program


def first_line(*command):
    """First non-empty line that COMMAND prints on stdout or stderr; empty when it cannot run."""
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return next((line.strip() for line in done.stdout.splitlines() if line.strip()), "")


def jcmd(java_home):
    """Path of a jcmd from JAVA_HOME or the search path; None when there is only a runtime."""
    if java_home:
        candidate = Path(java_home) / "bin" / "jcmd"
        if candidate.exists():
            return str(candidate)
    return shutil.which("jcmd")


def duration_seconds(text):
    """Reads 500ms, 5s, 2m; a bare number is refused, as Sluice's own config does."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m)", text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a duration such as 500ms, 5s or 2m")
    return float(match[1]) * {"ms": 0.001, "s": 1, "m": 60}[match[2]]


def core_list(text):
    """Reads a list of cores such as 1 or 1,2 or 1-3 into a sorted list."""
    cores = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        cores.update(range(int(first), int(last or first) + 1))
    return sorted(cores)

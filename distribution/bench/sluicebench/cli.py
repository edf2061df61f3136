"""The two commands: options, and what happens in which order."""

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

from . import cases, chart, held, measure, report
from .processes import Workspace, raise_open_files
from .proxies import HaProxy, Nginx, Sluice
from .tools import BenchError, core_list, duration_seconds, first_line

BENCH = Path(__file__).resolve().parent.parent
IO_URING = "sluice-io-uring"
DISTRIBUTION = BENCH.parent / "target" / "sluice"


def value(reader):
    """An argparse type that keeps the reader's own message."""

    def read(text):
        try:
            return reader(text)
        except ValueError as problem:
            raise argparse.ArgumentTypeError(str(problem)) from None

    return read


def names(text):
    return [name.strip() for name in text.split(",") if name.strip()]


def common(parser):
    parser.add_argument("--sluice", default=DISTRIBUTION, metavar="DIR", help="unpacked distribution (default: %(default)s)")
    parser.add_argument("--java-home", metavar="DIR", help="JVM for Sluice (default: what its launcher finds)")
    parser.add_argument("--proxy-core", type=int, default=0, metavar="N", help="core of the proxy (default: 0)")
    parser.add_argument(
        "--load-cores", type=value(core_list), default=[1], metavar="LIST",
        help="cores of the load generator and the endpoints, such as 1 or 1-3 (default: 1)",
    )
    parser.add_argument("--out", type=Path, default=BENCH.parent / "target" / "bench", metavar="DIR", help="where results go (default: %(default)s)")
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder with configs and logs")


def run_options():
    parser = argparse.ArgumentParser(prog="run", description="Compares the CPU cost of a request in nginx, HAProxy and Sluice.")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, each with every proxy and case (default: 5)")
    parser.add_argument("--cases", type=names, default=[], metavar="LIST", help="comma-separated case names (default: all)")
    parser.add_argument("--duration", type=value(duration_seconds), default=5.0, metavar="TIME", help="measured time of one sample (default: 5s)")
    parser.add_argument("--settle", type=value(duration_seconds), default=1.0, metavar="TIME", help="load right before each sample, not measured (default: 1s)")
    parser.add_argument("--warm-up", type=value(duration_seconds), default=10.0, metavar="TIME", help="load on Sluice for each case, once a process (default: 10s)")
    parser.add_argument("--proxies", type=names, default=["nginx", "haproxy", "sluice"], metavar="LIST", help=f"which take part, of nginx, haproxy, sluice and {IO_URING} (default: nginx,haproxy,sluice)")
    parser.add_argument("--also", action="append", default=[], metavar="NAME=DIR", help="another unpacked Sluice to measure in the same run; may be repeated")
    parser.add_argument("--allow-differences", action="store_true", help="measure even if the proxies do unequal work")
    parser.add_argument("--enforce", action="store_true", help="exit with 1 when a goal is missed or not measured")
    parser.add_argument("--list", action="store_true", help="list the cases and exit")
    common(parser)
    return parser


def check_cores(options):
    usable = os.sched_getaffinity(0)
    wanted = {options.proxy_core, *options.load_cores}
    if not wanted <= usable:
        raise BenchError(f"core {min(wanted - usable)} is not available (usable: {', '.join(map(str, sorted(usable)))})")
    if options.proxy_core in options.load_cores:
        raise BenchError(f"core {options.proxy_core} cannot be the proxy's and the load generator's; two cores are needed")


def make_proxies(options):
    makers = {
        "nginx": Nginx,
        "haproxy": HaProxy,
        "sluice": lambda: Sluice(options.sluice, options.java_home),
        IO_URING: lambda: Sluice(options.sluice, options.java_home, IO_URING, "io-uring"),
    }
    unknown = [name for name in options.proxies if name not in makers]
    if unknown or not options.proxies:
        raise BenchError(f"unknown proxy {', '.join(unknown) or '(none given)'} (known: {', '.join(makers)})")
    made = [makers[name]() for name in options.proxies]
    for pair in options.also:
        name, _, home = pair.partition("=")
        if not name or not home or name in makers:
            raise BenchError(f"--also takes NAME=DIR with a new name, not {pair!r}")
        made.append(Sluice(home, options.java_home, name))
    return made


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def environment(proxies, runtimes):
    """What a reader needs in order to judge the numbers."""
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "kernel": platform.release(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "versions": {proxy.name: proxy.version() for proxy in proxies},
        "jvm": {name: first_line(path, "-version") for name, path in runtimes.items() if path},
        "sluice-opts": os.environ.get("SLUICE_OPTS", ""),
    }


def say(line):
    print(line, file=sys.stderr, flush=True)


def guarded(body):
    """Runs BODY; a BenchError is one line and status 2, an interrupt status 130."""
    try:
        return body()
    except BenchError as problem:
        say(f"bench: {problem}")
        return 2
    except KeyboardInterrupt:
        say("bench: interrupted")
        return 130


def run(arguments=None):
    parser = run_options()
    options = parser.parse_args(arguments)
    try:
        chosen = cases.select(options.cases)
    except ValueError as problem:
        parser.error(str(problem))
    if options.list:
        for case in chosen:
            print(f"{case.name:14}{case.title} ({', '.join(case.kinds)})")
        return 0
    return guarded(lambda: compare(options, chosen))


def compare(options, chosen):
    check_cores(options)
    raise_open_files()
    proxies = make_proxies(options)
    plan = measure.Plan(
        cases=[c for c in chosen if any(p.kind in c.kinds for p in proxies)],
        proxies=proxies,
        rounds=options.rounds,
        seconds=options.duration,
        settle=options.settle,
        warm={"nginx": 1.0, "haproxy": 1.0, "sluice": options.warm_up},
        proxy_cores=[options.proxy_core],
        load_cores=options.load_cores,
        allow_differences=options.allow_differences,
    )
    with Workspace(options.keep) as workspace:
        if options.keep:
            say(f"keeping {workspace.path}")
        measurement = measure.Measurement(plan, workspace, say)
        samples = measurement.run()
    about = environment(proxies, measurement.runtimes)
    about["options"] = {
        "rounds": options.rounds, "seconds": options.duration, "settle": options.settle, "warm-up": options.warm_up
    }
    digest = report.digest(plan.cases, samples, [(p.name, p.kind) for p in proxies])
    print(report.table(digest))
    write(options.out, "results.json", json.dumps(report.document(about, digest, samples, measurement.forwarded), indent=1))
    write(options.out, "results.svg", chart.svg(digest, caption(about)))
    missed = [v for case in digest for v in case["verdicts"] if not v.met]
    return 1 if missed and options.enforce else 0


def caption(about):
    versions = ", ".join(filter(None, about["versions"].values()))
    options = about["options"]
    return f"{versions}; {about['processor']}; median of {options['rounds']} rounds of {options['seconds']:g} s; one core"


def write(folder, name, content):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content)
    say(f"wrote {folder / name}")


def memory_options():
    parser = argparse.ArgumentParser(prog="memory", description="Measures what Sluice holds for slow readers and idle connections.")
    parser.add_argument("--cases", type=names, default=[], metavar="LIST", help=f"of {', '.join(held.CASES)} (default: all)")
    parser.add_argument("--size", type=int, default=128, metavar="MIB", help="body of download and upload in MiB (default: 128)")
    parser.add_argument("--rate", type=int, default=8, metavar="MB", help="MB/s that the slow side reads (default: 8)")
    parser.add_argument("--connections", type=int, default=10000, help="idle connections (default: 10000)")
    parser.add_argument("--enforce", action="store_true", help="exit with 1 when a goal is missed or not measured")
    common(parser)
    return parser


def memory(arguments=None):
    parser = memory_options()
    options = parser.parse_args(arguments)
    unknown = [name for name in options.cases if name not in held.CASES]
    if unknown:
        parser.error(f"unknown case {', '.join(unknown)} (known: {', '.join(held.CASES)})")
    return guarded(lambda: hold(options))


def hold(options):
    check_cores(options)
    os.sched_setaffinity(0, options.load_cores)
    files = raise_open_files()
    for case in options.cases or held.CASES:
        needed = held.open_files(case, options.connections)
        if needed > files:
            raise BenchError(f"{case}: {options.connections} connections need {needed} open files, the hard limit is {files} (ulimit -Hn)")
    proxy = Sluice(options.sluice, options.java_home)
    with Workspace(options.keep) as workspace:
        bench = held.Bench(options, proxy, workspace)
        findings = []
        for case in options.cases or held.CASES:
            say(f"measuring {case}")
            findings.append(bench.run(case))
            print("\n".join(findings[-1].lines()), flush=True)
    about = environment([proxy], {proxy.name: bench.runtime})
    content = {"environment": about, "cases": [finding.as_dict() for finding in findings]}
    write(options.out, "memory.json", json.dumps(content, indent=1))
    return 1 if options.enforce and not all(finding.met for finding in findings) else 0

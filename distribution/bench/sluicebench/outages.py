"""The command `outage`: the same outages for every contender, and the table of what their clients saw.

All contenders run at the same time, each with endpoints, proxies and load of its own, so that whatever else the
machine does happens to all of them.
"""

import argparse
import asyncio
import json
import math
import os
import time
from dataclasses import asdict, dataclass
from statistics import median

from .cases import Shape
from .cli import common, environment, guarded, names, say, value, write
from .contenders import contenders, refusal
from .openload import OpenLoad
from .processes import Workspace, free_ports, raise_open_files
from .tools import BenchError, duration_seconds, require
from .toxiproxy import Toxiproxy

ENDPOINTS = 3
SHAPE = Shape()  # what Proxy.start is to start: one route, HTTP
DELAY_MILLIS = 20
STEP = 0.25  # seconds; the grain of the time to recover

# An endpoint turns into one that fails at once when its file is there.
NGINX = """
daemon off;
pid {folder}/endpoints.pid;
error_log stderr warn;
{user}
worker_processes 1;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  {servers}
}}
"""

SERVER = """
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    add_header X-Endpoint {name} always;
    location = /health {{ return 200 "well"; }}
    location / {{ if (-f {folder}/{name}.sick) {{ return 500 "sick"; }} return 200 "{content}"; }}
  }}
"""


def serve(workspace, cores, ports_by_name):
    """Starts the nginx that serves as every endpoint; returns the folder where a file makes one sick."""
    folder = workspace.folder("endpoints")
    servers = "".join(
        SERVER.format(port=port, name=name, folder=folder, content="x" * 128) for name, port in ports_by_name.items()
    )
    config = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    config.write_text(NGINX.format(folder=folder, user=user, servers=servers))
    command = [require("nginx", ": it serves as the endpoints"), "-e", "stderr", "-p", folder, "-c", config]
    workspace.start("endpoints", command, cores).await_port(list(ports_by_name.values())[-1])
    return folder


class Site:
    """The endpoints of one contender, each behind its own proxy; the first one is the one that gets sick."""

    def __init__(self, folder, toxiproxy, ports_by_name):
        self.proxies = [toxiproxy.proxy(name, port) for name, port in ports_by_name.items()]
        self.flag = folder / f"{self.sick.name}.sick"
        for proxy in self.proxies:
            self.delay(proxy)

    @property
    def ports(self):
        return [proxy.port for proxy in self.proxies]

    @property
    def sick(self):
        return self.proxies[0]

    @staticmethod
    def delay(proxy):
        proxy.toxic("latency", "downstream", latency=DELAY_MILLIS)

    def heal(self):
        self.flag.unlink(missing_ok=True)
        self.sick.renew()
        self.delay(self.sick)

    # ---- what happens to the first endpoint ----

    def dies(self):
        self.sick.enabled(False)

    def blackholes(self):
        for stream in ("upstream", "downstream"):
            self.sick.toxic("timeout", stream, timeout=0)

    def resets(self):
        self.sick.toxic("reset_peer", "downstream", timeout=0)

    def slows(self):
        self.sick.toxic("latency", "upstream", latency=9 * DELAY_MILLIS)

    def fails_fast(self):
        self.flag.touch()
        self.sick.without("latency", "downstream")


@dataclass(frozen=True)
class Scenario:
    """What happens, at which seconds of the outage, and to which method of the Site."""

    name: str
    title: str
    strike: str
    flaps: bool = False

    def events(self, site, begin, end):
        """(time, function) pairs from BEGIN to the healing at END."""
        strike = getattr(site, self.strike)
        if not self.flaps:
            return [(begin, strike), (end, site.heal)]
        happening = []
        for number in range(int(end - begin)):
            happening.append((begin + number, strike if number % 2 == 0 else lambda: site.sick.enabled(True)))
        return [*happening, (end, site.heal)]


SCENARIOS = [
    Scenario("dies", "refuses connections and breaks those it has", "dies"),
    Scenario("blackholes", "accepts connections and never says anything", "blackholes"),
    Scenario("resets", "resets each connection instead of answering", "resets"),
    Scenario("10x slow", "takes ten times as long", "slows"),
    Scenario("500 fast", "answers 500 at once, while its health check is fine", "fails_fast"),
    Scenario("flaps", "dies and comes back every second", "dies", flaps=True),
]


@dataclass(frozen=True)
class Cell:
    """One contender in one scenario. Times in milliseconds, `recovered` in seconds, None for not within the outage."""

    scenario: str
    contender: str
    requests: int
    failures: int
    outcomes: dict
    healthy_p99: float
    outage_p99: float
    settled_p99: float
    recovered: object


def percentile(values, share):
    """The smallest value that SHARE of VALUES do not exceed; NaN of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def p99_millis(answers):
    return 1000 * percentile([answer.took for answer in answers], 0.99)


def recovered(answers, begin, end, bound):
    """Seconds from BEGIN to the first step from which on every answer that was due was a 200 within BOUND seconds.

    One slow answer in a hundred is allowed in each stretch, as in a p99.
    """
    steps = int((end - begin) / STEP)
    good_from = steps
    for number in reversed(range(steps)):
        due = [a for a in answers if begin + number * STEP <= a.due < begin + (number + 1) * STEP]
        if any(a.failed for a in due) or sum(a.took > bound for a in due) > len(due) / 100:
            break
        good_from = number
    return None if good_from == steps else good_from * STEP


def digest(scenario, contender, answers, begin, end, settle):
    """The cell that ANSWERS make; BEGIN to END is the outage, its last SETTLE seconds count as after detection."""
    healthy = [a for a in answers if a.due < begin]
    during = [a for a in answers if begin <= a.due < end]
    after = [a for a in answers if a.due >= begin]
    outcomes = {}
    for answer in after:
        outcomes[answer.outcome] = outcomes.get(answer.outcome, 0) + 1
    healthy_p99 = p99_millis(healthy)
    return Cell(
        scenario=scenario.name,
        contender=contender,
        requests=len(after),
        failures=sum(a.failed for a in after),
        outcomes=outcomes,
        healthy_p99=healthy_p99,
        outage_p99=p99_millis(during),
        settled_p99=p99_millis([a for a in during if a.due >= end - settle]),
        recovered=recovered(answers, begin, end, 2 * healthy_p99 / 1000),
    )


@dataclass(frozen=True)
class Plan:
    per_second: float
    warm: float
    healthy: float
    outage: float
    settle: float
    after: float
    rounds: int


async def together(loads):
    """Runs (load, seconds, events) triples at the same time."""
    await asyncio.gather(*(load.run(seconds, events) for load, seconds, events in loads))


def measure(workspace, cores, sites, scenario, plan):
    """Starts every contender of SITES afresh, warms all, and puts all through the scenario; returns their cells."""
    instances = []
    try:
        for contender, site in sites.items():
            instances.append(contender.start(workspace, cores, site.ports, SHAPE))
        ports = [instance.port for instance in instances]
        asyncio.run(together([(OpenLoad(port, "/", plan.per_second), plan.warm, []) for port in ports]))
        begin, end = plan.healthy, plan.healthy + plan.outage
        loads = [OpenLoad(port, "/", plan.per_second) for port in ports]
        events = [scenario.events(site, begin, end) for site in sites.values()]
        asyncio.run(together([(load, end + plan.after, what) for load, what in zip(loads, events)]))
        for instance in instances:
            instance.check_alive()
    finally:
        for instance in instances:
            workspace.stop(instance.child)
    return [
        digest(scenario, contender.name, load.answers, begin, end, plan.settle)
        for contender, load in zip(sites, loads)
    ]


def summary(cells):
    """One cell of several rounds of the same: failures add up, times are medians."""
    outcomes = {}
    for cell in cells:
        for outcome, count in cell.outcomes.items():
            outcomes[outcome] = outcomes.get(outcome, 0) + count
    late = median(math.inf if cell.recovered is None else cell.recovered for cell in cells)
    return Cell(
        scenario=cells[0].scenario,
        contender=cells[0].contender,
        requests=sum(cell.requests for cell in cells),
        failures=sum(cell.failures for cell in cells),
        outcomes=outcomes,
        healthy_p99=median(cell.healthy_p99 for cell in cells),
        outage_p99=median(cell.outage_p99 for cell in cells),
        settled_p99=median(cell.settled_p99 for cell in cells),
        recovered=None if math.isinf(late) else late,
    )


def summaries(cells):
    """The summaries of CELLS, in the order in which scenarios and contenders first appear."""
    grouped = {}
    for cell in cells:
        grouped.setdefault((cell.scenario, cell.contender), []).append(cell)
    order = list(dict.fromkeys(scenario for scenario, _ in grouped))
    return [summary(group) for key, group in sorted(grouped.items(), key=lambda item: order.index(item[0][0]))]


def seconds_text(seconds):
    return "not within the outage" if seconds is None else f"{seconds:.2f} s"


def table(cells):
    """Markdown: a row for each scenario and contender."""
    lines = [
        "| endpoint | policy | failures | p99 before | p99 of the outage | p99 of its end | recovered after |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for cell in cells:
        lines.append(
            f"| {cell.scenario} | {cell.contender} | {cell.failures} of {cell.requests} | {cell.healthy_p99:.0f} ms "
            f"| {cell.outage_p99:.0f} ms | {cell.settled_p99:.0f} ms | {seconds_text(cell.recovered)} |"
        )
    return "\n".join(lines)


def options():
    parser = argparse.ArgumentParser(
        prog="outage", description="Puts Sluice, HAProxy and nginx through the same outages of one of three endpoints."
    )
    known = ", ".join(s.name for s in SCENARIOS)
    parser.add_argument("--scenarios", type=names, default=[], metavar="LIST", help=f"of: {known} (default: all)")
    parser.add_argument("--contenders", type=names, default=[], metavar="LIST", help="names as in the table (default: all that this build has)")
    parser.add_argument("--rounds", type=int, default=4, help="rounds of all scenarios (default: 4)")
    parser.add_argument("--rate", type=float, default=150, metavar="N", help="requests a second for each contender (default: 150)")
    parser.add_argument("--warm-up", type=value(duration_seconds), default=5.0, metavar="TIME", help="load before each scenario (default: 5s)")
    parser.add_argument("--outage", type=value(duration_seconds), default=7.0, metavar="TIME", help="how long the endpoint is sick (default: 7s)")
    common(parser)
    return parser


def chosen(wanted, known, what):
    """The members of KNOWN (by name) that are WANTED, all when none is; BenchError for one that is not known."""
    for name in wanted:
        if name not in known:
            raise BenchError(f"unknown {what} {name!r} (known: {', '.join(known)})")
    return [known[name] for name in known if not wanted or name in wanted]


def outage(arguments=None):
    parsed = options().parse_args(arguments)
    return guarded(lambda: compare(parsed))


def compare(parsed):
    raise_open_files()
    scenarios = chosen(parsed.scenarios, {s.name: s for s in SCENARIOS}, "scenario")
    taking_part = [make() for make in chosen(parsed.contenders, contenders(parsed), "contender")]
    plan = Plan(
        parsed.rate, parsed.warm_up, healthy=2.0, outage=parsed.outage, settle=2.0, after=1.0, rounds=parsed.rounds
    )
    cores = sorted(os.sched_getaffinity(0))
    cells, skipped = [], {}
    with Workspace(parsed.keep) as workspace:
        for contender in list(taking_part):
            reason = refusal(contender, workspace.folder("check"))
            if reason:
                say(f"without {contender.name}: {reason}")
                skipped[contender.name] = reason
                taking_part.remove(contender)
        sites = build(workspace, cores, taking_part)
        began = time.monotonic()
        for number in range(plan.rounds):
            for scenario in scenarios:
                say(f"{time.monotonic() - began:4.0f} s  round {number + 1} of {plan.rounds}: {scenario.name}")
                cells += measure(workspace, cores, sites, scenario, plan)
    text = table(summaries(cells))
    print(text)
    about = environment(taking_part, {})
    about["options"] = asdict(plan)
    about["load average"] = os.getloadavg()
    content = {
        "environment": about,
        "skipped": skipped,
        "summaries": [asdict(cell) for cell in summaries(cells)],
        "cells": [asdict(cell) for cell in cells],
    }
    write(parsed.out, "outages.json", json.dumps(content, indent=1))
    write(parsed.out, "outages.md", text + "\n")
    return 0


def build(workspace, cores, taking_part):
    """A Site for each contender."""
    ports = iter(free_ports(ENDPOINTS * len(taking_part)))
    endpoints = [{f"c{number}e{e}": next(ports) for e in range(ENDPOINTS)} for number in range(len(taking_part))]
    folder = serve(workspace, cores, {name: port for each in endpoints for name, port in each.items()})
    toxiproxy = Toxiproxy(workspace, cores)
    return {contender: Site(folder, toxiproxy, each) for contender, each in zip(taking_part, endpoints)}

"""Runs the rounds: every proxy in turn does every case, and each turn becomes one Sample."""

import http.client
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from . import certificate, probe
from .endpoints import Endpoints
from .load import Generator
from .processes import cpu_seconds
from .tools import BenchError

TICK = 100  # USER_HZ, fixed by the kernel's interface


@dataclass(frozen=True)
class Sample:
    """One proxy doing one case once."""

    case: str
    proxy: str
    round: int
    requests: int
    per_second: float
    cpu_micros: float
    """CPU time of the proxy's process tree for each completed request."""
    busy: float
    """Share of one core that the proxy used; near 1 when the proxy was the bottleneck."""
    foreign: float
    """Share of the proxy's core that anything else used: the noise of the machine."""
    p50_micros: int
    p99_micros: int
    endpoint_connections: int
    """Connections that the proxy opened to the endpoints during the run."""

    def as_dict(self):
        return asdict(self)


@dataclass(frozen=True)
class Plan:
    cases: list
    proxies: list
    rounds: int
    seconds: float
    settle: float
    warm: dict
    """Seconds of load before the first round, for each case, by kind of proxy."""
    proxy_cores: list
    load_cores: list
    allow_differences: bool = False


def busy_seconds(core):
    """Time that CORE has not been idle since boot."""
    for line in Path("/proc/stat").read_text().splitlines():
        fields = line.split()
        if fields[0] == f"cpu{core}":
            user, nice, system, _idle, _wait, irq, softirq, steal = (int(f) for f in fields[1:9])
            return (user + nice + system + irq + softirq + steal) / TICK
    raise BenchError(f"/proc/stat has no core {core}")


class Measurement:
    """A whole run. `say` takes progress lines."""

    def __init__(self, plan, workspace, say):
        self.plan = plan
        self.workspace = workspace
        self.say = say
        self.samples = []
        self.forwarded = {}
        self.runtimes = {}
        self.generator = Generator(workspace, plan.load_cores)

    def run(self):
        for group in dict.fromkeys(case.group for case in self.plan.cases):
            self.run_group([case for case in self.plan.cases if case.group == group])
        return self.samples

    def run_group(self, cases):
        endpoints = Endpoints(self.workspace, self.plan.load_cores, http2=cases[0].grpc)
        before = list(self.workspace.children)
        if cases[0].grpc:
            endpoints.start()
            instances = self.start_instances(cases, endpoints)
            self.check_equal_work(probe.compare_calls(list(instances.values()), self.workspace), len(instances))
        else:
            with probe.ProbeEndpoint(endpoints.ports) as probed:
                instances = self.start_instances(cases, endpoints)
                self.check_equal_work(probe.compare(probed, list(instances.values())), len(instances))
            if cases[0].websocket:
                endpoints.start_echo()
            else:
                endpoints.start()
        self.warm(cases, instances)
        for number in range(self.plan.rounds):
            for case in cases if number % 2 == 0 else reversed(cases):
                self.run_round(number, case, instances, endpoints)
        for child in [c for c in self.workspace.children if c not in before]:
            self.workspace.stop(child)

    def takes_part(self, proxy, case):
        return proxy.kind in case.kinds

    def start_instances(self, cases, endpoints):
        """One process for each proxy and shape; all stay up, one works at a time."""
        instances = {}
        for shape in dict.fromkeys(case.shape for case in cases):
            for proxy in self.plan.proxies:
                if any(case.shape == shape and self.takes_part(proxy, case) for case in cases):
                    instance = proxy.start(self.workspace, self.plan.proxy_cores, endpoints.ports, shape)
                    instances[proxy.name, shape] = instance
                    self.runtimes[proxy.name] = instance.runtime()
        return instances

    def check_equal_work(self, compared, count):
        lines, self.forwarded = compared
        for line in lines:
            self.say(f"unequal work: {line}")
        if lines and not self.plan.allow_differences:
            raise BenchError("the proxies do not do equal work (see above); --allow-differences measures anyway")
        self.say(f"equal work: {count} processes forward and answer alike")

    def warm(self, cases, instances):
        for (name, shape), instance in instances.items():
            for case in cases:
                if case.shape == shape and self.takes_part(instance.proxy, case):
                    if not case.websocket and not case.grpc:  # each answer, or the probe, was checked
                        check_answer(case, instance)
                    self.say(f"warming {name} with {case.name}")
                    self.generator.run(case, instance.port, self.plan.warm[instance.proxy.kind])

    def run_round(self, number, case, instances, endpoints):
        turns = [p for p in self.plan.proxies if self.takes_part(p, case)]
        first = number % len(turns) if turns else 0
        for proxy in turns[first:] + turns[:first]:
            instance = instances[proxy.name, case.shape]
            if self.plan.settle:
                self.generator.run(case, instance.port, self.plan.settle)
            sample = self.sample(number, case, instance, endpoints)
            self.samples.append(sample)
            self.say(
                f"round {number + 1} {case.name} {proxy.name}: {sample.per_second:.0f}/s, "
                f"{sample.cpu_micros:.2f} CPU us a request"
            )

    def sample(self, number, case, instance, endpoints):
        core = self.plan.proxy_cores[0]
        counted = endpoints.counters()
        wall, busy, cpu = time.monotonic(), busy_seconds(core), cpu_seconds(instance.pid)
        load = self.generator.run(case, instance.port, self.plan.seconds)
        cpu = cpu_seconds(instance.pid) - cpu
        busy, wall = busy_seconds(core) - busy, time.monotonic() - wall
        instance.check_alive()
        after = endpoints.counters()
        connections = after.accepts - counted.accepts - 1  # one is the status page's own
        check_load(case, instance, load, connections, after.requests - counted.requests - 1)
        return Sample(
            case=case.name,
            proxy=instance.name,
            round=number,
            requests=load.requests,
            per_second=load.per_second,
            cpu_micros=cpu * 1e6 / load.requests,
            busy=cpu / wall,
            foreign=max(0.0, (busy - cpu) / wall),
            p50_micros=load.p50,
            p99_micros=load.p99,
            endpoint_connections=connections,
        )


def check_load(case, instance, load, connections, forwarded):
    """Refuses a run with errors, without keep-alive to the endpoints, or with answers made elsewhere."""
    where = f"{case.name} through {instance.child.name}"
    if load.errors or not load.requests:
        raise BenchError(f"{where}: {load.requests} requests, errors {load.errors}")
    if not case.tcp and connections > 2 * case.connections * max(1, case.streams) + load.requests * 0.01:
        raise BenchError(f"{where}: {connections} connections to the endpoints for {load.requests} requests: no keep-alive")
    if forwarded < load.requests:
        raise BenchError(f"{where}: {load.requests} answers, but the endpoints saw {forwarded} requests")


def check_answer(case, instance):
    """Sends the case's first request once and checks status and body length."""
    connection = (
        http.client.HTTPSConnection("127.0.0.1", instance.port, timeout=10, context=certificate.client())
        if instance.tls
        else http.client.HTTPConnection("127.0.0.1", instance.port, timeout=10)
    )
    try:
        for path in case.paths():
            body = b"x" * case.post_bytes if case.post_bytes else None
            connection.request("POST" if case.post_bytes else "GET", path, body)
            answer = connection.getresponse()
            size = len(answer.read())
            if answer.status != 200 or size != case.response_bytes:
                raise BenchError(
                    f"{case.name} through {instance.child.name}: {path} answered {answer.status} with {size} bytes, "
                    f"not 200 with {case.response_bytes}"
                )
    finally:
        connection.close()

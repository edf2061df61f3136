"""Turns samples into medians, ratios, verdicts, a table and JSON."""

from dataclasses import dataclass
from statistics import median

from .stats import paired_ratio, paired_ratios, spread

RIVALS = ("nginx", "haproxy")


@dataclass(frozen=True)
class Verdict:
    """A goal held against what was measured: the ratio in each round, none when the other side did not run."""

    case: str
    proxy: str
    against: str
    limit: float
    ratios: tuple

    @property
    def ratio(self):
        """The median over rounds, None without one."""
        return median(self.ratios) if self.ratios else None

    @property
    def met(self):
        return self.ratio is not None and self.ratio <= self.limit

    def line(self):
        if self.ratio is None:
            return f"  goal: {self.proxy} CPU <= {self.limit:.2f} x {self.against}: not measured"
        word = "met" if self.met else "MISSED"
        between = f"{min(self.ratios):.2f} to {max(self.ratios):.2f}"
        return f"  goal: {self.proxy} CPU <= {self.limit:.2f} x {self.against}: {self.ratio:.2f} x ({between}), {word}"


def by_round(samples, case, proxy, value):
    return {s.round: value(s) for s in samples if s.case == case and s.proxy == proxy}


def cpu(sample):
    return sample.cpu_micros


def rate(sample):
    return sample.per_second


def summary(samples, case, proxy):
    """Medians of one proxy in one case, with ratios to the rivals paired by round."""
    own = [s for s in samples if s.case == case and s.proxy == proxy]
    result = {
        "per_second": median(s.per_second for s in own),
        "cpu_micros": median(s.cpu_micros for s in own),
        "cpu_spread": spread([s.cpu_micros for s in own]),
        "p50_micros": median(s.p50_micros for s in own),
        "p99_micros": median(s.p99_micros for s in own),
        "busy": median(s.busy for s in own),
        "foreign": max(s.foreign for s in own),
        "endpoint_connections": max(s.endpoint_connections for s in own),
        "requests": sum(s.requests for s in own),
    }
    for rival in RIVALS:
        for label, value in (("cpu", cpu), ("rate", rate)):
            result[f"{label}_to_{rival}"] = paired_ratio(
                by_round(samples, case, proxy, value), by_round(samples, case, rival, value)
            )
    return result


def verdicts(case, samples, proxies):
    """Every goal of CASE for every Sluice among PROXIES (name and kind pairs)."""
    found = []
    for name, kind in proxies:
        if kind != "sluice":
            continue
        own = by_round(samples, case.name, name, cpu)
        for goal in case.goals:
            if goal.proxy:
                other, against = by_round(samples, case.name, goal.proxy, cpu), goal.proxy
            else:
                other, against = by_round(samples, goal.case, name, cpu), f"{name} in {goal.case}"
            found.append(Verdict(case.name, name, against, goal.ratio, tuple(paired_ratios(own, other))))
    return found


def digest(cases, samples, proxies):
    """The whole result as plain data: for each case its summaries by proxy and its verdicts."""
    result = []
    for case in cases:
        names = [name for name, _ in proxies if any(s.case == case.name and s.proxy == name for s in samples)]
        result.append(
            {
                "name": case.name,
                "title": case.title,
                "proxies": {name: summary(samples, case.name, name) for name in names},
                "verdicts": verdicts(case, samples, proxies),
            }
        )
    return result


def ratio_text(value):
    return "-" if value is None else f"{value:.2f}"


def micros_text(value):
    return f"{value / 1000:.2f}ms" if value >= 1000 else f"{value:.0f}us"


HEADINGS = ("proxy", "req/s", "CPU us/req", "+-", "p50", "p99", "busy", "CPU/nginx", "CPU/haproxy", "rate/nginx", "rate/haproxy")


def table(cases_digest):
    """Text for a terminal: a block for each case."""
    lines = []
    for case in cases_digest:
        rows = [HEADINGS]
        for name, row in case["proxies"].items():
            rows.append(
                (
                    name,
                    f"{row['per_second']:.0f}",
                    f"{row['cpu_micros']:.2f}",
                    f"{row['cpu_spread']:.0%}",
                    micros_text(row["p50_micros"]),
                    micros_text(row["p99_micros"]),
                    f"{row['busy']:.0%}",
                    *(ratio_text(row[f"{label}_to_{rival}"]) for label in ("cpu", "rate") for rival in RIVALS),
                )
            )
        widths = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS))]
        lines.append(f"{case['name']}: {case['title']}")
        for row in rows:
            cells = [row[0].ljust(widths[0])] + [cell.rjust(w) for cell, w in zip(row[1:], widths[1:])]
            lines.append("  " + "  ".join(cells))
        lines += [verdict.line() for verdict in case["verdicts"]]
        noise = max((row["foreign"] for row in case["proxies"].values()), default=0)
        if noise > 0.05:
            lines.append(f"  note: other programs used up to {noise:.0%} of the proxy's core; run again on a quiet machine")
        lines.append("")
    return "\n".join(lines)


def document(environment, cases_digest, samples, forwarded):
    """What goes into results.json."""
    return {
        "environment": environment,
        "forwarded": {
            what: [message.start, *(f"{n}: {v}" for n, v in message.headers)] for what, message in forwarded.items()
        },
        "cases": [
            {
                **case,
                "verdicts": [
                    {"proxy": v.proxy, "against": v.against, "limit": v.limit, "ratio": v.ratio, "ratios": v.ratios, "met": v.met}
                    for v in case["verdicts"]
                ],
            }
            for case in cases_digest
        ],
        "samples": [sample.as_dict() for sample in samples],
    }

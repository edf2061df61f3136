import unittest
import xml.etree.ElementTree as xml

from sluicebench import cases, chart, report, stats
from sluicebench.measure import Sample


def sample(proxy, number, cpu, case="small-64", per_second=1000.0, foreign=0.0):
    return Sample(case, proxy, number, 5000, per_second, cpu, 0.97, foreign, 700, 2000, 64)


ROUNDS = [
    sample("nginx", 0, 10.0), sample("haproxy", 0, 12.5), sample("sluice", 0, 11.0),
    sample("nginx", 1, 20.0), sample("haproxy", 1, 25.0), sample("sluice", 1, 24.0),
    sample("nginx", 2, 10.0), sample("haproxy", 2, 12.5), sample("sluice", 2, 12.0),
]
PROXIES = [("nginx", "nginx"), ("haproxy", "haproxy"), ("sluice", "sluice")]
SMALL = cases.select(["small-64"])


class StatsTest(unittest.TestCase):
    def test_spread_is_half_the_range_over_the_median(self):
        self.assertAlmostEqual(0.1, stats.spread([9.0, 10.0, 11.0]))

    def test_pairs_ratios_by_round(self):
        self.assertAlmostEqual(1.2, stats.paired_ratio({0: 11.0, 1: 24.0, 2: 12.0}, {0: 10.0, 1: 20.0, 2: 10.0}))

    def test_has_no_ratio_without_a_common_round(self):
        self.assertIsNone(stats.paired_ratio({0: 1.0}, {1: 1.0}))


class ReportTest(unittest.TestCase):
    def test_takes_medians_and_paired_ratios(self):
        row = report.summary(ROUNDS, "small-64", "sluice")
        self.assertEqual(12.0, row["cpu_micros"])
        self.assertAlmostEqual(1.2, row["cpu_to_nginx"])
        self.assertAlmostEqual(0.96, row["cpu_to_haproxy"])

    def test_judges_each_goal(self):
        first, second = report.verdicts(SMALL[0], ROUNDS, PROXIES)
        self.assertTrue(first.met)
        self.assertIn("sluice CPU <= 1.25 x nginx: 1.20 x (1.10 to 1.20), met", first.line())
        self.assertTrue(second.met)

    def test_a_missed_and_an_unmeasured_goal_are_not_met(self):
        slow = [s for s in ROUNDS if s.proxy == "nginx"] + [sample("sluice", 0, 13.0)]
        first, second = report.verdicts(SMALL[0], slow, PROXIES)
        self.assertIn("MISSED", first.line())
        self.assertFalse(second.met)
        self.assertIn("not measured", second.line())

    def test_judges_a_case_against_another_of_the_same_proxy(self):
        case = cases.select(["routes-10000"])[0]
        samples = [sample("sluice", 0, 10.0, "routes-10"), sample("sluice", 0, 10.5, "routes-10000")]
        (verdict,) = report.verdicts(case, samples, PROXIES)
        self.assertAlmostEqual(1.05, verdict.ratio)

    def test_table_shows_every_proxy_and_warns_of_a_noisy_machine(self):
        noisy = ROUNDS + [sample("sluice", 3, 12.0, foreign=0.4)]
        text = report.table(report.digest(SMALL, noisy, PROXIES))
        for name, _ in PROXIES:
            self.assertIn(f"  {name}", text)
        self.assertIn("up to 40%", text)

    def test_chart_is_well_formed_and_has_a_bar_for_each_proxy_and_panel(self):
        root = xml.fromstring(chart.svg(report.digest(SMALL, ROUNDS, PROXIES), "a < b & c"))
        bars = [e for e in root.iter("{http://www.w3.org/2000/svg}rect")][1:]
        self.assertEqual(len(PROXIES) * len(chart.PANELS), len(bars))


if __name__ == "__main__":
    unittest.main()

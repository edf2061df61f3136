import math
import tempfile
import unittest
from pathlib import Path

from sluicebench import contenders, openload, outages
from sluicebench.openload import Answer
from sluicebench.proxies import Proxy
from sluicebench.tools import BenchError


def steady(until, took=0.02, outcome="200", per_second=100, since=0.0):
    return [Answer(since + i / per_second, took, outcome, "e0") for i in range(int((until - since) * per_second))]


class RecoveryTest(unittest.TestCase):
    def test_is_at_once_where_nothing_was_noticed(self):
        self.assertEqual(0.0, outages.recovered(steady(8), 2, 6, 0.05))

    def test_is_when_the_last_failure_was(self):
        answers = steady(3) + [Answer(3.1, 0.01, "502", "")] + steady(8, since=3.2)
        self.assertEqual(1.25, outages.recovered(answers, 2, 6, 0.05))

    def test_is_when_the_answers_are_quick_again(self):
        answers = steady(2) + steady(4, took=1.0, since=2) + steady(8, since=4)
        self.assertEqual(2.0, outages.recovered(answers, 2, 6, 0.05))

    def test_forgives_one_slow_answer_in_a_hundred(self):
        answers = steady(8, per_second=400)
        answers[1200] = Answer(answers[1200].due, 3.0, "200", "e0")
        self.assertEqual(0.0, outages.recovered(answers, 2, 6, 0.05))

    def test_is_none_where_it_never_got_well(self):
        self.assertIsNone(outages.recovered(steady(2) + steady(8, outcome="504", since=2), 2, 6, 0.05))


class DigestTest(unittest.TestCase):
    def test_counts_failures_from_the_strike_on(self):
        answers = steady(2) + steady(3, outcome="502", since=2) + steady(8, since=3)
        cell = outages.digest(outages.SCENARIOS[0], "x", answers, 2, 6, 2)
        self.assertEqual((600, 100), (cell.requests, cell.failures))
        self.assertEqual({"502": 100, "200": 500}, cell.outcomes)
        self.assertAlmostEqual(20, cell.healthy_p99)
        self.assertEqual(1.0, cell.recovered)
        self.assertIn("| dies | x | 100 of 600 | 20 ms | 20 ms | 20 ms | 1.00 s |", outages.table([cell]))

    def test_adds_up_failures_and_takes_medians_over_rounds(self):
        scenario = outages.SCENARIOS[0]
        rounds = [
            outages.digest(scenario, "x", steady(2) + steady(until, outcome="502", since=2) + steady(8, since=until), 2, 6, 2)
            for until in (3, 4, 8)
        ]
        total = outages.summary(rounds)
        self.assertEqual((1800, 100 + 200 + 600, 2.0), (total.requests, total.failures, total.recovered))
        self.assertIsNone(outages.summary(rounds[2:]).recovered)

    def test_a_percentile_is_a_value_that_occurred(self):
        self.assertEqual(99, outages.percentile(range(1, 101), 0.99))
        self.assertTrue(math.isnan(outages.percentile([], 0.99)))


class ScenarioTest(unittest.TestCase):
    def test_flapping_strikes_and_mends_in_turn_and_heals_at_the_end(self):
        class Sick:
            def enabled(self, on):
                happened.append(on)

        class FakeSite:
            sick = Sick()

            def dies(self):
                happened.append("dies")

            def heal(self):
                happened.append("heal")

        happened = []
        scenario = next(s for s in outages.SCENARIOS if s.flaps)
        events = scenario.events(FakeSite(), 2, 5)
        for _, what in events:
            what()
        self.assertEqual([2, 3, 4, 5], [when for when, _ in events])
        self.assertEqual(["dies", True, "dies", "heal"], happened)

    def test_names_an_unknown_scenario(self):
        with self.assertRaisesRegex(BenchError, "unknown scenario 'burns'"):
            outages.chosen(["burns"], {s.name: s for s in outages.SCENARIOS}, "scenario")


class ContenderTest(unittest.TestCase):
    def test_is_started_with_one_route_of_http(self):
        class Child:
            def await_port(self, port):
                pass

        class FakeWorkspace:
            def folder(self, name):
                return Path(name)

            def start(self, name, command, cores, env):
                return Child()

        class FakeProxy(Proxy):
            def prepare(self, folder, instance, endpoint_ports):
                return ["command"], {}

        instance = FakeProxy("x").start(FakeWorkspace(), [0], [1, 2, 3], outages.SHAPE)
        self.assertEqual((1, False), (instance.routes, instance.tcp))

    def recommended(self, text):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        home = Path(folder.name)
        for file in ("bin/sluice", contenders.RECOMMENDED_FILE):
            (home / file).parent.mkdir(parents=True)
            (home / file).write_text(text)
        return contenders.RecommendedSluice(home, None, contenders.RECOMMENDED)

    def test_that_we_recommend_is_the_example_that_is_shipped(self):
        shipped = Path(__file__).resolve().parents[2] / contenders.RECOMMENDED_FILE
        config = self.recommended(shipped.read_text()).config(1111, 2222, [3333, 4444, 5555])
        self.assertIn('listeners.web.bind = "127.0.0.1:1111"', config)
        self.assertIn('admin.bind = "127.0.0.1:2222"', config)
        self.assertIn('endpoints = [ "127.0.0.1:3333", "127.0.0.1:4444", "127.0.0.1:5555" ]', config)

    def test_that_we_recommend_is_missed_when_the_example_has_changed(self):
        with self.assertRaisesRegex(BenchError, 'resilience.conf has no ":8080"'):
            self.recommended("nothing").config(1, 2, [3])


class HeadTest(unittest.TestCase):
    def test_reads_status_and_headers(self):
        status, headers = openload.parse(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-Endpoint: e1\r\n\r\n")
        self.assertEqual(("200", "3", "e1"), (status, headers["content-length"], headers["x-endpoint"]))


if __name__ == "__main__":
    unittest.main()

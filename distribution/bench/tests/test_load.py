import unittest

from sluicebench import load
from sluicebench.cases import CASES, Case
from sluicebench.tools import BenchError

OUTPUT = """Running 2s test @ http://127.0.0.1:4711/small
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   826.11us  248.71us   9.98ms   93.66%
    Req/Sec    77.42k     4.05k   82.79k    80.00%
  154110 requests in 2.00s, 42.77MB read
Requests/sec:  76890.05
Transfer/sec:     21.34MB

sluice-bench {"requests":154110,"micros":2004290,"bytes":44847000,"connect":0,"read":0,"write":0,"timeout":0,\
"status":0,"p50":744,"p99":2061,"max":9980}
"""


class LoadTest(unittest.TestCase):
    def test_reads_totals_and_percentiles(self):
        read = load.parse(OUTPUT)
        self.assertEqual(154110, read.requests)
        self.assertAlmostEqual(76890.07, read.per_second, places=1)
        self.assertEqual((744, 2061), (read.p50, read.p99))
        self.assertEqual({}, read.errors)

    def test_names_the_errors_that_happened(self):
        read = load.parse(OUTPUT.replace('"timeout":0', '"timeout":3').replace('"status":0', '"status":12'))
        self.assertEqual({"timeout": 3, "status": 12}, read.errors)

    def test_shows_what_wrk_said_when_it_measured_nothing(self):
        with self.assertRaisesRegex(BenchError, "unable to connect"):
            load.parse("unable to connect to 127.0.0.1:1 Connection refused\n")

    def test_sends_one_prepared_request_when_there_is_one_path(self):
        plain = load.script(Case("x", "x", 1))
        self.assertNotIn("request =", plain)
        self.assertNotIn("wrk.body", plain)

    def test_sends_body_close_and_cycled_paths_as_the_case_says(self):
        self.assertIn('string.rep("x", 65536)', load.script(next(c for c in CASES if c.name == "post-64k")))
        self.assertIn('"close"', load.script(next(c for c in CASES if c.close)))
        self.assertIn("/r00999/item", load.script(next(c for c in CASES if c.name == "routes-1000")))


if __name__ == "__main__":
    unittest.main()

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


H2LOAD = """finished in 3.00s, 39648.33 req/s, 2.17MB/s
requests: 118945 total, 119201 started, 118945 done, 118940 succeeded, 2 failed, 3 errored, 0 timeout
status codes: 118938 2xx, 0 3xx, 1 4xx, 1 5xx
traffic: 6.51MB (6826341) total, 813.70KB (833229) headers (space savings 93.18%), 1.02MB (1070478) data
                     min         max         mean         sd        +/- sd
time for request:      512us     29.54ms      6.45ms      1.60ms    80.97%
"""


class LoadTest(unittest.TestCase):
    def test_reads_what_h2load_printed_and_logged(self):
        log = "".join(f"{1000 + i}\t200\t{i + 1}\n" for i in range(100))
        read = load.parse_h2load(H2LOAD, log)
        self.assertEqual((118940, 3000000, 6826341), (read.requests, read.micros, read.bytes))
        self.assertEqual((51, 100, 100), (read.p50, read.p99, read.max))
        self.assertEqual({"read": 2, "write": 3, "status": 2}, read.errors)
        with self.assertRaisesRegex(BenchError, "connection refused"):
            load.parse_h2load("connection refused\n", log)

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

import subprocess
import sys
import time
import unittest

from sluicebench import endpoints, held, processes, tools

STATUS = """Active connections: 3
server accepts handled requests
 66 66 154112
Reading: 0 Writing: 1 Waiting: 2
"""

METRICS = """# HELP sluice_buffer_bytes Bytes
# TYPE sluice_buffer_bytes gauge
sluice_buffer_bytes{kind="direct"} 1.048576E6
sluice_buffer_bytes{kind="heap"} 4096.0
sluice_requests_total{listener="web",route="a \\"b\\"",status="200"} 7
jvm_threads 12
"""


class ReadersTest(unittest.TestCase):
    def test_reads_stub_status(self):
        self.assertEqual(endpoints.Counters(66, 154112), endpoints.parse_status(STATUS))

    def test_reads_prometheus_text(self):
        metrics = held.parse_metrics(METRICS)
        self.assertEqual(("sluice_buffer_bytes", {"kind": "direct"}, 1048576.0), metrics[0])
        self.assertEqual(("jvm_threads", {}, 12.0), metrics[3])
        self.assertEqual("7", f"{metrics[2][2]:g}")

    def test_reads_durations_with_a_unit_only(self):
        self.assertEqual([0.5, 5.0, 120.0], [tools.duration_seconds(t) for t in ("500ms", "5s", "2m")])
        with self.assertRaises(ValueError):
            tools.duration_seconds("5")

    def test_reads_lists_of_cores(self):
        self.assertEqual([1, 2, 3, 7], tools.core_list("1-3,7"))

    def test_shows_sizes_in_their_unit(self):
        self.assertEqual(["512 B", "1.50 KiB", "2.00 MiB"], [held.size_text(s) for s in (512, 1536, 2 << 20)])

    def test_an_unmeasured_goal_is_not_met(self):
        self.assertFalse(held.Finding("upload", "x", None, 1).met)
        self.assertTrue(held.Finding("upload", "x", 0, 1).met)

    def test_counts_the_processor_time_of_children_too(self):
        burn = "import time\nwhile time.process_time() < 0.2: pass\nimport sys; print(); sys.stdout.flush(); sys.stdin.read()"
        shell = subprocess.Popen(
            ["sh", "-c", f'"{sys.executable}" -c "{burn}"; true'], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        try:
            shell.stdout.readline()
            self.assertGreaterEqual(processes.cpu_seconds(shell.pid), 0.2)
            self.assertEqual(2, len(processes.tree(shell.pid)))
        finally:
            shell.stdin.close()
            shell.wait()
            shell.stdout.close()

    def test_pace_holds_a_rate(self):
        pace, started = held.Pace(1_000_000), time.monotonic()
        for _ in range(10):
            pace.took(10_000)
        self.assertGreaterEqual(time.monotonic() - started, 0.09)


if __name__ == "__main__":
    unittest.main()

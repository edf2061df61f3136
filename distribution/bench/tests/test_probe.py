import io
import socket
import unittest

from sluicebench import probe
from sluicebench.probe import Message


def read(raw):
    return probe.read_message(io.BytesIO(raw))


class ProbeTest(unittest.TestCase):
    def test_reads_a_body_by_length_and_by_chunks(self):
        self.assertEqual(b"hello", read(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello").body)
        chunked = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n"
        self.assertEqual(b"hello", read(chunked).body)

    def test_ends_with_the_stream(self):
        self.assertIsNone(read(b""))

    def test_ignores_what_may_differ(self):
        one = read(b"GET / HTTP/1.1\r\nHost: a:4711\r\nVia: 1.1 nginx\r\n\r\n")
        two = read(b"GET / HTTP/1.1\r\nvia: 1.1 sluice\r\nConnection: keep-alive\r\nhost: a:4712\r\n\r\n")
        self.assertEqual([], probe.differences("x", "a", probe.normal(one, 4711), "b", probe.normal(two, 4712)))

    def test_names_each_difference(self):
        one = Message("GET / HTTP/1.1", (("host", "a"), ("via", "1.1 NAME")))
        two = Message("GET / HTTP/1.0", (("host", "a"), ("host", "a")), b"x")
        lines = probe.differences("GET", "nginx", one, "sluice", two)
        self.assertEqual(4, len(lines))
        self.assertIn("GET: only sluice has host: a", lines)
        self.assertIn("GET: only nginx has via: 1.1 NAME", lines)

    def test_endpoint_answers_and_keeps_what_it_received(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with probe.ProbeEndpoint([port]) as endpoint:
            answers = probe.exchange(port)
        self.assertEqual(["HTTP/1.1 200 OK"] * 2, [a.start for a in answers])
        self.assertEqual([b"", b"hello"], [m.body for m in endpoint.received])

    def test_answers_a_health_check_but_does_not_take_it_for_what_was_forwarded(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with probe.ProbeEndpoint([port]) as endpoint:
            with socket.create_connection(("127.0.0.1", port), 10) as check:
                check.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
                self.assertEqual("HTTP/1.1 200 OK", probe.read_message(check.makefile("rb")).start)
            probe.exchange(port)
        self.assertEqual(["GET", "POST"], [m.start.split()[0] for m in endpoint.received])


if __name__ == "__main__":
    unittest.main()

"""The proxies in the outages, each with what its own manual recommends, told to want the same.

What is wanted of all: a try may take a second, then another endpoint is asked, three tries in all, for GET;
a server error is tried again as well; a health check every second, two bad ones take an endpoint out and two
good ones bring it back.
"""

import os
import subprocess
from pathlib import Path

from .proxies import HaProxy, Nginx, Proxy, Sluice
from .tools import BenchError

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log /dev/null;
{user}
worker_processes 1;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream app {{
    zone app 64k;
    least_conn;
    {servers}
    keepalive 64;
    keepalive_requests 1000000000;
  }}
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_connect_timeout 1s;
  proxy_send_timeout 1s;
  proxy_read_timeout 1s;
  proxy_next_upstream error timeout invalid_header http_500 http_502 http_503 http_504;
  proxy_next_upstream_tries 3;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{ proxy_pass http://app; }}
  }}
}}
"""

HAPROXY = """
global
  maxconn 4096
defaults
  mode http
  timeout connect 1s
  timeout client 1m
  timeout server 1s
  timeout check 1s
  timeout http-request 10s
  timeout http-keep-alive 1m
  option redispatch 1
  retries 2
  retry-on all-retryable-errors
  http-reuse always
frontend web
  bind 127.0.0.1:{port} backlog 4096
  default_backend app
backend app
  balance leastconn
  option httpchk GET /health
  default-server check inter 1s fall 2 rise 2 observe layer7 error-limit 5 on-error mark-down
  {servers}
"""

SLUICE = """
listeners.web.bind = "127.0.0.1:{port}"
admin.bind = "127.0.0.1:{admin}"
access-log = off
runtime.shutdown-timeout = 1s
routes = [ {{ upstream = app }} ]
upstreams.app {{
  endpoints = [{endpoints}]
  health-check {{ type = http, path = "/health", interval = 1s, timeout = 1s, healthy = 2, unhealthy = 2 }}
  retry {{ type = standard, attempts = 3, per-try-timeout = 1s, on = [connect-failure, reset, timeout, 5xx] }}
  timeouts.connect = 1s
  {policies}
}}
"""

# The health check of these endpoints says less than real requests do, and who wants to be rid of a slow endpoint soon
# compares often.
OUTLIER = "outlier-detection { type = standard, interval = 1s, restore-on-check = off }"

SLUICE_POLICIES = {
    "sluice": "",
    "sluice +outlier": OUTLIER,
    "sluice +outlier +peak-ewma": OUTLIER + "\n  balancer { type = peak-ewma }",
    "sluice +outlier +hedge": OUTLIER + "\n  hedge { after = p95 }",
}

# What we recommend is what is shipped, endpoints and ports aside.
RECOMMENDED = "sluice recommended"
RECOMMENDED_FILE = Path("conf") / "examples" / "resilience.conf"


class OutageNginx(Nginx):
    def prepare(self, folder, instance, endpoint_ports):
        config = folder / "nginx.conf"
        config.write_text(
            NGINX.format(
                folder=folder,
                user="user root;" if os.geteuid() == 0 else "",
                port=instance.port,
                servers="\n    ".join(f"server 127.0.0.1:{p} max_fails=3 fail_timeout=10s;" for p in endpoint_ports),
            )
        )
        return [self.command, "-e", "stderr", "-p", folder, "-c", config], {}


class OutageHaProxy(HaProxy):
    def prepare(self, folder, instance, endpoint_ports):
        config = folder / "haproxy.cfg"
        servers = "\n  ".join(f"server s{p} 127.0.0.1:{p}" for p in endpoint_ports)
        config.write_text(HAPROXY.format(port=instance.port, servers=servers))
        return [self.command, "-db", "-f", config], {}


class OutageSluice(Sluice):
    """Sluice with some policies on top of what is wanted of all."""

    def __init__(self, home, java_home, name):
        super().__init__(home, java_home, name)
        self.policies = SLUICE_POLICIES.get(name, "")

    def config(self, port, admin_port, endpoint_ports):
        return SLUICE.format(
            port=port, admin=admin_port, endpoints=addresses(endpoint_ports), policies=self.policies
        )

    def prepare(self, folder, instance, endpoint_ports):
        config = folder / "sluice.conf"
        config.write_text(self.config(instance.port, instance.admin_port, endpoint_ports))
        return [self.command, "run", config], self.environment()

    def refusal(self, folder):
        """Why this build does not take the policies; empty when it does."""
        config = folder / "check.conf"
        config.write_text(self.config(1, 2, [3]))
        done = subprocess.run(
            [str(self.command), "check", str(config)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, **self.environment()}, text=True, timeout=60, check=False,
        )
        lines = done.stdout.strip().splitlines()
        return "" if done.returncode == 0 else (lines[0] if lines else "refused").replace(str(config), "config")


class RecommendedSluice(OutageSluice):
    """Sluice with the example that is shipped as our recommendation."""

    def config(self, port, admin_port, endpoint_ports):
        text = (self.home / RECOMMENDED_FILE).read_text()
        for shipped, ours in {
            '":8080"': f'"127.0.0.1:{port}"',
            '"127.0.0.1:9901"': f'"127.0.0.1:{admin_port}"',
            '"127.0.0.1:9001", "127.0.0.1:9002", "127.0.0.1:9003"': addresses(endpoint_ports),
        }.items():
            if shipped not in text:
                raise BenchError(f"{RECOMMENDED_FILE} has no {shipped}")
            text = text.replace(shipped, ours)
        return text + "\naccess-log = off\nruntime.shutdown-timeout = 1s\n"


def addresses(ports):
    return ", ".join(f'"127.0.0.1:{p}"' for p in ports)


def contenders(options):
    """Every contender by name, in the order of the table. Programs are looked for when one is made."""
    makers = {name: lambda name=name: OutageSluice(options.sluice, options.java_home, name) for name in SLUICE_POLICIES}
    makers[RECOMMENDED] = lambda: RecommendedSluice(options.sluice, options.java_home, RECOMMENDED)
    makers["haproxy"] = OutageHaProxy
    makers["nginx"] = OutageNginx
    return makers


def refusal(contender: Proxy, folder):
    return contender.refusal(folder) if isinstance(contender, OutageSluice) else ""

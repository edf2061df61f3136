"""The proxies under test: the config each gets, how it starts, and what it says it is."""

import os
from pathlib import Path

from . import certificate
from .cases import route_prefix
from .processes import free_ports, java_pid
from .tools import BenchError, first_line, require

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr warn;
{user}
worker_processes 1;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  tcp_nodelay on;
  keepalive_timeout 10m;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  client_body_buffer_size 128k;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream app {{
    {servers}
    keepalive 512;
    keepalive_requests 1000000000;
    keepalive_timeout 10m;
  }}
  proxy_http_version 1.1;
  proxy_buffer_size 16k;
  proxy_buffers 8 64k;
  proxy_busy_buffers_size 128k;
  proxy_max_temp_file_size 0;
  proxy_request_buffering off;
  proxy_pass_header Server;
  proxy_pass_header Date;
  proxy_set_header Host $http_host;
  {upgrade}
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Host $http_host;
  proxy_set_header X-Forwarded-Port $server_port;
  proxy_set_header Via "1.1 nginx";
  {grpc}
  server {{
    listen 127.0.0.1:{port} {ssl}backlog=4096;
    {certificate}
    {locations}
  }}
}}
"""

NGINX_GRPC = """
  grpc_set_header Host $http_host;
  grpc_set_header X-Forwarded-For $remote_addr;
  grpc_set_header X-Forwarded-Proto $scheme;
  grpc_set_header X-Forwarded-Host $http_host;
  grpc_set_header X-Forwarded-Port $server_port;
  grpc_set_header Via "2 nginx";
"""

NGINX_KEEP_ALIVE = 'proxy_set_header Connection "";'

NGINX_UPGRADE = """
  map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_upgrade;
"""

HAPROXY = """
global
  nbthread 1
  maxconn 4096
  tune.ssl.cachesize 0
defaults
  mode http
  timeout connect 3s
  timeout client 10m
  timeout server 10m
  timeout http-request 10s
  timeout http-keep-alive 10m
  http-reuse always
frontend web
  bind 127.0.0.1:{port} backlog 4096 {ssl}
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto {scheme}
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header Via "{version} haproxy"
  {choice}
backend app
  balance roundrobin
  {servers}
"""

SLUICE = """
listeners.web {{
  bind = "127.0.0.1:{port}"
  limits {{ max-connections = 16000 }}
  timeouts {{ idle = 10m }}
  {tls}
}}
admin.bind = "127.0.0.1:{admin}"
access-log = off
runtime {{ shutdown-timeout = 1s, transport = {transport} }}
upstreams.app {{
  protocol = {protocol}
  endpoints = [{endpoints}]
  {policies}
  limits {{ max-connections = 16000 }}
  timeouts {{ idle = 10m }}
}}
routes = [
{routes}
]
"""

# By the name that a case gives them; cases that give none compare programs, which all balance by round-robin.
SLUICE_POLICIES = {
    "": "balancer { type = round-robin }",
    "none": """balancer { type = round-robin }
  retry = off""",
    "all": """balancer { type = least-request }
  retry { type = standard }
  outlier-detection { type = standard }
  health-check { type = http, path = "/health", interval = 1s }""",
}

NGINX_TCP = """
daemon off;
{modules}
pid {folder}/nginx.pid;
error_log stderr warn;
{user}
worker_processes 1;
events {{ worker_connections 4096; }}
stream {{
  tcp_nodelay on;
  proxy_timeout 10m;
  upstream app {{
    {servers}
  }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    proxy_pass app;
  }}
}}
"""

HAPROXY_TCP = """
global
  nbthread 1
  maxconn 4096
defaults
  mode tcp
  timeout connect 3s
  timeout client 10m
  timeout server 10m
  option splice-auto
listen app
  bind 127.0.0.1:{port} backlog 4096
  balance roundrobin
  {servers}
"""

SLUICE_TCP = """
listeners.app {{
  bind = "127.0.0.1:{port}", protocol = tcp, upstream = app
  limits {{ max-connections = 16000 }}
}}
admin.bind = "127.0.0.1:{admin}"
access-log = off
runtime {{ shutdown-timeout = 1s, transport = {transport} }}
upstreams.app {{
  protocol = tcp
  endpoints = [{endpoints}]
  balancer {{ type = round-robin }}
  limits {{ max-connections = 16000 }}
}}
"""

# One suite for all, or each library prefers another; no sessions, or only the first handshake is a whole one.
NGINX_TLS = """ssl_certificate {folder}/site.pem;
    ssl_certificate_key {folder}/site.key;
    ssl_protocols TLSv1.3;
    ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
    ssl_session_cache off;
    ssl_session_tickets off;"""

HAPROXY_TLS = (
    "ssl crt {folder}/both.pem ssl-min-ver TLSv1.3 ciphersuites TLS_AES_128_GCM_SHA256 no-tls-tickets alpn h2,http/1.1"
)

SLUICE_TLS = """tls {{ certificates = [ {{ certificate = "{folder}/site.pem", key = "{folder}/site.key" }} ]
    min-version = "TLSv1.3", tickets = off }}"""

NGINX_STREAM = "/usr/lib/nginx/modules/ngx_stream_module.so"


class Proxy:
    """One proxy program. `kind` selects the cases it takes part in; `name` labels its results."""

    kind = ""

    def __init__(self, name=None):
        self.name = name or self.kind

    def version(self):
        raise NotImplementedError

    def start(self, workspace, cores, endpoint_ports, shape):
        """Starts an instance of SHAPE on CORES; returns it once it accepts connections."""
        label = f"{self.name}-{shape.label}"
        instance = Instance(self, shape, *free_ports(2))
        instance.tls = certificate.make(workspace.folder("certificate")) if shape.tls else None
        folder = workspace.folder(label)
        command, env = self.prepare(folder, instance, endpoint_ports)
        instance.child = workspace.start(label, command, cores, env)
        instance.child.await_port(instance.port)
        return instance

    def prepare(self, folder, instance, endpoint_ports):
        """Writes the config into FOLDER; returns the command and the environment it needs."""
        raise NotImplementedError


class Instance:
    """A running proxy: where it listens and the process whose cost is counted."""

    def __init__(self, proxy, shape, port, admin_port):
        self.proxy = proxy
        self.routes = shape.routes
        self.policies = shape.policies
        self.tcp = shape.tcp
        self.websocket = shape.websocket
        self.grpc = shape.grpc
        self.port = port
        self.admin_port = admin_port
        self.tls = None
        """Where its certificate is, or None where clients speak no TLS."""
        self.child = None

    @property
    def name(self):
        return self.proxy.name

    @property
    def pid(self):
        return self.child.pid

    def check_alive(self):
        if not self.child.running():
            raise BenchError(f"{self.child.name} ended: {self.child.last_words()}")

    def runtime(self):
        """The JVM binary that runs it, as the kernel names it; empty for native programs."""
        pid = java_pid(self.pid)
        return os.readlink(f"/proc/{pid}/exe") if pid else ""


class Nginx(Proxy):
    kind = "nginx"

    def __init__(self):
        super().__init__()
        self.command = require("nginx", ", or leave it out with --proxies")

    def version(self):
        return first_line(self.command, "-v").removeprefix("nginx version: ")

    def prepare(self, folder, instance, endpoint_ports):
        if instance.tcp:
            return self.prepare_tcp(folder, instance, endpoint_ports)
        prefixes = [route_prefix(i) for i in range(instance.routes)] if instance.routes > 1 else ["/"]
        config = folder / "nginx.conf"
        config.write_text(
            NGINX.format(
                folder=folder,
                user="user root;" if os.geteuid() == 0 else "",
                port=instance.port,
                ssl="ssl http2 " if instance.tls else "http2 " if instance.grpc else "",
                certificate=NGINX_TLS.format(folder=instance.tls) if instance.tls else "",
                servers="\n    ".join(f"server 127.0.0.1:{p} max_fails=0;" for p in endpoint_ports),
                grpc=NGINX_GRPC if instance.grpc else "",
                upgrade=NGINX_UPGRADE if instance.websocket else NGINX_KEEP_ALIVE,
                locations="\n    ".join(
                    f"location {prefix} {{ {'grpc_pass grpc' if instance.grpc else 'proxy_pass http'}://app; }}"
                    for prefix in prefixes
                ),
            )
        )
        return [self.command, "-e", "stderr", "-p", folder, "-c", config], {}

    def prepare_tcp(self, folder, instance, endpoint_ports):
        module = Path(os.environ.get("NGINX_STREAM_MODULE", NGINX_STREAM))
        if not module.exists():
            raise BenchError(f"no {module}: install libnginx-mod-stream, or leave nginx out with --proxies")
        config = folder / "nginx.conf"
        config.write_text(
            NGINX_TCP.format(
                folder=folder,
                modules=f"load_module {module};",
                user="user root;" if os.geteuid() == 0 else "",
                port=instance.port,
                servers="\n    ".join(f"server 127.0.0.1:{p} max_fails=0;" for p in endpoint_ports),
            )
        )
        return [self.command, "-e", "stderr", "-p", folder, "-c", config], {}


class HaProxy(Proxy):
    kind = "haproxy"

    def __init__(self):
        super().__init__()
        self.command = require("haproxy", ", or leave it out with --proxies")

    def version(self):
        return " ".join(first_line(self.command, "-v").split()[:3])

    def prepare(self, folder, instance, endpoint_ports):
        choice = "default_backend app"
        if instance.routes > 1:
            routes = folder / "routes.map"
            routes.write_text("".join(f"{route_prefix(i)} app\n" for i in range(instance.routes)))
            choice = f"use_backend %[path,map_beg({routes})]"
        config = folder / "haproxy.cfg"
        config.write_text(
            (HAPROXY_TCP if instance.tcp else HAPROXY).format(
                port=instance.port,
                servers="\n  ".join(
                    f"server s{p} 127.0.0.1:{p}{' proto h2' if instance.grpc else ''}" for p in endpoint_ports
                ),
                choice=choice,
                ssl=HAPROXY_TLS.format(folder=instance.tls) if instance.tls else "proto h2" if instance.grpc else "",
                version="2" if instance.grpc else "1.1",
                scheme="https" if instance.tls else "http",
            )
        )
        return [self.command, "-db", "-f", config], {}


class Sluice(Proxy):
    kind = "sluice"

    def __init__(self, home, java_home=None, name=None, transport="auto"):
        super().__init__(name)
        self.home = Path(home).resolve()
        self.transport = transport
        self.java_home = java_home
        self.command = self.home / "bin" / "sluice"
        if not self.command.exists():
            raise BenchError(
                f"no distribution at {home}: build it with `mvn package -DskipTests`, name one with --sluice, "
                "or leave it out with --proxies"
            )

    def version(self):
        env = {**os.environ, **self.environment()}
        return first_line("env", *(f"{key}={env[key]}" for key in self.environment()), self.command, "version")

    def environment(self):
        return {"SLUICE_JAVA_HOME": str(self.java_home)} if self.java_home else {}

    def prepare(self, folder, instance, endpoint_ports):
        if instance.routes > 1:
            matches = [(f"r{i}", route_prefix(i)) for i in range(instance.routes)]
        else:
            matches = [("all", "/")]
        config = folder / "sluice.conf"
        config.write_text(
            (SLUICE_TCP if instance.tcp else SLUICE).format(
                port=instance.port,
                admin=instance.admin_port,
                transport=self.transport,
                tls=SLUICE_TLS.format(folder=instance.tls) if instance.tls else "",
                protocol="http2" if instance.grpc else "http1",
                endpoints=", ".join(f'"127.0.0.1:{p}"' for p in endpoint_ports),
                policies=SLUICE_POLICIES[instance.policies],
                routes="\n".join(
                    f'  {{ name = {name}, match {{ path-prefix = "{prefix}" }}, upstream = app }}'
                    for name, prefix in matches
                ),
            )
        )
        return [self.command, "run", config], self.environment()

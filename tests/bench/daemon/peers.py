"""The proxies that are compared, the backend behind them, and how each is told to do the same work.

One worker, keep-alive on both sides, no access log, X-Forwarded-For and -Proto set, no limit that the load could reach but
ten seconds for a head. Bodies are streamed: none goes to the disk, and no upload is kept until it is whole.
A peer says which workloads it can serve; a new workload that needs more of a proxy (a cache) adds to the configs here.
"""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ANSWER_BYTES = 1024
BIG_BYTES = 10 * 1024 * 1024
HUGE_BYTES = 100 * 1024 * 1024


@dataclass(frozen=True)
class Site:
    """Where one proxy works: its port, its backend's, a folder for its files, and whether clients come over TLS."""
    port: int
    admin_port: int
    backend_port: int
    folder: Path
    tls: bool = False

    @property
    def scheme(self):
        return "https" if self.tls else "http"

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)


def make_certificate(folder):
    """The certificate of every proxy: cert.pem, key.pem, and both.pem for those who want one file."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", key, "-out", certificate], capture_output=True, check=True)
    (folder / "both.pem").write_text(certificate.read_text() + key.read_text())
    for path in (key, folder / "both.pem"):
        path.chmod(0o644)  # as for the folder: it is worth nothing to anyone


NGINX_HEAD = """
worker_processes 1; daemon off; pid {folder}/{name}.pid; error_log {folder}/{name}.log;
events {{ worker_connections 19000; multi_accept on; }}
http {{
  access_log off; tcp_nodelay on; sendfile on;
  keepalive_timeout 600; keepalive_requests 100000000;
  client_body_temp_path {folder}/{name}-body; proxy_temp_path {folder}/{name}-proxy;
  fastcgi_temp_path {folder}/{name}-fcgi; uwsgi_temp_path {folder}/{name}-uwsgi; scgi_temp_path {folder}/{name}-scgi;
"""


def nginx_command(binary, site, name, http):
    text = NGINX_HEAD.format(folder=site.folder, name=name) + http + "}\n"
    path = site.write(f"{name}.conf", text)
    return [binary, "-e", f"{site.folder}/{name}.log", "-c", path]


def backend(binary, folder, port, thrifty_port):
    """
    What all proxies ask: nginx with fixed answers. An upload is read to its end before it is answered. On `thrifty_port`
    it keeps little in its sockets: on one machine they would hide what the proxy keeps in its own.
    """
    for name, size in (("big", BIG_BYTES), ("huge", HUGE_BYTES)):
        (folder / name).write_bytes(b"x" * size)
    body = "x" * ANSWER_BYTES
    return nginx_command(binary, Site(port, 0, 0, folder), "backend", f"""
  send_timeout 600;
  server {{ listen 127.0.0.1:{port} backlog=4096; listen 127.0.0.1:{thrifty_port} backlog=4096 sndbuf=64k;
    location = /big {{ root {folder}; }}
    location = /huge {{ root {folder}; }}
    location = /upload {{ client_max_body_size 0; client_body_buffer_size {2 * BIG_BYTES};
      proxy_pass http://127.0.0.1:{port}/; proxy_pass_request_body off; proxy_set_header Content-Length ""; }}
    location / {{ default_type application/json; add_header ETag '"abc"'; add_header Cache-Control "max-age=600";
      return 200 "{body}"; }} }}
""")


def nginx(binary, site):
    # Debian's speaks TLS 1.3 only when told to.
    tls = f"""
    ssl_certificate {site.folder}/cert.pem; ssl_certificate_key {site.folder}/key.pem; ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:sessions:10m; ssl_session_tickets off;""" if site.tls else ""
    return nginx_command(binary, site, "nginx", f"""
  upstream backend {{ server 127.0.0.1:{site.backend_port}; keepalive 256; keepalive_requests 100000000; }}
  server {{ listen 127.0.0.1:{site.port}{" ssl" if site.tls else ""} backlog=4096;{tls}
    client_header_timeout 10; client_max_body_size 0; proxy_request_buffering off; proxy_max_temp_file_size 0;
    location / {{ proxy_pass http://backend; proxy_http_version 1.1;
      proxy_set_header Connection ""; proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme; }} }}
""")


def haproxy(binary, site):
    tls = f" ssl crt {site.folder}/both.pem alpn http/1.1" if site.tls else ""
    return [binary, "-db", "-f", site.write("haproxy.cfg", f"""
global
  nbthread 1
  maxconn 9500
defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  option http-keep-alive
  option forwardfor
  http-reuse always
frontend public
  bind 127.0.0.1:{site.port} backlog 4096{tls}
  http-request set-header X-Forwarded-Proto {site.scheme}
  default_backend app
backend app
  server one 127.0.0.1:{site.backend_port} maxconn 10000 pool-max-conn 10000
""")]


def relay(binary, site):
    return [binary, str(site.port), str(site.backend_port)]


def weir(binary, site):
    tls = "\n    tls: { certificates: [ { cert: cert.pem, key: key.pem } ] }" if site.tls else ""
    return [binary, "run", "-c", site.write("weir.yaml", f"""
process: {{ workers: 1, max_connections: 15000 }}  # nginx is told a number as well
admin: {{ address: "127.0.0.1:{site.admin_port}" }}
log: {{ level: error, access: {{ to: "off" }} }}
listeners:
  - address: "127.0.0.1:{site.port}"
    limits: {{ keepalive_timeout: 10m }}{tls}
pools:
  app:
    endpoints: [ "127.0.0.1:{site.backend_port}" ]
    health: "off"
    connections: {{ idle: 10000 }}
routes:
  - pool: app
""")]


@dataclass(frozen=True)
class Peer:
    name: str
    binary: str
    command: object       # (binary, site) -> argv
    version_flags: tuple  # none: it is ours and has the commit's
    workloads: frozenset

    def installed(self):
        return shutil.which(self.binary) is not None

    def version(self):
        if not self.version_flags:
            return "this tree"
        shown = subprocess.run([self.binary, *self.version_flags], capture_output=True, text=True, check=False)
        return (shown.stdout + shown.stderr).strip().splitlines()[0]


def all_peers(weir_binary, relay_binary):
    plain = frozenset({"h1", "big", "upload", "idle"})
    every = plain | {"h1tls", "handshake", "resume", "bigtls", "idletls"}
    full = every | {"slow"}  # others take fewer connections, or have no deadlines
    return {peer.name: peer for peer in (
        Peer("weir", str(weir_binary), weir, ("version",), full),
        Peer("nginx", "nginx", nginx, ("-v",), full),
        Peer("haproxy", "haproxy", haproxy, ("-v",), every),
        Peer("relay", str(relay_binary), relay, (), plain),
    )}

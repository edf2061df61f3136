"""A certificate for the proxies that end TLS, and clients that do not ask who it is from."""

import ssl
import subprocess

from .tools import BenchError, require

# What a new site would use; the key's operation is most of a handshake, so it must be the same for all.
KEY = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")


def make(folder):
    """Writes site.pem and site.key into FOLDER, and both.pem with one behind the other."""
    certificate, key, both = (folder / name for name in ("site.pem", "site.key", "both.pem"))
    if not both.exists():
        made = subprocess.run(
            [require("openssl"), "req", "-x509", "-newkey", *KEY, "-nodes", "-days", "2", "-subj", "/CN=bench",
             "-keyout", key, "-out", certificate],
            capture_output=True, text=True, check=False,
        )
        if made.returncode:
            raise BenchError(f"openssl made no certificate: {made.stderr.strip()}")
        both.write_text(certificate.read_text() + key.read_text())
    return folder


def client():
    """Speaks TLS 1.3 to anybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context

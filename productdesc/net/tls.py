"""TLS: the certificates that are trusted, and what to do about one that is not."""

from __future__ import annotations

import functools
import os
import re
import ssl
from datetime import UTC, datetime
from pathlib import Path

MAX_CA_BYTES = 4 * 2**20  # certifi's whole bundle has 0.3 MB

_PEM = re.compile(rb"-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----")

_USE_CA = (
    "if it is your own, save it or the authority that signed it as PEM and give it with "
    "--ca FILE (in Python NetworkAccess(ca=FILE))"
)
_CLOCK = "is the clock of this machine right? It says {now:%Y-%m-%d %H:%M} UTC"
_NAME = "it is for another name: give the address that it was made out for"
CERTIFICATE_HINTS = {
    9: _CLOCK,  # not yet valid
    10: f"it must be renewed; or {_CLOCK}",  # has expired
    18: _USE_CA,  # self-signed
    19: _USE_CA,  # a self-signed one at the end of its chain
    20: _USE_CA,  # its issuer is not known
    21: f"does the server send its whole chain? Or, {_USE_CA}",
    62: _NAME,
    64: _NAME,
}
"""What may be done, by OpenSSL's code (X509_V_ERR_...) of why a certificate was refused."""


def certificate_error(error: ssl.SSLCertVerificationError) -> str:
    """What is wrong with a certificate, and what to do."""
    reason = f"its certificate is not valid: {error.verify_message}"
    hint = CERTIFICATE_HINTS.get(error.verify_code, "")
    return f"{reason}; {hint}".format(now=datetime.now(UTC)) if hint else reason


def trust_store(*ca_files: str | os.PathLike[str]) -> ssl.SSLContext:
    """A TLS context that verifies names, and trusts the certificates of these files.

    Made here: what Python and httpx make by default writes the keys of every connection to
    the file that the environment variable SSLKEYLOGFILE names.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies names and certificates
    # as curl does: a server's own certificate in the file is enough, without its issuer
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    for file in ca_files:
        context.load_verify_locations(file)
    return context


@functools.cache
def public_trust() -> ssl.SSLContext:
    """Certificates that certifi trusts; reading them takes 20 ms, so once is enough."""
    return trust_store(public_ca_file())


def public_ca_file() -> str:
    """Certifi's bundle of the authorities that the public web trusts."""
    import certifi

    return certifi.where()


def check_ca_file(path: Path) -> None:
    """Raises `ValueError` for what is no file of PEM certificates, and says what it is."""
    if not path.exists():
        raise ValueError(f"{path}: there is no such file of certificates")
    if not path.is_file():
        raise ValueError(f"{path}: is no regular file; give a file of PEM certificates")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_CA_BYTES + 1)
        if len(data) > MAX_CA_BYTES:
            raise ValueError(f"{path}: more than {MAX_CA_BYTES} bytes, the limit")
        if not _PEM.search(data):
            raise ValueError(f"{path}: {_instead_of_pem(data)}")
        trust_store(path)
    except OSError as e:  # ssl.SSLError is one
        raise ValueError(f"{path}: its certificates cannot be read: {e}") from e


def _instead_of_pem(data: bytes) -> str:
    if data[:1] == b"\x30":
        return "is DER; make PEM of it: openssl x509 -inform der -in FILE -out FILE.pem"
    if b"PRIVATE KEY-----" in data:
        return "holds a private key and no certificate; give the certificate only"
    return "holds no PEM certificate (-----BEGIN CERTIFICATE-----)"

"""Makes the TLS context: the trusted certificates, and the client certificate."""

from __future__ import annotations

import ssl
from contextlib import ExitStack
from urllib.request import getproxies

import httpx

from backend_adapters.errors import Unreachable
from backend_adapters.files import regular_path
from backend_adapters.transport.target import Target, Tls


def make_ssl_context(target: Target) -> ssl.SSLContext:
    """The TLS context for a target. Raises Unreachable, not to be retried, for an unusable file.

    Nothing where nothing is encrypted: reading the authorities takes 40 ms, and a context without any refuses
    every server. A proxy, which the environment names, may want TLS.
    """
    plain = target.url.startswith("http://") and not getproxies().keys() & {"http", "https", "all"}
    if plain or target.http is not None:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return load_tls_context(target.tls)


def load_tls_context(tls: Tls) -> ssl.SSLContext:
    """The TLS context for some settings. Raises Unreachable, not to be retried, for an unusable file."""
    context = _load_trust(tls)
    if tls.client_cert:
        try:
            _load_client_certificate(context, tls.client_cert, tls.client_key)
        except (OSError, ValueError) as error:
            files = " with ".join(file for file in (tls.client_cert, tls.client_key) if file)
            hint = "client_cert must be a certificate in PEM format, client_key its key without a passphrase."
            raise _unusable_file(f"The client certificate {files} can't be used", error, hint) from None
    return context


def _load_client_certificate(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    with ExitStack() as files:
        certificate = files.enter_context(regular_path(certificate))
        key = files.enter_context(regular_path(key)) if key else None
        # An empty passphrase, as OpenSSL would otherwise ask for one in the middle of the screen.
        context.load_cert_chain(certificate, key, password=lambda: "")


def _load_trust(tls: Tls) -> ssl.SSLContext:
    if tls.insecure:
        return httpx.create_ssl_context(verify=False)
    if not tls.ca_file:
        return httpx.create_ssl_context()
    try:
        with regular_path(tls.ca_file) as file:
            return ssl.create_default_context(cafile=file)
    except (OSError, ValueError) as error:
        hint = "ca_file must contain certificates in PEM format."
        raise _unusable_file(f"The certificates in {tls.ca_file} can't be used", error, hint) from None


def _unusable_file(message: str, error: Exception, hint: str) -> Unreachable:
    """The error for a file; a missing one is an OSError with an errno, wrong content an SSLError."""
    plain = isinstance(error, OSError) and not isinstance(error, ssl.SSLError) and error.strerror
    why = str(error.strerror).lower() if plain and isinstance(error, OSError) else "unexpected content"
    found = Unreachable(f"{message}: {why}.", hint=hint)
    found.retryable = False
    found.sent = False
    return found

"""Identifies a service that does not answer in HTTP: one that greets first, or one that wants TLS."""

from __future__ import annotations

import asyncio
import ssl

from backend_adapters.errors import BadAnswer
from backend_adapters.redaction import mask_secrets
from backend_adapters.transport.error_body import requires_tls_error
from backend_adapters.transport.http_errors import tls_alert
from backend_adapters.transport.url import join_host_port

IDENTIFY_WITHIN = 1.0
"""Seconds to wait for a greeting, or for the answer to a TLS handshake."""

_GREETING_BYTES = 200
"""Bytes of a greeting that are read."""


async def identify_service(host: str, port: int, *, plain: bool) -> BadAnswer | None:
    """The error that names the service at a port; None where it stays unknown. Nothing is sent to it.

    `plain` says that it was spoken to without TLS, so that it may want just that.
    """
    where = join_host_port(host, port)
    looks = [_identify_by_greeting(host, port, where), *([_identify_tls(host, port, where)] if plain else [])]
    tasks = [asyncio.ensure_future(look) for look in looks]
    try:
        for ended in asyncio.as_completed(tasks):
            if (named := await ended) is not None:
                return named
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return None


async def _identify_by_greeting(host: str, port: int, where: str) -> BadAnswer | None:
    line = await _read_greeting(host, port)
    if line.startswith("SSH-"):
        return BadAnswer(f"{where} is an SSH server.", hint="Check the port.")
    message = f'{where} answered, but not in HTTP: it began with "{line}".'
    return BadAnswer(message, hint="Check the port.") if line else None


async def _identify_tls(host: str, port: int, where: str) -> BadAnswer | None:
    return requires_tls_error(where) if await _accepts_tls(host, port) else None


async def _read_greeting(host: str, port: int) -> str:
    """The line that a service sends first; empty where it sends none."""
    try:
        async with asyncio.timeout(IDENTIFY_WITHIN):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                said = await reader.read(_GREETING_BYTES)
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError):
        return ""
    line = mask_secrets(said.decode("ascii", "replace")).partition("\n")[0].strip()
    return line if line.isprintable() else ""


async def _accepts_tls(host: str, port: int) -> bool:
    """Whether the service answers to a TLS handshake, even if it refuses it."""
    # Nothing is sent over this connection: whether it can be trusted does not matter.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(IDENTIFY_WITHIN):
            _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
    except ssl.SSLError as error:
        return bool(tls_alert(error))
    except (OSError, TimeoutError):
        return False
    writer.transport.abort()
    return True

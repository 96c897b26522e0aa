"""Checks a server's URL and takes it apart: host, port and the form that messages show."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit, urlunsplit

from backend_adapters.errors import Unreachable

_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")
_NAME = re.compile(r"[A-Za-z0-9_.-]*")
"""What a host may be called; names of containers have underscores. An empty one is checked for elsewhere."""


def normalize_url(url: str) -> str:
    """The URL with a scheme, without userinfo, query, fragment and closing slash. Raises Unreachable."""
    text = url.strip()
    if "://" not in text:
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
        _check_host(host or "")
    except ValueError:
        raise _address_error(url) from None
    # Blanks are searched in the text itself, as the parser drops some of them.
    blank = _BLANK.search(text.rpartition("@")[2])
    if parts.scheme not in ("http", "https") or not host or port == 0 or blank:
        raise _address_error(url)
    return urlunsplit((parts.scheme, join_host_port(host, port), parts.path.rstrip("/"), "", ""))


def _check_host(host: str) -> None:
    """Raise ValueError for an impossible host: `ho st`, `10.0.0.256`, `xn--`."""
    if host.isascii() and ":" not in host and not _NAME.fullmatch(host):
        raise ValueError("no name of a host")
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+){3}", host):
        ipaddress.IPv4Address(host)
    elif ":" in host:
        ipaddress.IPv6Address(host)
    elif not host.isascii() or "xn--" in host:
        # Imported here: hardly any host has such a name.
        import idna

        (idna.decode if host.isascii() else idna.encode)(host)


def host_and_port(url: str) -> str:
    """Host and port of a normalized URL, always with the port: `db.example:443`."""
    parts = urlsplit(url)
    return join_host_port(parts.hostname or "", parts.port or default_port(parts.scheme))


def default_port(scheme: str) -> int:
    """The port of a URL without one."""
    return 443 if scheme == "https" else 80


def join_host_port(host: str, port: int | None) -> str:
    """Host and port as they stand in a URL: `db.example:8080`, `[::1]:8080`."""
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if port is None else f"{bracketed}:{port}"


def _address_error(url: str) -> Unreachable:
    """The error for an invalid address, which is shown without its userinfo."""
    shown = "".join(sign if sign.isprintable() else "\ufffd" for sign in url.rpartition("@")[2])
    error = Unreachable(f'"{shown}" is not a valid server address.', hint="Write it as http://host:8080.")
    error.retryable = False
    return error

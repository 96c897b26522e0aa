"""Compares where URLs lead to, and tells whether what is sent there can be read on its way."""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from typing import NamedTuple
from urllib.parse import urlsplit

from backend_adapters.transport.url import default_port, normalize_url

_NUMBERS = re.compile(r"(?:0[xX][0-9a-fA-F]+|[0-9]+)(?:\.(?:0[xX][0-9a-fA-F]+|[0-9]+)){0,3}")
"""One to four numbers, decimal, octal or hexadecimal."""


class Origin(NamedTuple):
    """Scheme, host and port: what a login is valid for."""

    scheme: str
    host: str
    port: int


def parse_origin(url: str) -> Origin:
    """The origin of a URL. Raises Unreachable for an invalid address."""
    parts = urlsplit(normalize_url(url))
    return Origin(parts.scheme, parts.hostname or "", parts.port or default_port(parts.scheme))


def is_same_origin(one: str, other: str) -> bool:
    """Whether a login for one URL may go to the other: same scheme, host and port."""
    return parse_origin(one) == parse_origin(other)


def is_same_server(one: str, other: str) -> bool:
    """Whether two URLs lead to one server, however its host is written, over http or https."""
    return name_server(one) == name_server(other)


def name_server(url: str) -> tuple[str, int]:
    """Host and port of the server that a URL leads to, the host in one spelling."""
    origin = parse_origin(url)
    return _normalize_host(origin.host), origin.port


def _normalize_host(host: str) -> str:
    """A host in one spelling; all names of this machine are the same."""
    host = host.rstrip(".")
    address = _parse_ip(host)
    # A connection to the unspecified address reaches this machine.
    if is_loopback(host) or (address is not None and address.is_unspecified):
        return "localhost"
    if address is not None:
        return str(address)
    if not host.isascii():
        # Imported here: hardly any host has such a name.
        import idna

        return idna.encode(host).decode("ascii")
    return host


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, so that nothing sent there leaves it."""
    address = _parse_ip(host)
    return host.rstrip(".").lower() == "localhost" if address is None else address.is_loopback


def _parse_ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address of a host, the inner one of an IPv4-mapped address; None for a name."""
    try:
        # After the % of an IPv6 address comes the interface that leads to it.
        address = ipaddress.ip_address(host.partition("%")[0] if ":" in host else host)
    except ValueError:
        return _parse_short_ip(host)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _parse_short_ip(host: str) -> ipaddress.IPv4Address | None:
    """The IPv4 address of a host in another form that resolvers take: `127.1`, `0x7f000001`."""
    if not _NUMBERS.fullmatch(host):
        return None
    # Imported here: hardly any host is written like that.
    import socket

    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def is_sent_in_clear(url: str) -> bool:
    """Whether what is sent to a URL can be read on its way: plain http that leaves this machine."""
    origin = parse_origin(url)
    return origin.scheme == "http" and not (
        is_loopback(origin.host) and find_proxy("http", origin.host) is None
    )


def find_proxy(scheme: str, host: str) -> tuple[str, int] | None:
    """Host and port of the proxy that the environment, or a Mac's settings, name for this host, if any."""
    if sys.platform != "darwin" and not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    # Imported here: it takes a while, and most machines have no proxy.
    from urllib.request import getproxies, proxy_bypass

    found = getproxies().get(scheme) or getproxies().get("all")
    if not found or proxy_bypass(host):
        return None
    parts = urlsplit(found if "://" in found else f"http://{found}")
    return (parts.hostname or "", parts.port or default_port(parts.scheme))

"""Which URLs lead to the same server, and on which way a login can be read."""

from __future__ import annotations

import os
import sys
import urllib.request

import pytest

from backend_adapters.transport.origin import find_proxy, is_same_origin, is_same_server, is_sent_in_clear

HOME = "https://db.example"


@pytest.mark.parametrize(
    ("url", "origin", "server"),
    [
        ("https://db.example:443/hugegraph/", True, True),
        ("HTTPS://DB.Example", True, True),
        ("https://db.example.", False, True),
        ("http://db.example:443", False, True),
        ("http://db.example", False, False),
        ("https://db.example:8443", False, False),
        ("https://db.example.evil.test", False, False),
        ("https://db.example@evil.test", False, False),
        ("https://evil.test#@db.example", False, False),
    ],
)
def test_a_login_stays_with_scheme_host_and_port(url: str, origin: bool, server: bool) -> None:
    assert (is_same_origin(HOME, url), is_same_server(HOME, url)) == (origin, server)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://localhost:8080", "127.0.0.1:8080"),
        ("http://localhost:8080", "https://[::1]:8080"),
        ("http://127.0.0.1:8080", "http://127.0.0.2:8080"),
        ("http://localhost:8080", "http://127.1:8080"),
        ("http://localhost:8080", "http://2130706433:8080"),
        ("http://localhost:8080", "http://0:8080"),
        ("http://localhost:8080", "http://0.0.0.0:8080"),
        ("http://localhost:8080", "http://[::]:8080"),
        ("http://10.0.0.1:8080", "http://10.1:8080"),
        ("http://10.0.0.1:8080", "http://0x0a000001:8080"),
        ("http://[2001:db8::1]:8080", "http://[2001:db8:0:0:0:0:0:1]:8080"),
        ("http://10.0.0.1:8080", "http://[::ffff:10.0.0.1]:8080"),
        ("http://bücher.example", "http://xn--bcher-kva.example"),
    ],
)
def test_one_server_has_many_names(one: str, other: str) -> None:
    assert is_same_server(one, other)
    assert not is_same_origin(one, other)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.9.9.9", "127.1", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_what_stays_on_this_machine_is_not_in_clear(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setattr(os, "environ", {})
    assert not is_sent_in_clear(f"http://{host}:8080")
    monkeypatch.setattr(os, "environ", {"HTTP_PROXY": "http://proxy.example:3128"})
    assert is_sent_in_clear(f"http://{host}:8080"), "by way of a proxy it leaves the machine"


def test_a_mac_can_name_its_proxy_without_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setattr(urllib.request, "getproxies", lambda: {"http": "http://proxy.example:3128"})
    monkeypatch.setattr(urllib.request, "proxy_bypass", lambda host: False)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert find_proxy("http", "db.example") == ("proxy.example", 3128)


@pytest.mark.parametrize(
    ("url", "clear"),
    [
        ("db.example:8080", True),
        ("http://10.0.0.1", True),
        ("http://localhost.evil.test", True),
        ("http://127.0.0.1.evil.test", True),
        ("https://db.example", False),
        ("https://10.0.0.1", False),
    ],
)
def test_only_tls_hides_what_leaves_this_machine(url: str, clear: bool) -> None:
    assert is_sent_in_clear(url) is clear

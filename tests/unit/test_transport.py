"""What the one HTTP client does with connections, caps, retries, logins and redirects."""

from __future__ import annotations

import asyncio
import ssl
import time

import httpx
import pytest

from backend_adapters.errors import BackendError, BadAnswer, NotLoggedIn, TimedOut, Unreachable
from backend_adapters.transport.client import IN_FLIGHT, Transport
from backend_adapters.transport.target import Credentials, Target, Timeouts
from backend_adapters.transport.tls import trust_for
from tests.adapters.wires import http_answer, socket_server


def transport_on(handler, **options) -> Transport:
    return Transport(Target(url="http://db.example:8080", http=httpx.MockTransport(handler), **options))


async def test_a_get_brings_body_latency_and_counters():
    transport = transport_on(lambda request: httpx.Response(200, content=b"{}"))
    assert transport.latency is None
    reply = await transport.get("versions")
    assert (reply.code, reply.body, reply.truncated) == (200, b"{}", False)
    assert transport.latency is not None
    assert 0 <= transport.latency < 5
    assert (transport.counters.requests, transport.counters.received) == (1, 2)
    await transport.aclose()


async def test_paths_are_added_to_the_urls_own_path_and_quoted_ones_stay():
    seen = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200)

    transport = Transport(Target(url="https://gw.example/graph/", http=httpx.MockTransport(handler)))
    await transport.get("graphs/a%2Fb/tasks", [("page", "a+/="), ("limit", "4")])
    assert seen == ["https://gw.example/graph/graphs/a%2Fb/tasks?page=a%2B%2F%3D&limit=4"]
    await transport.aclose()


async def test_a_body_over_the_cap_is_cut_and_says_so():
    async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(http_answer(b"x" * 1_000_000))

    sizes: list[int] = []
    async with socket_server(answer) as (url, _):
        transport = Transport(Target(url=url))
        reply = await transport.get("big", cap=100_000, progress=sizes.append)
        assert reply.truncated
        assert reply.body == b"x" * 100_000
        assert sizes == sorted(sizes)
        assert 100_000 < sizes[-1] < 1_000_000
        whole = await transport.get("big")
        assert not whole.truncated
        assert len(whole.body) == 1_000_000
        await transport.aclose()


async def test_a_read_is_tried_once_more_when_the_kept_connection_was_closed():
    calls = 0

    async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            writer.transport.abort()
        else:
            writer.write(http_answer(b"[]"))

    async with socket_server(answer) as (url, heads):
        transport = Transport(Target(url=url))
        assert (await transport.get("tasks")).body == b"[]"
        assert len(heads) == 2
        await transport.aclose()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
async def test_a_change_is_never_sent_twice(method):
    async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with socket_server(answer) as (url, heads):
        transport = Transport(Target(url=url))
        with pytest.raises(Unreachable, match="cut the connection"):
            await transport.send(method, "tasks/1")
        assert len(heads) == 1
        await transport.aclose()


async def test_a_connection_cut_in_the_middle_of_a_body_is_unreachable_after_two_tries():
    async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(http_answer(b'{"tasks":[', length=500))
        await writer.drain()
        writer.close()

    async with socket_server(answer) as (url, heads):
        transport = Transport(Target(url=url))
        with pytest.raises(Unreachable, match="before the answer was complete"):
            await transport.get("tasks")
        assert len(heads) == 2
        await transport.aclose()


async def test_a_silent_server_is_timed_out_and_not_asked_again():
    async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3)

    async with socket_server(answer) as (url, heads):
        transport = Transport(Target(url=url, timeouts=Timeouts(read=0.05)))
        with pytest.raises(TimedOut, match=r"sent nothing for 0\.05 s"):
            await transport.get("tasks")
        assert len(heads) == 1
        await transport.aclose()


async def test_closing_ends_a_read_that_is_under_way_at_once():
    begun = asyncio.Event()

    async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(http_answer(b'{"tasks":[', length=500))
        await asyncio.sleep(30)

    async with socket_server(answer) as (url, _):
        transport = Transport(Target(url=url))
        reading = asyncio.ensure_future(transport.get("tasks", progress=lambda size: begun.set()))
        await begun.wait()
        begin = time.perf_counter()
        await transport.aclose()
        with pytest.raises(Unreachable, match="closed"):
            await reading
        assert time.perf_counter() - begin < 10, "it waited for the server, which sleeps for 30 s"
        with pytest.raises(Unreachable, match="is closed"):
            await transport.get("tasks")


async def test_no_more_than_four_requests_are_in_flight():
    now, most = 0, 0

    async def handler(request: httpx.Request) -> httpx.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.005)
        now -= 1
        return httpx.Response(200)

    transport = transport_on(handler)
    await asyncio.gather(*(transport.get("tasks") for _ in range(20)))
    assert most == IN_FLIGHT == 4
    await transport.aclose()


async def test_a_redirect_is_not_followed_and_says_where_to():
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(302, headers={"Location": "https://user:pw@login.example/sso?token=abc"})

    transport = transport_on(handler)
    with pytest.raises(BadAnswer) as caught:
        await transport.get("versions")
    assert "https://***@login.example/sso?token=***" in str(caught.value)
    assert asked == ["http://db.example:8080/versions"]
    await transport.aclose()


async def test_basic_and_bearer_are_sent_and_a_refused_secret_is_asked_for_again():
    seen: list[str | None] = []
    passwords = iter(["old", "new"])

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("Authorization"))
        return httpx.Response(401 if len(seen) == 1 else 200)

    transport = transport_on(handler, credentials=Credentials("ann", lambda: next(passwords)))
    for code in (401, 200, 200):
        assert (await transport.get("graphs")).code == code
    await transport.aclose()
    bearer = transport_on(handler, credentials=Credentials("ann", token=lambda: " t0ken\n"))
    await bearer.get("graphs")
    await bearer.aclose()
    nobody = transport_on(handler)
    await nobody.get("graphs")
    await nobody.aclose()
    assert seen == ["Basic YW5uOm9sZA==", "Basic YW5uOm5ldw==", "Basic YW5uOm5ldw==", "Bearer t0ken", None]


async def test_a_token_that_no_header_can_carry_is_refused_before_anything_is_sent():
    transport = transport_on(
        lambda request: httpx.Response(200), credentials=Credentials(token=lambda: "тайна")
    )
    with pytest.raises(NotLoggedIn, match="characters that no token has") as caught:
        await transport.get("graphs")
    assert "тайна" not in str(caught.value)
    await transport.aclose()


async def test_what_is_no_http_is_told_from_what_is_not_there():
    async def not_http(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x15\x03\x01\x00\x02\x02\x46\r\n")
        writer.close()

    async with socket_server(not_http) as (url, _):
        transport = Transport(Target(url=url))
        with pytest.raises(BadAnswer, match="not in HTTP") as caught:
            await transport.get("versions")
        assert "https://" in caught.value.hint
        await transport.aclose()
    gone = Transport(Target(url=url))
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:\d+ refused the connection"):
        await gone.get("versions")
    await gone.aclose()


async def test_https_to_a_plain_port_says_so():
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        transport = Transport(Target(url=f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
        with pytest.raises(Unreachable, match="does not speak TLS") as refused:
            await transport.get("versions")
        assert "http://" in refused.value.hint
        await transport.aclose()


async def test_an_unknown_host_is_named():
    transport = Transport(Target(url="http://no-such-host.invalid:8080"))
    with pytest.raises(Unreachable, match=r"no-such-host\.invalid"):
        await transport.get("versions")
    await transport.aclose()


@pytest.mark.parametrize(
    ("given", "clean", "name"),
    [
        ("localhost:8080", "http://localhost:8080", "localhost:8080"),
        ("http://h:8080/", "http://h:8080", "h:8080"),
        (" https://ann:pw@h.example/base/?x=1#y ", "https://h.example/base", "h.example:443"),
        ("http://[::1]:8080", "http://[::1]:8080", "[::1]:8080"),
    ],
)
def test_a_url_is_cleaned_and_gives_the_profile_its_name(given, clean, name):
    target = Target(url=given)
    assert (target.url, target.profile) == (clean, name)


@pytest.mark.parametrize(
    "bad", ["", "http://", "ftp://h/x", "http://h:port", "http://ann:pw@", "http://h:99999"]
)
def test_what_is_no_url_is_refused_without_showing_a_password(bad):
    with pytest.raises(BackendError, match="not the address of a server") as caught:
        Target(url=bad)
    assert "pw" not in str(caught.value)
    assert not caught.value.retryable


def test_no_repr_shows_a_secret():
    target = Target(
        url="http://ann:hunter2@h:1", credentials=Credentials("ann", lambda: "hunter2", lambda: "tok3n")
    )
    assert "hunter2" not in repr(target)
    assert "tok3n" not in repr(target)


@pytest.mark.parametrize(("text", "seconds"), [
    ("7", 7.0), ("300", 300.0), ("86400", 300.0), ("9" * 310, 300.0), ("9" * 5000, 300.0), ("0", 0.0),
    ("inf", None), ("nan", None), ("-5", None), ("1e9", None), ("", None), ("\u0663", None),
    ("Wed, 21 Oct 2026 07:28:00 GMT", None),
])  # fmt: skip
async def test_the_time_that_a_server_asks_to_wait_is_believed_within_reason(text, seconds):
    headers = {"Retry-After": text.encode()}
    transport = transport_on(lambda request: httpx.Response(503, headers=headers))
    assert (await transport.get("tasks")).retry_after == seconds
    await transport.aclose()


async def trickle(head: bytes, writer: asyncio.StreamWriter) -> None:
    """An answer that goes on and never ends."""
    writer.write(http_answer(b"[", length=1_000_000))
    while not writer.is_closing():
        await asyncio.sleep(0.02)
        writer.write(b" ")
        await writer.drain()


async def test_an_answer_that_trickles_for_ever_is_timed_out(monkeypatch):
    async with socket_server(trickle) as (url, heads):
        transport = Transport(Target(url=url, timeouts=Timeouts(read=0.1)))
        with pytest.raises(TimedOut, match=r"did not complete its answer within 0\.3 s"):
            await asyncio.wait_for(transport.get("tasks", within=0.3), 5)
        assert len(heads) == 1
        await transport.aclose()


async def test_a_call_may_wait_for_an_answer_as_long_as_it_goes_on():
    async with socket_server(trickle) as (url, _):
        transport = Transport(Target(url=url, timeouts=Timeouts(read=0.1)))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(transport.get("tasks/1", within=None), 0.6)
        await transport.aclose()


def test_each_target_has_credentials_of_its_own():
    one, other = Target(url="http://a"), Target(url="http://b")
    one.credentials.renew("ann", lambda: "hunter2")
    assert other.credentials.user is None


def trusts_the_authorities(url: str) -> bool:
    return trust_for(Target(url=url)).cert_store_stats()["x509_ca"] > 0


@pytest.fixture
def no_proxies(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def test_nothing_encrypted_needs_no_authorities_and_would_believe_nobody(no_proxies):
    trust = trust_for(Target(url="http://db:8080"))
    assert isinstance(trust, ssl.SSLContext)
    assert (trust.verify_mode, trust.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert trust.get_ca_certs() == []


@pytest.mark.parametrize("name", ["HTTP_PROXY", "https_proxy", "ALL_PROXY"])
def test_https_and_proxies_have_the_usual_authorities(no_proxies, name):
    assert trusts_the_authorities("https://db:8080")
    no_proxies.setenv(name, "https://proxy.example:3128")
    assert trusts_the_authorities("http://db:8080")


@pytest.mark.parametrize(
    "url", ["http://10.0.0.256", "192.168.1.1000", "xn--", "http://[::g]", "http://bücher..de"]
)
def test_what_no_client_can_ask_is_no_address(url):
    with pytest.raises(Unreachable, match="is not the address of a server"):
        Target(url=url)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.25", "http://[::1]:8080", "http://bücher.de", "http://xn--bcher-kva.de"]
)
def test_unusual_addresses_are_addresses(url):
    assert Target(url=url).profile

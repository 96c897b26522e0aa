"""What the one HTTP client does with connections, caps, retries, logins and redirects."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

import httpx
import pytest

from backend_adapters.errors import (
    BackendError,
    BadAnswer,
    BadValue,
    NotLoggedIn,
    ServerFault,
    TimedOut,
    Unreachable,
)
from backend_adapters.transport import service_probe
from backend_adapters.transport.client import IN_FLIGHT, Transport
from backend_adapters.transport.credentials import AccessKeys, Credentials
from backend_adapters.transport.error_body import Reply
from backend_adapters.transport.path_segment import quote_segment
from backend_adapters.transport.target import Target, Timeouts
from backend_adapters.transport.tls import make_ssl_context
from tests.adapters.scripted_servers import SilentStream, http_answer, move_clock, socket_server
from tests.unit.fakes import run_until_idle

MEBIBYTE = b"x" * 1024 * 1024
KEYS = AccessKeys("AK", "SK", "STS")


async def never() -> None:
    """Fetch a new secret; nobody is to ask for it."""
    raise AssertionError("nothing was refused")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cuts a connection here is not looked at for long."""
    monkeypatch.setattr(service_probe, "IDENTIFY_WITHIN", 0.01)


def transport_on(handler, **options) -> Transport:
    return Transport(Target(url="http://db.example:8080", http=httpx.MockTransport(handler), **options))


async def test_a_get_brings_body_and_latency_and_is_counted():
    transport = transport_on(lambda request: httpx.Response(200, content=b"{}"))
    assert transport.latency is None
    reply = await transport.get("versions")
    assert (reply.code, reply.body, reply.truncated) == (200, b"{}", False)
    assert transport.latency is not None
    assert 0 <= transport.latency < 5
    assert (transport.request_count, transport.received_bytes) == (1, 2)
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


@pytest.mark.parametrize(("length", "cut"), [(999, False), (1000, False), (1001, True)])
async def test_a_body_of_just_the_cap_is_whole(length, cut):
    transport = transport_on(lambda request: httpx.Response(200, content=b"x" * length))
    reply = await transport.get("big", cap=1000)
    assert (len(reply.body), reply.truncated) == (min(length, 1000), cut)
    assert transport.received_bytes == length


@pytest.mark.parametrize(
    ("length", "kept"), [(5000, 5000), (1024 * 1024, 1024 * 1024), (2_000_000, 1024 * 1024)]
)
async def test_of_an_error_a_mebibyte_is_read_whatever_the_cap(length, kept):
    transport = transport_on(lambda request: httpx.Response(400, content=b"x" * length))
    reply = await transport.get("big", cap=10)
    assert (len(reply.body), reply.truncated) == (kept, kept < length)
    assert len((await transport.get("big", cap=3_000_000)).body) == length


class Body(httpx.AsyncByteStream):
    """A body that notes that it was closed, which gives its connection back."""

    closed = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"x" * 1000
        yield b"y"

    async def aclose(self) -> None:
        self.closed += 1


class Flood(httpx.AsyncByteStream):
    """A body that goes on and on, a mebibyte at a time; it counts what was taken."""

    taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.taken += 1
            yield MEBIBYTE


async def test_of_an_answer_without_end_sixty_four_mebibytes_are_read_and_no_more():
    flood = Flood()
    transport = transport_on(lambda request: httpx.Response(200, stream=flood))
    reply = await transport.get("tasks")
    assert (len(reply.body), reply.truncated, flood.taken) == (64 * len(MEBIBYTE), True, 65)


@pytest.mark.parametrize(("code", "cap"), [(200, 2000), (200, 10), (302, 2000)])
async def test_an_answer_gives_its_connection_back_also_where_it_is_not_read_to_its_end(code, cap):
    body = Body()
    transport = transport_on(lambda request: httpx.Response(code, stream=body))
    with suppress(BadAnswer):
        await transport.get("tasks", cap=cap)
    assert body.closed == 1
    with suppress(BadAnswer):
        await anext(transport.stream("tasks", refuse=refused))


@pytest.mark.parametrize(("error", "tries", "words"), [
    (httpx.RemoteProtocolError("Server disconnected"), 2, "closed the connection"),
    (httpx.ReadError("broken"), 2, "closed the connection"),
    (httpx.WriteError("broken"), 2, "closed the connection"),
    (httpx.ConnectError("odd"), 1, "Couldn't connect to db.example:8080: odd"),
    (httpx.ReadTimeout("late"), 1, "sent nothing for 30 s"),
    (httpx.ConnectTimeout("late"), 1, "did not accept a connection within 5 s"),
    (ssl.SSLError(1, "odd"), 1, "closed the connection"),
])  # fmt: skip
async def test_only_a_broken_connection_is_tried_once_more_and_only_for_reads(error, tries, words):
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        raise error

    transport = transport_on(handler)
    with pytest.raises(BackendError, match=words) as caught:
        await transport.get("tasks")
    assert asked == ["GET"] * tries
    assert caught.value.__cause__ is error
    assert transport.request_count == tries
    with pytest.raises(BackendError, match=words):
        await transport.send("DELETE", "tasks/1")
    assert asked[tries:] == ["DELETE"]


async def test_a_request_says_who_asks_and_wants_json():
    seen: list[httpx.Headers] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(200)

    transport = transport_on(handler)
    await transport.send("POST", "jobs", [("a", "b c")], json={"x": 1})
    assert (seen[0]["accept"], seen[0]["user-agent"]) == ("application/json", "graphtop")
    assert seen[0]["content-type"] == "application/json"
    await transport.aclose()


@pytest.mark.parametrize(("date", "ahead"), [
    ("Thu, 26 Nov 2026 08:00:30 GMT", 30.0),
    ("Thu, 26 Nov 2026 07:59:00 GMT", -60.0),
    ("Thu, 26 Nov 2026 10:00:00 +0200", 0.0),
    ("Thu, 26 Nov 2026 08:00:30 -0000", None),
    ("yesterday", None), ("", None), ("Thu, 99 Nov 2026 08:00:30 GMT", None),
])  # fmt: skip
async def test_the_servers_clock_is_known_by_its_last_answer(date, ahead):
    now = datetime(2026, 11, 26, 8, tzinfo=UTC).timestamp()
    transport = transport_on(lambda request: httpx.Response(200, headers={"Date": date}), now=lambda: now)
    assert transport.clock_ahead is None
    reply = await transport.get("versions")
    assert transport.clock_ahead == ahead
    assert reply.date == (None if ahead is None else now + ahead)
    transport.clock_ahead = 7.0
    await transport.get("versions")
    assert transport.clock_ahead == ahead


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
        with pytest.raises(Unreachable, match="closed the connection"):
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
        move_clock(31)
        await asyncio.Event().wait()

    async with socket_server(answer) as (url, heads):
        transport = Transport(Target(url=url))
        with pytest.raises(TimedOut, match="sent nothing for 30 s"):
            await transport.get("tasks")
        assert len(heads) == 1
        await transport.aclose()


async def test_closing_ends_a_read_that_is_under_way_at_once():
    begun = asyncio.Event()

    async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(http_answer(b'{"tasks":[', length=500))
        await asyncio.Event().wait()

    async with socket_server(answer) as (url, _):
        transport = Transport(Target(url=url))
        reading = asyncio.ensure_future(transport.get("tasks", progress=lambda size: begun.set()))
        await begun.wait()
        await transport.aclose()
        with pytest.raises(Unreachable, match="closed"):
            await reading
        with pytest.raises(Unreachable, match="is closed"):
            await transport.get("tasks")


@pytest.mark.parametrize(("options", "read", "limit"), [
    ({}, 30.0, 60), ({}, 31.0, 62), ({"within": 600.0}, 30.0, 600), ({"within": 10.0}, 3.0, 10),
])  # fmt: skip
async def test_an_answer_has_a_minute_or_two_silences_unless_a_call_says_otherwise(options, read, limit):
    body = SilentStream(limit - 5)
    transport = transport_on(lambda request: httpx.Response(200, stream=body), timeouts=Timeouts(read=read))
    reading = asyncio.ensure_future(transport.get("tasks", **options))
    await body.waited_for.wait()
    await run_until_idle()
    assert not reading.done()
    move_clock(10)
    with pytest.raises(TimedOut, match=f"didn't complete its answer within {limit} s"):
        await reading
    assert transport.request_count == 1


class Stubborn(httpx.AsyncBaseTransport):
    """Connections that do not let themselves be closed; the clock moves on as soon as that is tried."""

    ended = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200)

    async def aclose(self) -> None:
        try:
            move_clock(1.1)
            await asyncio.Event().wait()
        finally:
            self.ended = True


async def test_a_server_that_does_not_let_go_is_left_after_a_second():
    http = Stubborn()
    transport = Transport(Target(url="http://db.example:8080", http=http))
    await transport.get("versions")
    await transport.aclose()
    await asyncio.sleep(0)
    assert http.ended
    await transport.aclose()


async def test_no_more_than_four_requests_are_in_flight():
    now, most, answering = 0, 0, asyncio.Event()

    async def handler(request: httpx.Request) -> httpx.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await answering.wait()
        now -= 1
        return httpx.Response(200)

    transport = transport_on(handler)
    replies = asyncio.gather(*(transport.get("tasks") for _ in range(20)))
    await run_until_idle()
    assert most == IN_FLIGHT == 4
    answering.set()
    assert [reply.code for reply in await replies] == [200] * 20
    assert most == IN_FLIGHT
    await transport.aclose()


async def test_a_redirect_is_not_followed_and_says_where_to():
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(
            302, headers={"Location": f"https://user:pw@login.example/sso?token=abc&{'ids=1&' * 400}"}
        )

    transport = transport_on(handler)
    with pytest.raises(BadAnswer) as caught:
        await transport.get("versions")
    assert str(caught.value) == (
        "db.example:8080 answered 302, a redirect to https://user:••••••@login.example/sso"
    )
    assert caught.value.hint == "If that is the right address, use it instead."
    assert caught.value.code == 302
    assert asked == ["http://db.example:8080/versions"]
    await transport.aclose()


@pytest.mark.parametrize("code", [300, 304, 399])
async def test_every_3xx_is_a_redirect_and_also_one_that_leads_nowhere(code):
    transport = transport_on(lambda request: httpx.Response(code))
    with pytest.raises(BadAnswer, match=f"answered {code}, a redirect without an address"):
        await transport.get("versions")


@pytest.mark.parametrize(("code", "ok"), [(199, False), (200, True), (299, True), (400, False), (500, False)])
async def test_any_2xx_is_a_yes_and_other_answers_are_given_as_they_are(code, ok):
    reply = await transport_on(lambda request: httpx.Response(code, content=b"x")).get("versions")
    assert (reply.code, reply.is_success, reply.body) == (code, ok, b"x")


async def refused(reply: Reply) -> None:
    """Raises for an answer other than 2xx, as an adapter does."""
    raise ServerFault(f"no: {reply.body.decode()}", code=reply.code)


async def test_a_stream_is_given_in_pieces_and_counted():
    transport = transport_on(lambda request: httpx.Response(200, content=b"x" * 200_000))
    pieces = [len(piece) async for piece in transport.stream("tasks/1", refuse=refused)]
    assert pieces == [65_536, 65_536, 65_536, 3_392]
    assert (transport.request_count, transport.received_bytes) == (1, 200_000)


async def test_a_stream_that_the_server_refuses_is_what_its_answer_stands_for():
    transport = transport_on(lambda request: httpx.Response(500, content=b"boom"))
    with pytest.raises(ServerFault, match="no: boom"):
        await anext(transport.stream("tasks/1", refuse=refused))
    assert (transport.request_count, transport.received_bytes) == (1, 4)


async def test_a_stream_follows_no_redirect():
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(302, headers={"Location": "/elsewhere"})

    transport = transport_on(handler)
    with pytest.raises(BadAnswer, match="a redirect to /elsewhere"):
        await anext(transport.stream("tasks/1", refuse=refused))
    assert asked == ["/tasks/1"]


async def test_a_stream_has_no_deadline_and_is_not_tried_again():
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        raise httpx.ReadError("broken")

    transport = transport_on(handler)
    with pytest.raises(Unreachable, match=r"^db\.example:8080 closed the connection"):
        await anext(transport.stream("tasks/1", refuse=refused))
    assert asked == ["/tasks/1"]


async def test_streams_count_among_the_four_requests_in_flight():
    transport = transport_on(lambda request: httpx.Response(200, content=b"x" * 100_000))
    streams = [transport.stream("tasks/1", refuse=refused) for _ in range(IN_FLIGHT)]
    for stream in streams:
        await anext(stream)
    fifth = asyncio.ensure_future(transport.get("tasks"))
    await run_until_idle()
    assert transport.request_count == IN_FLIGHT
    for stream in streams:
        await stream.aclose()
    assert (await fifth).code == 200


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


@pytest.mark.parametrize("secret", ["тайна", "two\nlines", "tab\tbed"])
async def test_a_token_that_no_header_can_carry_is_refused_before_anything_is_sent(secret):
    transport = transport_on(
        lambda request: httpx.Response(200), credentials=Credentials(token=lambda: secret)
    )
    with pytest.raises(NotLoggedIn, match=r"^The token contains characters that no token has\.$") as caught:
        await transport.get("graphs")
    assert secret not in str(caught.value)
    assert caught.value.hint == "Set it again."
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
        with pytest.raises(Unreachable, match="doesn't use TLS on this port") as refused:
            await transport.get("versions")
        assert "http://" in refused.value.hint
        await transport.aclose()


async def test_an_unknown_host_is_named(monkeypatch):
    async def getaddrinfo(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    transport = Transport(Target(url="http://no-such-host.example:8080"))
    with pytest.raises(Unreachable, match=r'^Can.t resolve host "no-such-host\.example"\.$'):
        await transport.get("versions")
    await transport.aclose()


@pytest.mark.parametrize(
    ("given", "clean", "name"),
    [
        ("localhost:8080", "http://localhost:8080", "localhost:8080"),
        ("http://h:8080/", "http://h:8080", "h:8080"),
        (" https://ann:pw@h.example/base/?x=1#y ", "https://h.example/base", "h.example:443"),
        ("http://[::1]:8080", "http://[::1]:8080", "[::1]:8080"),
        ("http://h", "http://h", "h:80"),
        ("https://h", "https://h", "h:443"),
        ("https://h:80", "https://h:80", "h:80"),
        ("https://[::1]", "https://[::1]", "[::1]:443"),
        ("HTTP://H.Example/A", "http://h.example/A", "h.example:80"),
    ],
)
def test_a_url_is_cleaned_and_gives_the_profile_its_name(given, clean, name):
    target = Target(url=given)
    assert (target.url, target.profile) == (clean, name)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "http://",
        "ftp://h/x",
        "http://h:port",
        "http://ann:pw@",
        "http://h:99999",
        "http://127.0.0.1:0",
        "https://ann:pw@h:0/x",
        "http://ho st",
        "http://ann:pw@ho st:8080",
        "ho st",
        "http://ho\tst",
        "http://h:8080\n/x",
        "http://h:8080/a b",
        "http://h\x00",
        "http://h<>:80",
        "http://h|x",
        'http://"h"',
        "http://h,other:80",
        "http://h:8080 http://other:8080",
        "http://$HOST:8080",
    ],
)
def test_what_is_no_url_is_refused_without_showing_a_password(bad):
    with pytest.raises(Unreachable, match=r'^".*" is not a valid server address') as caught:
        Target(url=bad)
    assert "pw" not in str(caught.value)
    assert not caught.value.retryable
    assert caught.value.hint == "Write it as http://host:8080."


@pytest.mark.parametrize(("credentials", "shown"), [
    (Credentials(), "Credentials()"),
    (Credentials("ann", lambda: "hunter2"), "Credentials(user='ann')"),
    (Credentials("ann", token=lambda: "tok3n"), "Credentials(token)"),
    (Credentials(keys=lambda: KEYS), "Credentials(keys)"),
])  # fmt: skip
def test_credentials_show_their_kind_and_the_users_name(credentials, shown):
    assert repr(credentials) == shown
    assert repr(KEYS) == "AccessKeys('AK', …)"


def test_credentials_hold_what_was_given_and_nothing_else():
    nobody = Credentials()
    assert (nobody.user, nobody.password(), nobody.token(), nobody.keys()) == (None, "", None, None)
    assert not nobody.can_renew
    ann = Credentials("ann", lambda: "pw", again=never)
    assert (ann.user, ann.password(), ann.can_renew) == ("ann", "pw", True)
    assert Credentials("ann", lambda: None).password() == ""


@pytest.mark.parametrize(("renew", "user", "password", "token", "keys"), [
    (lambda held: held.use_password("bob", lambda: "new"), "bob", "new", None, None),
    (lambda held: held.use_token(lambda: "new"), None, "", "new", None),
    (lambda held: held.use_keys(KEYS), None, "", None, KEYS),
])  # fmt: skip
def test_a_new_login_takes_the_place_of_the_old_one_whole(renew, user, password, token, keys):
    held = Credentials("ann", lambda: "pw", lambda: "tok3n", lambda: AccessKeys("old", "old"), never)
    renew(held)
    assert (held.user, held.password(), held.token(), held.keys()) == (user, password, token, keys)
    assert not held.can_renew


def test_no_repr_shows_a_secret():
    target = Target(
        url="http://ann:hunter2@h:1", credentials=Credentials("ann", lambda: "hunter2", lambda: "tok3n")
    )
    assert "hunter2" not in repr(target)
    assert "tok3n" not in repr(target)


@pytest.mark.parametrize(("text", "seconds"), [
    ("7", 7.0), ("300", 300.0), ("86400", 300.0), ("9" * 310, 300.0), ("9" * 5000, 300.0), ("0", 0.0),
    ("inf", None), ("nan", None), ("-5", None), ("1e9", None), ("", None), ("\u0663", None),
    ("Wed, 99 Oct 2026 07:28:00 GMT", None),
])  # fmt: skip
async def test_the_time_that_a_server_asks_to_wait_is_believed_within_reason(text, seconds):
    headers = {"Retry-After": text.encode()}
    transport = transport_on(lambda request: httpx.Response(503, headers=headers))
    assert (await transport.get("tasks")).retry_after == seconds
    await transport.aclose()


@pytest.mark.parametrize(("until", "date", "seconds"), [
    ("Thu, 26 Nov 2026 08:00:17 GMT", None, 17.0),
    ("Thu, 26 Nov 2026 09:00:17 +0100", None, 17.0),
    ("Thu, 26 Nov 2026 08:00:17 GMT", "Thu, 26 Nov 2026 08:00:10 GMT", 7.0),
    ("Thu, 26 Nov 2026 07:59:00 GMT", None, 0.0),
    ("Fri, 27 Nov 2026 08:00:00 GMT", None, 300.0),
    ("Thu, 26 Nov 2026 08:00:17 -0000", None, None),
])  # fmt: skip
async def test_a_server_may_say_until_when_to_wait_by_its_own_clock(until, date, seconds):
    now = datetime(2026, 11, 26, 8, tzinfo=UTC).timestamp()
    headers = {"Retry-After": until} | ({"Date": date} if date else {})
    transport = transport_on(lambda request: httpx.Response(503, headers=headers), now=lambda: now)
    assert (await transport.get("tasks")).retry_after == seconds


async def test_no_cookie_is_kept_however_many_are_set():
    seen: list[str | None] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("Cookie"))
        number = len(seen)
        fields = [
            ("Set-Cookie", f"c{number}={'x' * 50}; Path=/"),
            ("Set-Cookie", "JSESSIONID=1; Domain=db.example"),
        ]
        return httpx.Response(401 if number == 2 else 200, headers=fields)

    transport = transport_on(handler, credentials=Credentials("ann", lambda: "pw"))
    for _ in range(133):
        await transport.get("tasks")
    await transport.send("DELETE", "tasks/1")
    assert seen == [None] * 134


async def trickle(pieces: int) -> AsyncIterator[bytes]:
    """An answer that comes in so many pieces, ten seconds apart by the loop's clock."""
    for _ in range(pieces):
        move_clock(10)
        await asyncio.sleep(0)
        yield b" "


@pytest.mark.parametrize(("within", "limit"), [(30, "60"), (120, "120")])
async def test_an_answer_that_trickles_on_is_timed_out(within, limit):
    """Two silences are always waited for."""
    transport = transport_on(lambda request: httpx.Response(200, content=trickle(100)))
    with pytest.raises(TimedOut, match=rf"didn't complete its answer within {limit} s"):
        await transport.get("tasks", within=within)
    assert transport.request_count == 1
    await transport.aclose()


async def test_a_call_may_wait_for_an_answer_as_long_as_it_goes_on():
    transport = transport_on(lambda request: httpx.Response(200, content=trickle(30)))
    assert (await transport.get("tasks/1", within=None)).body == b" " * 30
    await transport.aclose()


def test_each_target_has_credentials_of_its_own():
    one, other = Target(url="http://a"), Target(url="http://b")
    one.credentials.use_password("ann", lambda: "hunter2")
    assert other.credentials.user is None


def trusts_the_authorities(url: str) -> bool:
    return make_ssl_context(Target(url=url)).cert_store_stats()["x509_ca"] > 0


def test_nothing_encrypted_needs_no_authorities_and_would_believe_nobody():
    trust = make_ssl_context(Target(url="http://db:8080"))
    assert isinstance(trust, ssl.SSLContext)
    assert (trust.verify_mode, trust.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert trust.get_ca_certs() == []


@pytest.mark.parametrize("name", ["HTTP_PROXY", "https_proxy", "ALL_PROXY"])
def test_https_and_proxies_have_the_usual_authorities(monkeypatch, name):
    assert trusts_the_authorities("https://db:8080")
    monkeypatch.setenv(name, "https://proxy.example:3128")
    assert trusts_the_authorities("http://db:8080")


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.256", "192.168.1.1000", "xn--", "http://[::g]", "http://[v1.a:b]", "http://bücher..de"],
)
def test_what_no_client_can_ask_is_no_address(url):
    with pytest.raises(Unreachable, match="is not a valid server address"):
        Target(url=url)


@pytest.mark.parametrize(
    "url",
    [
        "http://my_graph-1.example.:8080",
        "http://ann:p w@h",
        "http://10.0.0.25",
        "http://[::1]:8080",
        "http://bücher.de",
        "http://xn--bcher-kva.de",
    ],
)
def test_unusual_addresses_are_addresses(url):
    assert Target(url=url).profile


@pytest.mark.parametrize(
    "path", ["graphs/g/tasks/..", "graphs/./tasks", "graphs/../../admin", "graphs/a b", "a#b", "x" * 70_000]
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_path_that_the_http_library_would_change_is_not_asked_for(method, path):
    sent = []
    transport = transport_on(lambda request: sent.append(request) or httpx.Response(200))
    with pytest.raises(BadValue) as caught:
        await (transport.get(path, [("limit", "4")]) if method == "GET" else transport.send(method, path))
    assert (sent, transport.request_count) == ([], 0)
    assert (caught.value.sent, caught.value.retryable) == (False, False)
    await transport.aclose()


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/", "\\", "..\\x", "../g", "\udcff"])
def test_a_name_that_leads_to_another_path_is_no_segment(name):
    with pytest.raises(BadValue, match="Nothing was sent"):
        quote_segment(name, "graph")


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ("hugegraph", "hugegraph"),
        ("ff80808100000000", "ff80808100000000"),
        ("...", "..."),
        ("图 a+b", "%E5%9B%BE%20a%2Bb"),
        ("%2e%2e", "%252e%252e"),
        ("a?b#c;d", "a%3Fb%23c%3Bd"),
        ("\r\nHost: x", "%0D%0AHost%3A%20x"),
    ],
)
async def test_any_other_name_is_one_segment_that_arrives_as_it_is(name, quoted):
    seen = []
    transport = transport_on(lambda request: seen.append(request.url.raw_path) or httpx.Response(200))
    await transport.get(f"graphs/{quote_segment(name, 'graph')}/tasks", [("limit", "4")])
    assert seen == [f"/graphs/{quoted}/tasks?limit=4".encode()]
    await transport.aclose()

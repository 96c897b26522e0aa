"""What answers in place of a server is named: another service, TLS, a proxy, broken HTTP."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from backend_adapters.errors import BackendError, BadAnswer, Unreachable
from backend_adapters.transport import service_probe
from backend_adapters.transport.client import Transport
from backend_adapters.transport.route import RequestRoute
from backend_adapters.transport.target import Target
from tests.adapters.scripted_servers import ScriptedServer, http_answer, socket_server
from tests.support.patience import PATIENCE
from tests.tls import SERVER_CERT, SERVER_KEY

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What greets, or speaks TLS, does so at once; only what does neither makes one wait."""
    monkeypatch.setattr(service_probe, "IDENTIFY_WITHIN", PATIENCE)


@asynccontextmanager
async def listening(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server on a free port, as `host:port`."""
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def failure(url: str, method: str = "GET") -> BackendError:
    """What a request there fails with."""
    transport = Transport(Target(url=url))
    try:
        with pytest.raises(BackendError) as caught:
            await (transport.get("versions") if method == "GET" else transport.send(method, "tasks/1"))
    finally:
        await transport.aclose()
    return caught.value


def greeting(line: bytes, later: bytes = b"") -> Serve:
    """A service that greets, and hangs up once something is said to it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(line)
        await reader.read(100)
        writer.write(later)
        writer.close()

    return serve


SSH = greeting(b"SSH-2.0-OpenSSH_9.6\r\n", b"Invalid SSH identification string.\r\n")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_an_ssh_server_is_called_one(scheme: str, method: str) -> None:
    async with listening(SSH) as where:
        error = await failure(f"{scheme}://{where}", method)
    assert (type(error), str(error), error.hint) == (
        BadAnswer,
        f"{where} is an SSH server.",
        "Check the port.",
    )
    assert error.sent is (scheme == "http")


async def test_another_service_is_quoted_without_its_secrets() -> None:
    async with listening(greeting(b"220 mail.example token=hunter2 ESMTP\r\n")) as where:
        error = await failure(f"http://{where}")
    assert str(error) == (
        f'{where} answered, but not in HTTP: it began with "220 mail.example token=•••••• ESMTP".'
    )


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


def tls_server() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(SERVER_CERT, SERVER_KEY)
    return context


async def test_plain_http_to_a_port_that_wants_tls_says_so() -> None:
    async with listening(hang_up, tls_server()) as where:
        error = await failure(f"http://{where}")
    assert str(error) == f"{where} expects HTTPS, but the request was plain HTTP."
    assert error.hint == "Use https:// instead of http://."


async def test_a_port_that_refuses_our_tls_wants_tls_all_the_same() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (await reader.read(1)) == b"\x16":
            writer.write(b"\x15\x03\x03\x00\x02\x02\x28")
        writer.close()

    async with listening(refuse) as where:
        assert (
            str(await failure(f"http://{where}")) == f"{where} expects HTTPS, but the request was plain HTTP."
        )


@pytest.mark.parametrize("words", [
    "<h1>400 Bad Request</h1><center>The plain HTTP request was sent to HTTPS port</center>",
    "Client sent an HTTP request to an HTTPS server.\n",
    "Bad Request\r\nThis combination of host and port requires TLS.\r\n",
    "<p>Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
])  # fmt: skip
async def test_a_server_that_says_itself_that_its_port_wants_tls_is_understood(words: str) -> None:
    wire = ScriptedServer()
    wire.override = lambda request: httpx.Response(400, text=words)
    with pytest.raises(BadAnswer) as caught:
        await wire.backend().connect()
    assert str(caught.value) == "graph.example:8080 expects HTTPS, but the request was plain HTTP."
    assert caught.value.hint == "Use https:// instead of http://."


async def test_what_stays_unknown_cut_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_probe, "IDENTIFY_WITHIN", 0.01)
    async with listening(hang_up) as where:
        error = await failure(f"http://{where}")
    assert str(error) == f"{where} closed the connection before the answer was complete."


async def test_a_server_that_has_answered_is_not_looked_at_again() -> None:
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(http_answer(b"{}", None, "Connection: close") if connections == 1 else b"")
        writer.close()

    async with listening(serve) as where:
        transport = Transport(Target(url=f"http://{where}"))
        assert (await transport.get("versions")).is_success
        with pytest.raises(Unreachable, match="closed the connection"):
            await transport.send("DELETE", "tasks/1")
        assert connections == 2
        await transport.aclose()


@pytest.mark.parametrize(("head", "words"), [
    ("HTTP/1.1 000 Nothing\r\n", "answered with status 000, which HTTP doesn't have."),
    ("HTTP/1.1 099 Early\r\n", "answered with status 099, which HTTP doesn't have."),
    ("HTTP/1.1 200 OK\r\nContent-Length: many\r\n", "sent an answer that is not valid HTTP."),
    ("HTTP/1.1 200 OK\r\nno colon\r\n", "sent an answer that is not valid HTTP."),
    ("HTTP/1.1 200 OK\r\nX: " + "x" * 200_000, "sent an answer that is not valid HTTP."),
    ("HELLO\r\n", "answered, but not in HTTP."),
])  # fmt: skip
async def test_broken_http_is_called_what_it_is(monkeypatch, head: str, words: str) -> None:
    monkeypatch.setattr(service_probe, "IDENTIFY_WITHIN", 0.01)

    async def answer(asked: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(head.encode() + b"\r\n")

    async with socket_server(answer) as (url, _):
        error = await failure(url)
    assert isinstance(error, BadAnswer)
    assert str(error) == f"{url.removeprefix('http://')} {words}"


@pytest.mark.parametrize(("place", "words"), [
    ("http://[::g]/", ", a redirect to an invalid address."),
    ("http://h:port/", ", a redirect to an invalid address."),
    ("ftp://h/x", ", a redirect to an invalid address."),
    ("http://", ", a redirect to an invalid address."),
    ("", ", a redirect without an address."),
    ("/login?next=/graphs/g/tasks?ids=1&ids=2#x", ", a redirect to /login"),
    ("https://ann:hunter2@sso.example/a?ids=7", ", a redirect to https://ann:••••••@sso.example/a"),
    ("https://h/" + "x" * 5_000, ", a redirect to https://h/" + "x" * 190),
])  # fmt: skip
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_says_where_to_as_far_as_it_can_be_read(code: int, place: str, words: str) -> None:
    target = Target(
        url="http://db.example:8080",
        http=httpx.MockTransport(lambda request: httpx.Response(code, headers={"Location": place})),
    )
    transport = Transport(target)
    with pytest.raises(BadAnswer) as caught:
        await transport.send("DELETE", "tasks/1")
    assert str(caught.value) == f"db.example:8080 answered {code}{words}"
    assert (caught.value.code, caught.value.sent) == (code, True)
    await transport.aclose()


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("name", ["{}_proxy", "ALL_PROXY"])
async def test_a_proxy_that_is_not_there_is_called_the_proxy(monkeypatch, scheme: str, name: str) -> None:
    port = closed_port()
    monkeypatch.setenv(name.format(scheme), f"http://ann:hunter2@127.0.0.1:{port}")
    error = await failure(f"{scheme}://graph.example:8080")
    assert (
        str(error) == f"The proxy 127.0.0.1:{port} refused the connection: nothing is listening on this port."
    )
    assert error.hint == (
        "Check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or set NO_PROXY=HOST to connect directly."
    )
    assert (type(error), error.sent, error.retryable) == (Unreachable, False, True)


SOCKS = "The environment sets a SOCKS proxy, but graphtop supports only HTTP proxies."
INVALID = "The address of the proxy that the environment sets is not valid."


@pytest.mark.parametrize(("proxy", "words"), [
    ("socks5://ann:hunter2@127.0.0.1:1080", SOCKS),
    ("ftp://ann:hunter2@h:21", INVALID),
    ("http://ann:hunter2@h:port", INVALID),
    ("http://[::", INVALID),
])  # fmt: skip
async def test_a_proxy_that_can_not_be_asked_is_said_without_its_password(
    monkeypatch, proxy: str, words: str
):
    monkeypatch.setenv("ALL_PROXY", proxy)
    error = await failure("http://graph.example:8080")
    assert str(error) == words
    assert error.hint.startswith("Check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY")
    assert (type(error), error.sent, error.retryable) == (Unreachable, False, False)


@pytest.mark.parametrize(
    ("host", "shown"), [("proxy.example", "proxy.example:3128"), ("::1", "[::1]:3128"), ("graph.example", "")]
)
async def test_a_proxy_is_named_as_addresses_are_written(host: str, shown: str) -> None:
    route = RequestRoute(httpx.URL("http://graph.example:3128"))
    await route.note_event("connection.connect_tcp.started", {"host": host, "port": 3128})
    assert route.proxy == shown


async def test_a_proxy_whose_name_nobody_knows_is_called_the_proxy(monkeypatch) -> None:
    async def getaddrinfo(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    error = await failure("http://graph.example:8080")
    assert str(error) == 'Can\'t resolve proxy "proxy.example".'


async def test_a_server_beside_the_proxy_is_asked_directly_and_called_itself(monkeypatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    port = closed_port()
    assert str(await failure(f"http://127.0.0.1:{port}")).startswith(f"127.0.0.1:{port} refused")

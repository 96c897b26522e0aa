"""TLS as it is in the world: an own CA, a client certificate, no check, a proxy; and what goes wrong."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest
import uvicorn

from backend_adapters.errors import Unreachable
from backend_adapters.registry import open_backend
from backend_adapters.simulator import EMPTY_HUGEGRAPH, hugegraph_app
from backend_adapters.transport.client import Transport
from backend_adapters.transport.target import Target, Tls
from tests.support.patience import PATIENCE
from tests.tls import CA, CLIENT_CERT, CLIENT_KEY, SERVER_CERT, SERVER_KEY


@asynccontextmanager
async def secured(*, client: bool = False) -> AsyncIterator[str]:
    """The simulator behind https on a free port; with `client` it wants a certificate of its CA."""
    config = uvicorn.Config(
        hugegraph_app(EMPTY_HUGEGRAPH),
        port=0,
        lifespan="off",
        log_level="critical",
        ssl_certfile=SERVER_CERT,
        ssl_keyfile=SERVER_KEY,
        ssl_ca_certs=CA if client else None,
        ssl_cert_reqs=ssl.CERT_REQUIRED if client else ssl.CERT_NONE,
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield f"https://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await server.shutdown()


async def failure(url: str, tls: Tls | None = None) -> Unreachable:
    """What a request there fails with."""
    transport = Transport(Target(url=url, tls=tls or Tls()))
    try:
        with pytest.raises(Unreachable) as caught:
            await transport.get("versions")
    finally:
        await transport.aclose()
    return caught.value


async def code(url: str, tls: Tls) -> int:
    """The code of a request there."""
    transport = Transport(Target(url=url, tls=tls))
    try:
        return (await transport.get("versions")).code
    finally:
        await transport.aclose()


async def test_a_whole_backend_over_an_own_ca() -> None:
    async with secured() as url:
        backend = open_backend(Target(url=url, tls=Tls(ca_file=CA)))
        info = await backend.connect()
        assert info.product == "HugeGraph"
        await backend.aclose()


async def test_an_untrusted_certificate_says_what_can_be_done() -> None:
    async with secured() as url:
        error = await failure(url)
        assert "is not trusted" in str(error)
        assert "--ca-file" in error.hint
        assert "--insecure" in error.hint
        assert await code(url, Tls(insecure=True)) == 200


async def test_a_certificate_of_another_name_is_not_trusted_though_its_ca_is() -> None:
    async with secured() as url:
        other = url.replace("localhost", "127.0.0.2")
        error = await failure(other, Tls(ca_file=CA))
        assert "not trusted" in str(error) or "refused the connection" in str(error)


async def test_a_server_that_wants_a_client_certificate() -> None:
    async with secured(client=True) as url:
        error = await failure(url, Tls(ca_file=CA))
        assert "closed the connection" in str(error) or "rejected the TLS connection" in str(error)
        assert "--client-cert" in error.hint
        assert await code(url, Tls(ca_file=CA, client_cert=CLIENT_CERT, client_key=CLIENT_KEY)) == 200


@contextmanager
def piped(path: str) -> Iterator[str]:
    """A file as a shell gives it for `<(cat FILE)`."""
    reading, writing = os.pipe()
    os.write(writing, Path(path).read_bytes())
    os.close(writing)
    yield f"/dev/fd/{reading}"
    os.close(reading)


async def test_certificates_and_a_key_can_come_from_a_shells_pipes() -> None:
    with piped(CA) as ca, piped(CLIENT_CERT) as cert, piped(CLIENT_KEY) as key:
        async with secured(client=True) as url:
            assert await code(url, Tls(ca_file=ca, client_cert=cert, client_key=key)) == 200


@pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=lambda one: one.name
)
async def test_the_reason_why_a_server_refuses_is_told(version: ssl.TLSVersion) -> None:
    wanting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    wanting.load_cert_chain(SERVER_CERT, SERVER_KEY)
    wanting.load_verify_locations(CA)
    wanting.verify_mode = ssl.CERT_REQUIRED
    wanting.minimum_version = wanting.maximum_version = version
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        # The client may come once or twice, and the listener may be shut before.
        for _ in range(2):
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer, suppress(OSError):
                # By hand, so that the alert is read before the connection ends.
                tls_in, tls_out = ssl.MemoryBIO(), ssl.MemoryBIO()
                inside = wanting.wrap_bio(tls_in, tls_out, server_side=True)
                handshake(inside, tls_in, tls_out, peer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        error = await failure(f"https://localhost:{listener.getsockname()[1]}", Tls(ca_file=CA))
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        await asyncio.to_thread(thread.join, PATIENCE)
        listener.close()
    assert not thread.is_alive(), "the client did not go"
    assert "rejected the TLS connection: " in str(error)
    assert "certificate required" in str(error) or "handshake failure" in str(error)
    assert "--client-cert" in error.hint


def handshake(inside: ssl.SSLObject, came: ssl.MemoryBIO, goes: ssl.MemoryBIO, peer: socket.socket) -> None:
    """Speak TLS until it fails, send what that said, and wait for the other side to go."""
    while True:
        try:
            inside.do_handshake()
        except ssl.SSLWantReadError:
            peer.sendall(goes.read())
            came.write(peer.recv(65536))
        except ssl.SSLError:
            peer.sendall(goes.read())
            while peer.recv(65536):
                pass
            return


async def test_files_that_hold_no_certificate_are_named_and_not_tried_again(tmp_path: Path) -> None:
    empty, none = tmp_path / "empty.pem", str(tmp_path / "none.pem")
    empty.touch()
    for tls, words in [
        (Tls(ca_file=str(empty)), f"The certificates in {empty} can't be used: unexpected content."),
        (Tls(ca_file=none), f"The certificates in {none} can't be used: no such file or directory."),
        (
            Tls(client_cert=str(empty)),
            f"The client certificate {empty} can't be used: unexpected content.",
        ),
        (Tls(client_cert=none), f"The client certificate {none} can't be used: no such file or directory."),
        (
            Tls(client_cert=CLIENT_CERT, client_key=SERVER_KEY),
            f"The client certificate {CLIENT_CERT} with {SERVER_KEY} can't be used: unexpected content.",
        ),
    ]:
        error = await failure("https://localhost:1", tls)
        assert str(error) == words
        assert not error.retryable
        assert not error.sent
        assert error.hint == (
            "ca_file must contain certificates in PEM format."
            if tls.ca_file
            else "client_cert must be a certificate in PEM format, client_key its key without a passphrase."
        )


async def test_a_key_with_a_passphrase_asks_nobody(tmp_path: Path) -> None:
    locked = tmp_path / "locked.key"
    locked.write_text(
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,"
        "00000000000000000000000000000000\n\nAAAAAAAAAAAAAAAAAAAAAA==\n-----END RSA PRIVATE KEY-----\n"
    )
    error = await failure("https://localhost:1", Tls(client_cert=CLIENT_CERT, client_key=str(locked)))
    assert "can't be used" in str(error)
    assert "without a passphrase" in error.hint


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_the_environment_names_is_used(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setenv(f"{scheme}_proxy", f"http://127.0.0.1:{port}")
        transport = Transport(Target(url=f"{scheme}://graph.example:8080"))
        if scheme == "http":
            assert (await transport.get("versions")).code == 403
            assert heads[0].startswith(b"GET http://graph.example:8080/versions HTTP/1.1\r\n")
        else:
            with pytest.raises(
                Unreachable, match=rf"proxy 127\.0\.0\.1:{port} didn.t connect to graph\.example:8080: 403"
            ):
                await transport.get("versions")
            assert heads[0].startswith(b"CONNECT graph.example:8080 HTTP/1.1\r\n")
        await transport.aclose()

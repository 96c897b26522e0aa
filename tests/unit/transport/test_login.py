"""A refused secret: fetched anew once, and the request repeated where it is another one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace

import httpx
import pytest

from backend_adapters.errors import NotLoggedIn
from backend_adapters.registry import open_backend
from backend_adapters.transport import login
from backend_adapters.transport.client import Transport
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target

OLD, NEW = "Bearer old", "Bearer new"


class Vault:
    """A token that is rotated when it is asked for again."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)
        self.asked = 0

    async def again(self) -> None:
        self.asked += 1
        await asyncio.sleep(0.01)
        if len(self.tokens) > 1:
            self.tokens.pop(0)

    def credentials(self) -> Credentials:
        return Credentials(token=lambda: self.tokens[0], again=self.again)


class Server:
    """Lets only one header in."""

    def __init__(self, accepted: str) -> None:
        self.accepted = accepted
        self.seen: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        given = request.headers.get("Authorization", "")
        self.seen.append(f"{request.method} {given}")
        return httpx.Response(200 if given == self.accepted else 401)


def transport(server: Callable[[httpx.Request], httpx.Response], vault: Vault) -> Transport:
    return Transport(
        Target(url="http://h", http=httpx.MockTransport(server), credentials=vault.credentials())
    )


@pytest.mark.parametrize("ask", [lambda t: t.get("x"), lambda t: t.send("DELETE", "x", json={"a": 1})])
async def test_a_refused_secret_is_fetched_anew_and_the_request_repeated(
    ask: Callable[[Transport], Awaitable[object]],
) -> None:
    server, vault = Server(NEW), Vault("old", "new")
    talks = transport(server, vault)
    reply = await ask(talks)
    assert reply.code == 200
    assert (await talks.get("y")).code == 200
    assert vault.asked == 1
    assert [line.partition(" ")[2] for line in server.seen] == [OLD, NEW, NEW]
    await talks.aclose()


async def test_the_same_secret_again_is_not_sent_again_and_not_fetched_at_every_poll() -> None:
    server, vault = Server(NEW), Vault("old")
    talks = transport(server, vault)
    for _ in range(3):
        assert (await talks.get("x")).code == 401
    assert vault.asked == 1
    assert server.seen == [f"GET {OLD}"] * 3
    await talks.aclose()


async def test_after_five_seconds_it_is_fetched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(login, "time", SimpleNamespace(monotonic=lambda: now))
    server, vault = Server("Bearer third"), Vault("old", "new", "third")
    talks = transport(server, vault)
    codes = []
    for now in (1000.0, 1004.9, 1005.0, 1005.1):  # noqa: B007
        codes.append(((await talks.get("x")).code, vault.asked))
    assert codes == [(401, 1), (401, 1), (200, 2), (200, 2)]
    await talks.aclose()


async def test_requests_at_once_fetch_it_once() -> None:
    server, vault = Server(NEW), Vault("old", "new")
    talks = transport(server, vault)
    replies = await asyncio.gather(*(talks.get("x") for _ in range(4)))
    assert [reply.code for reply in replies] == [200] * 4
    assert vault.asked == 1
    await talks.aclose()


async def test_what_a_person_typed_meanwhile_is_used() -> None:
    server, vault = Server("Basic YW5uOnB3"), Vault("old")
    held = vault.credentials()
    talks = Transport(Target(url="http://h", http=httpx.MockTransport(server), credentials=held))
    assert (await talks.get("x")).code == 401
    held.use_password("ann", lambda: "pw")
    assert (await talks.get("x")).code == 200
    assert vault.asked == 1
    await talks.aclose()


@pytest.mark.parametrize(("held", "wants", "hint"), [
    (Credentials(), "password",
     "Use --user, and give the password in GRAPHTOP_PASSWORD, with --password-command or at the prompt."),
    (Credentials("ann", lambda: "pw"), "password",
     "Check both. Use --user, and give the password in GRAPHTOP_PASSWORD, with --password-command or at the"
     " prompt."),
    (Credentials(token=lambda: "tok3n"), "token",
     "It may have expired. Set a new one in GRAPHTOP_TOKEN, with --token-command or --token-file."),
    (Credentials("ann", lambda: "pw", token=lambda: "tok3n"), "token",
     "It may have expired. Set a new one in GRAPHTOP_TOKEN, with --token-command or --token-file."),
    (Credentials("ann", lambda: "pw", token=lambda: " "), "password",
     "Check both. Use --user, and give the password in GRAPHTOP_PASSWORD, with --password-command or at the"
     " prompt."),
])  # fmt: skip
async def test_a_refused_login_says_what_to_do_about_what_was_given(held, wants, hint) -> None:
    http = httpx.MockTransport(lambda request: httpx.Response(401))
    backend = open_backend(Target(url="http://h", dialect="hugegraph", http=http, credentials=held))
    with pytest.raises(NotLoggedIn) as caught:
        await backend.connect()
    assert (caught.value.wants, caught.value.hint) == (wants, hint)
    await backend.aclose()


@pytest.mark.parametrize(
    ("credentials", "sent"),
    [(Credentials("ann"), ""), (Credentials("ann", lambda: ""), "Basic YW5uOg==")],
    ids=["no password", "an empty one"],
)
async def test_a_user_is_tried_only_with_a_password_that_was_given(
    credentials: Credentials, sent: str
) -> None:
    server = Server(sent)
    talks = Transport(Target(url="http://h", http=httpx.MockTransport(server), credentials=credentials))
    await talks.get("x")
    assert server.seen == [f"GET {sent}"]
    await talks.aclose()

"""The sessions of several places: how many run at once, what stops them, and what one that fails leaves."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from msgspec.structs import replace

from backend_adapters.errors import NotLoggedIn, Unreachable
from backend_adapters.model import Action, Source
from backend_adapters.transport.target import Target
from tests.cli.fake_session import make_connection, options_of
from tests.unit.fakes import FakeBackend, FakeClock, S, run_until_idle, task
from tui.cli.exit_codes import INTERRUPTED, OK, PARTLY, UNREACHABLE
from tui.cli.work import session_set
from tui.cli.work.session import Session
from tui.cli.work.session_set import AT_ONCE, PlaceToOpen, SessionSet, run_sessions
from tui.cli.work.task_actions import ActionOptions, act_in_places


class NamedBackend(FakeBackend):
    """A server with the name of its profile."""

    def __init__(self, profile: str) -> None:
        super().__init__(FakeClock(), [task(1)])
        self._profile = profile

    @property
    def source(self) -> Source:
        return replace(super().source, profile=self._profile, url=f"http://{self._profile}")


@pytest.fixture
def backends(monkeypatch: pytest.MonkeyPatch) -> dict[str, FakeBackend]:
    """The server of each profile, made when it is opened."""
    made: dict[str, FakeBackend] = {}

    def open_backend(target: Target) -> FakeBackend:
        return made.setdefault(target.profile, NamedBackend(target.profile))

    monkeypatch.setattr(session_set, "open_backend", open_backend)
    return made


def name_places(number: int, *ids: str) -> list[PlaceToOpen]:
    """So many places, each with these ids."""
    targets = [Target(url=f"http://fake{n}", profile=f"p{n}") for n in range(number)]
    return [PlaceToOpen(connection=make_connection(target), ids=ids) for target in targets]


def test_no_more_than_eight_places_are_asked_at_once(backends) -> None:
    now, most = 0, 0

    async def ask(session: Session) -> str:
        nonlocal now, most
        now += 1
        most = max(most, now)
        for _ in range(5):
            await asyncio.sleep(0)
        now -= 1
        return session.target.profile

    async def work(places: SessionSet) -> int:
        assert list((await places.run_each(ask)).values()) == [f"p{n}" for n in range(12)]
        return OK

    assert run_sessions(name_places(12), work) == OK
    assert most == AT_ONCE


def test_a_place_that_fails_is_told_of_and_delays_no_other(backends, capsys) -> None:
    answered = asyncio.Event()

    async def ask(session: Session) -> int:
        if session.target.profile == "p0":
            await answered.wait()
            raise Unreachable("It is down.")
        answered.set()
        return 1

    async def work(places: SessionSet) -> int:
        assert len(await places.run_each(ask)) == 2
        assert [session.target.profile for session in places.sessions] == ["p1", "p2"]
        return places.judge_list(OK)

    assert run_sessions(name_places(3), work) == PARTLY
    assert capsys.readouterr().err.startswith("graphtop: p0 · g: It is down. ")
    assert run_sessions(name_places(1), work_alone) == UNREACHABLE


def test_a_login_that_is_refused_is_not_looked_for_in_flags_or_variables(backends, capsys) -> None:
    keys = NotLoggedIn("No login.")
    keys.wants = "keys"

    async def refuse(session: Session) -> int:
        raise keys if session.target.profile == "p1" else NotLoggedIn("No login.")

    async def work(places: SessionSet) -> int:
        await places.run_each(refuse)
        return OK

    assert run_sessions(name_places(2), work) == OK
    none = "No login. Flags and variables log in to none of several profiles."
    secrets = "Write password_command, password_file or token_command into the profile."
    files = "Put the keys in ~/.huaweicloud/credentials, or write token_command into the profile."
    assert sorted(capsys.readouterr().err.splitlines()) == [
        f"graphtop: p0 · g: {none} {secrets}",
        f"graphtop: p1 · g: {none} {files}",
    ]
    run_sessions(name_places(1), work)
    assert "GRAPHTOP_PASSWORD" in capsys.readouterr().err, "of one profile they log in"


async def work_alone(places: SessionSet) -> int:
    async def fail(session: Session) -> int:
        raise Unreachable("It is down.")

    assert await places.run_each(fail) == {}
    return places.judge_list(OK)


def test_a_failure_of_ours_ends_the_work_in_all_places(backends) -> None:
    ended: list[str] = []

    async def ask(session: Session) -> None:
        if session.target.profile == "p1":
            raise ValueError("a fault of ours")
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(session.target.profile)

    async def work(places: SessionSet) -> int:
        await places.run_each(ask)
        return OK

    with pytest.raises(ValueError, match="a fault of ours"):
        run_sessions(name_places(3), work)
    assert sorted(ended) == ["p0", "p2"]


def test_ctrl_c_sends_nothing_more_to_any_place_and_follows_what_was_sent(backends, capsys) -> None:
    places = name_places(AT_ONCE + 2, "1")

    async def work(opened: SessionSet) -> int:
        for session in opened.sessions:
            fake = backends[session.target.profile]
            fake.gates["act"] = asyncio.Event()
            session.clock = session.operations._clock = fake.clock
        options = options_of(ActionOptions, ids=["x:1"])
        acting = asyncio.ensure_future(act_in_places(opened, Action.CANCEL, options))
        await run_until_idle()
        assert sum(any(name == "act" for name, _ in fake.calls) for fake in backends.values()) == AT_ONCE
        os.kill(os.getpid(), signal.SIGINT)
        await run_until_idle()
        assert opened.is_stopping
        for fake in backends.values():
            fake.gates["act"].set()
            fake.put(task(1, S.CANCELLED))
        for _ in range(60):
            for fake in backends.values():
                await fake.clock.advance(1)
        assert acting.done()
        return await acting

    assert run_sessions(places, work) == INTERRUPTED
    said, told = capsys.readouterr()
    assert said.count("cancelled") == AT_ONCE
    assert told.count("Stopping: nothing more is sent") == 1
    assert told.count("Nothing was sent.") == 2

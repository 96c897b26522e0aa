"""A server that refused an action as a worker of its cluster: it is named as one before the next."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from backend_adapters.errors import NON_MASTER
from backend_adapters.model import Action
from tests.unit.fakes import FakeBackend, FakeClock, S, task
from tui.monitor.journal_line import Line, encoded, refused_as_worker
from tui.monitor.monitor import Listener, Monitor
from tui.monitor.operations import Outcome, Report

REFUSED = f"Can't cancel task on {NON_MASTER}. This server is a worker of its cluster: connect to the master."


def report(outcome: Outcome, words: str = "", action: Action = Action.CANCEL) -> Report:
    return Report(action=action, task=task(1, S.RUNNING), outcome=outcome, words=words)


async def test_the_engine_knows_until_an_action_succeeds():
    monitor = Monitor(FakeBackend(FakeClock()), listener=Listener(), clock=FakeClock())
    assert monitor.warning == ""
    monitor._reported(report(Outcome.REFUSED, "Can't delete incomplete task '1'", Action.DELETE))
    assert monitor.warning == ""
    monitor._reported(report(Outcome.REFUSED, REFUSED))
    for outcome in (Outcome.UNCONFIRMED, Outcome.CHANGED, Outcome.NOT_SENT):
        monitor._reported(report(outcome))
        assert monitor.warning == (
            "It refused the last cancel: it is a worker of its cluster. Connect to the master."
        )
    monitor._reported(report(Outcome.DELETED, action=Action.DELETE))
    assert monitor.warning == ""
    await monitor.aclose()


def line(**fields: str) -> Line:
    source = FakeBackend(FakeClock()).source
    told = {"when": "2027-02-01T00:00:00.000Z", "by": "ann@desk", "profile": "p", "graph": source.place}
    return Line(**{**told, "url": source.url, "id": "1", "action": "cancel", "outcome": "refused", **fields})


WORKER = line(words=REFUSED)


@pytest.mark.parametrize(
    ("lines", "known"),
    [
        ([], None),
        ([line(words="Can't find task with id '1'")], None),
        ([WORKER], WORKER),
        ([WORKER, line(words="", outcome="cancelled", graph="another")], None),
        ([WORKER, line(outcome="deleted", action="delete")], WORKER),
        ([WORKER, line(outcome="not confirmed")], WORKER),
        ([line(action="submit", words=REFUSED), line(action="submit", outcome="accepted")], None),
        ([line(outcome="cancelled"), WORKER], WORKER),
        ([WORKER, replace(WORKER, when="2027-03")], replace(WORKER, when="2027-03")),
        ([line(words=REFUSED, url="http://another:8080")], None),
    ],
)
def test_the_journal_knows_it_of_a_server_until_the_same_action_succeeds(lines, known, tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"\n".join([*map(encoded, lines), b"nonsense\n"]))
    assert refused_as_worker(path, FakeBackend(FakeClock()).source) == known


def test_without_a_journal_nothing_is_known(tmp_path):
    assert refused_as_worker(tmp_path / "none", FakeBackend(FakeClock()).source) is None

"""A server that refused an action as a worker of its cluster: it is named as one before the next."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from backend_adapters.backend import Answer
from backend_adapters.errors import Refused
from backend_adapters.model import Action
from tests.support.one_place import watch_one
from tests.unit.fakes import FakeBackend, FakeClock, S, task
from tui.monitor.journal.line import JournalLine, encode_line
from tui.monitor.journal.reader import find_worker_refusal
from tui.monitor.journal.writer import Journal
from tui.monitor.listener import Listener
from tui.monitor.operation import Operation
from tui.monitor.outcomes import TASK_ACTIONS, Outcome, Report


def report(outcome: Outcome, action: Action = Action.CANCEL, *, as_worker: bool = False) -> Report:
    return Report(action=action, task=task(1, S.RUNNING), outcome=outcome, as_worker=as_worker)


async def test_the_engine_knows_until_an_action_succeeds():
    monitor = watch_one(FakeBackend(FakeClock()), listener=Listener(), clock=FakeClock())
    assert monitor.only.warning == ""
    monitor.only._note_report(report(Outcome.REFUSED, Action.DELETE))
    assert monitor.only.warning == ""
    monitor.only._note_report(report(Outcome.REFUSED, as_worker=True))
    for said in (report(Outcome.UNCONFIRMED), report(Outcome.GONE), report(Outcome.DELETED, Action.DELETE)):
        monitor.only._note_report(said)
        assert monitor.only.warning == (
            "This server refused the last cancel: it is a worker of its cluster. Connect to the master."
        )
    monitor.only._note_report(report(Outcome.CANCELLED))
    assert monitor.only.warning == ""
    await monitor.aclose()


def line(**fields: object) -> JournalLine:
    source = FakeBackend(FakeClock()).source
    told = {
        "when": "2027-02-01T00:00:00.000Z",
        "by": "ann@desk",
        "profile": "p",
        "graph": source.qualified_graph,
    }
    return JournalLine(
        **{**told, "url": source.url, "id": "1", "action": "cancel", "outcome": "refused", **fields}
    )


WORKER = line(as_worker=True)


@pytest.mark.parametrize(
    ("lines", "known"),
    [
        ([], None),
        ([line(words="Can't find task with id '1'")], None),
        ([WORKER], WORKER),
        ([WORKER, line(words="", outcome="cancelled", graph="another")], None),
        ([WORKER, line(outcome="deleted", action="delete")], WORKER),
        ([WORKER, line(outcome="not confirmed")], WORKER),
        ([WORKER, line(outcome="gone already")], WORKER),
        ([line(action="submit", as_worker=True), line(action="submit", outcome="accepted")], None),
        ([line(outcome="cancelled"), WORKER], WORKER),
        ([WORKER, replace(WORKER, when="2027-03")], replace(WORKER, when="2027-03")),
        ([line(as_worker=True, url="http://another:8080")], None),
    ],
)
def test_the_journal_knows_it_of_a_server_until_the_same_action_succeeds(lines, known, tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"\n".join([*map(encode_line, lines), b"nonsense\n"]))
    assert find_worker_refusal(path, FakeBackend(FakeClock()).source) == known


def test_without_a_journal_nothing_is_known(tmp_path):
    assert find_worker_refusal(tmp_path / "none", FakeBackend(FakeClock()).source) is None


async def test_an_action_and_a_job_that_are_refused_so_are_written_down_as_such(tmp_path):
    clock = FakeClock()
    backend = FakeBackend(clock, [task(1, S.RUNNING)])
    journal = Journal(tmp_path / "journal.jsonl", backend, clock)
    answer = Answer(400, "no", accepted=False, confirm_within=1.0, as_worker=True)
    operation = Operation(Action.CANCEL, task(1, S.RUNNING), 0.0, [])
    operation.answer = answer
    told = operation.make_report(Outcome.REFUSED, 1.0)
    (await journal.begin_action(Action.CANCEL, told.task)).write_end(told)
    assert find_worker_refusal(journal.path, backend.source).action == "cancel"
    error = Refused("no")
    error.as_worker = True
    (await journal.begin_job("submit", "gremlin", "1+1")).write_failed(error)
    assert find_worker_refusal(journal.path, backend.source).action == "submit"
    backend_of_next_run = FakeBackend(clock, [task(1, S.RUNNING)])
    (await journal.begin_action(Action.DELETE, told.task)).write_end(replace(told, action=Action.DELETE))
    monitor = watch_one(backend_of_next_run, listener=Listener(), clock=clock, journal=journal)
    monitor.start_watching()
    for _ in range(1000):
        await asyncio.sleep(0.01)
        if monitor.only.warning:
            break
    assert monitor.only.warning.startswith("This server refused the last delete")
    await monitor.aclose()


def test_that_it_took_no_job_hides_no_action_that_it_refused(tmp_path):
    path, source = tmp_path / "journal.jsonl", FakeBackend(FakeClock()).source
    path.write_bytes(encode_line(WORKER) + b"\n" + encode_line(line(action="submit", as_worker=True)) + b"\n")
    assert find_worker_refusal(path, source).action == "submit"
    assert find_worker_refusal(path, source, TASK_ACTIONS) == WORKER
    path.write_bytes(encode_line(line(action="submit", as_worker=True)) + b"\n")
    assert find_worker_refusal(path, source, TASK_ACTIONS) is None

"""`graphtop watch` on a fake server: what is news, and what is said of the connection."""

from __future__ import annotations

import asyncio
import io
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from msgspec.structs import replace

from backend_adapters.errors import NotLoggedIn, ServerFault, Unreachable
from backend_adapters.model import TaskDetail
from backend_adapters.registry import open_backend
from backend_adapters.simulator.ges import EMPTY_GES, ges_app
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from tests.cli.fake_session import FakeSession, make_connection, options_of
from tests.support.ges_jobs import submit_job
from tests.support.patience import PATIENCE
from tests.unit.fakes import START, FakeClock, S, run_until_idle, task, unreadable_task
from tui.cli.commands import watch as watch_tasks
from tui.cli.commands.watch import CHANGE_LAYOUT, ChangeLog
from tui.cli.output.printer import OutputOptions, Printer
from tui.cli.output.standard_output import StandardOutput
from tui.cli.work.session import Session
from tui.monitor.filters import compile_filter
from tui.monitor.health import Health, Phase
from tui.monitor.store import Change


def log_of(
    rig: FakeSession, *words: str, every: bool = False, format: str = "tsv"
) -> tuple[ChangeLog, io.StringIO]:
    stream = io.StringIO()
    printer = Printer(CHANGE_LAYOUT, OutputOptions(format, "never"), StandardOutput(stream))
    return ChangeLog(rig.session, printer, compile_filter(" ".join(words)), every=every), stream


def news(stream: io.StringIO) -> list[str]:
    """`id event before status` of each line so far."""
    told = [line.split("\t") for line in stream.getvalue().splitlines()]
    stream.seek(0)
    stream.truncate()
    return [" ".join((row[1], row[2], row[3] or "-", row[4])) for row in told]


def appeared(*tasks) -> list[Change]:
    return [Change(None, one) for one in tasks]


def begin(log: ChangeLog, *tasks, **health) -> None:
    """Let these be the first tasks, all of them."""
    log.on_changes(appeared(*tasks))
    log.on_health(Health(phase=Phase.LIVE, begun=True, **health))


def at(number: int, status: S = S.SUCCESS, **more):
    """A task that was created so many milliseconds after the start."""
    return task(number, status, created=START + number, **more)


async def test_history_of_a_later_page_is_no_news_and_what_is_younger_is() -> None:
    log, stream = log_of(FakeSession())
    begin(log, at(50), at(49, S.RUNNING))
    assert news(stream) == ["49 seen - running"]
    log.on_changes(appeared(at(48), at(50), at(47, S.QUEUED)))
    assert news(stream) == ["47 seen - queued"]
    log.on_changes(appeared(at(51), at(52, S.RUNNING)))
    assert news(stream) == ["51 new - success", "52 new - running"]


async def test_a_task_without_a_created_time_is_told_while_it_is_unfinished() -> None:
    log, stream = log_of(FakeSession())
    begin(log, task(1, S.SUCCESS, created=None), task(2, created=None))
    assert news(stream) == ["2 seen - running"]
    log.on_changes(appeared(task(3, S.FAILED, created=None), task(4, created=None)))
    assert news(stream) == ["4 seen - running"]
    log.on_changes(appeared(at(5)))
    assert news(stream) == ["5 new - success"], "anything with a time is younger"


async def test_on_an_empty_server_the_first_task_is_new() -> None:
    log, stream = log_of(FakeSession())
    begin(log)
    log.on_health(Health(phase=Phase.LIVE, begun=True, scanned=True))
    log.on_changes(appeared(at(1)))
    assert news(stream) == ["1 new - success"]


async def test_where_the_first_tasks_need_not_be_the_newest_the_first_scan_brings_history() -> None:
    log, stream = log_of(FakeSession())
    begin(log, at(-50), scattered=True)
    log.on_changes(appeared(at(-40), at(-30), at(5)))
    assert news(stream) == ["5 new - success"]
    log.on_health(Health(phase=Phase.LIVE, begun=True, scattered=True, scanned=True))
    log.on_changes(appeared(at(-10)))
    assert news(stream) == ["-10 new - success"], "of a server whose clock is behind"


async def test_a_scan_that_ends_later_moves_no_horizon() -> None:
    log, stream = log_of(FakeSession())
    begin(log, at(50))
    log.on_health(Health(phase=Phase.LIVE, begun=True, scanned=True))
    log.on_changes(appeared(at(49), at(51)))
    assert news(stream) == ["51 new - success"]


@pytest.mark.parametrize(("every", "told"), [(False, []), (True, ["1 changed running running"])])
async def test_progress_is_told_where_it_is_asked_for(every: bool, told: list[str]) -> None:
    log, stream = log_of(FakeSession(), every=every)
    begin(log)
    log.on_changes([Change(at(1, S.RUNNING), at(1, S.RUNNING, progress=2))])
    assert news(stream) == told
    log.on_changes([Change(at(1, S.RUNNING), at(1, S.CANCELLED)), Change(at(2, S.FAILED), None)])
    assert news(stream) == ["1 changed running cancelled", "2 gone failed failed"]


@pytest.mark.parametrize(("old", "new", "told"), [
    (at(1), at(9), ["1 gone success success", "1 new - success"]),
    (at(1, S.RUNNING), at(1, S.RUNNING, name="other"), ["1 gone running running", "1 new - running"]),
    (at(1, S.RUNNING), unreadable_task(1), ["1 changed running unreadable"]),
    (unreadable_task(1), at(1, S.FAILED), ["1 changed unreadable failed"]),
])  # fmt: skip
async def test_another_task_under_a_known_id_is_news_of_two(old, new, told: list[str]) -> None:
    log, stream = log_of(FakeSession())
    begin(log, scanned=True)
    log.on_changes([Change(old, replace(new, id="1"))])
    assert news(stream) == told


async def test_a_filter_is_asked_of_the_task_as_it_is_now() -> None:
    log, stream = log_of(FakeSession(), "status=failed")
    begin(log)
    log.on_changes([Change(at(1, S.RUNNING), at(1, S.FAILED)), Change(at(2, S.FAILED), at(2, S.RUNNING))])
    log.on_changes([Change(at(3, S.FAILED), None), Change(at(4, S.RUNNING), None)])
    assert news(stream) == ["1 changed running failed", "3 gone failed failed"]


async def test_a_lost_connection_is_told_once_and_its_return_too(capsys) -> None:
    log, _ = log_of(FakeSession())
    away = Unreachable("It is away.")
    for health in (
        Health(phase=Phase.LIVE),
        Health(phase=Phase.OFFLINE, error=away),
        Health(phase=Phase.OFFLINE, error=away, retry_at=5.0),
        Health(phase=Phase.LIVE),
        Health(phase=Phase.LIVE, scanned=True),
    ):
        log.on_health(health)
    lost = f"It is away. {Unreachable.hint} Retrying."
    assert capsys.readouterr().err == f"graphtop: fake · g: {lost}\ngraphtop: fake · g: Connected again.\n"


async def test_a_refusal_in_between_is_told_and_does_not_end_the_watch(capsys) -> None:
    rig = FakeSession(task(1))
    rig.backend.faults["changes"] = [None, NotLoggedIn("No.", hint="Log in.")]
    watching = asyncio.ensure_future(
        watch_tasks._watch_tasks(rig.session, options_of(watch_tasks.Options), compile_filter(""))
    )
    await rig.clock.advance(40)
    assert not watching.done()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    told = "graphtop: fake · g: No. Log in. Retrying.\ngraphtop: fake · g: Connected again.\n"
    assert capsys.readouterr().err == told


@pytest.mark.parametrize("seconds", [0, 451])
async def test_what_a_person_must_mend_ends_the_watch_at_the_start_or_after_minutes(seconds) -> None:
    rig = FakeSession(task(1))
    watching = asyncio.ensure_future(
        watch_tasks._watch_tasks(rig.session, options_of(watch_tasks.Options), compile_filter(""))
    )
    if seconds:
        await rig.clock.advance(5)
    rig.backend.always["changes"] = NotLoggedIn("No.")
    await rig.clock.advance(3)
    assert watching.done() is (not seconds)
    await rig.clock.advance(seconds)
    with pytest.raises(NotLoggedIn, match=r"^No\.$"):
        await asyncio.wait_for(watching, PATIENCE)


async def test_a_watch_prints_from_the_server_and_asks_as_often_as_it_is_told(capsys) -> None:
    rig = FakeSession(task(1), interval=7.0)
    rig.backend.later(10, lambda: rig.backend.set(1, S.SUCCESS, updated=START + 5))
    watching = asyncio.ensure_future(
        watch_tasks._watch_tasks(rig.session, options_of(watch_tasks.Options), compile_filter(""))
    )
    await rig.clock.advance(20)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith(" 1 ▶ running  gremlin  job 1")
    assert second.endswith(" 1 ✓ success after 5ms  gremlin  job 1")
    assert 3 <= len(rig.asked("changes")) <= 4


@asynccontextmanager
async def watching(session: Session) -> AsyncIterator[None]:
    """Let a watch print, one tab-separated line for each change."""
    work = asyncio.ensure_future(
        watch_tasks._watch_tasks(session, options_of(watch_tasks.Options, format="tsv"), compile_filter(""))
    )
    try:
        yield
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def watched(rig: FakeSession, seconds: float) -> None:
    """Let a watch print for so long."""
    async with watching(rig.session):
        await rig.clock.advance(seconds)


def events(out: str) -> dict[str, str]:
    """What is told of each task, `seen` or `new`, by its id."""
    return {line.split("\t")[1]: line.split("\t")[2] for line in out.splitlines()}


async def test_however_many_are_unfinished_old_ones_are_not_new(capsys) -> None:
    # The older ones come first, so that the first part of an answer holds none of the newest.
    rows = [task(number, created=START - number) for number in range(1, 701)]
    rig = FakeSession(*rows)
    rig.backend.batch = 1000
    rig.backend.later(5, lambda: rig.backend.put(task(701, created=START + 1)))
    await watched(rig, 20)
    told = events(capsys.readouterr().out)
    assert told == {str(number): "seen" for number in range(1, 701)} | {"701": "new"}


async def test_a_job_without_a_time_that_comes_later_is_new(capsys) -> None:
    rig = FakeSession(task(1, S.QUEUED, created=None), task(2))
    rig.backend.later(5, lambda: rig.backend.put(task(3, S.QUEUED, created=None)))
    await watched(rig, 20)
    assert events(capsys.readouterr().out) == {"1": "seen", "2": "seen", "3": "new"}


@pytest.mark.parametrize("wait", [0, 3_600_000])
async def test_new_jobs_of_ges_are_new_also_while_they_wait(capsys, wait: int) -> None:
    app = ges_app(EMPTY_GES, lambda: START)
    target = Target(
        url="http://demo",
        http=httpx.ASGITransport(app),
        dialect="ges",
        project="demo-project",
        credentials=Credentials(token=lambda: "demo-token"),
    )
    clock = FakeClock()

    def submit() -> list[str]:
        world = app.world
        return [submit_job(world, "ExportGraph", "fraud_ring", wait=wait, millis=60_000).id for _ in range(3)]

    old = submit()
    async with watching(Session(make_connection(target), open_backend(target), clock)):
        await clock.advance(5)
        new = submit()
        await clock.advance(20)
    assert events(capsys.readouterr().out) == dict.fromkeys(old, "seen") | dict.fromkeys(new, "new")


@pytest.mark.parametrize("call", ["connect", "snapshot", "changes"])
async def test_a_server_that_is_away_from_the_start_is_waited_for(capsys, call: str) -> None:
    rig = FakeSession(task(1))
    rig.backend.faults[call] = [Unreachable("It refused the connection.", hint="")] * 3
    await watched(rig, 60)
    out, err = capsys.readouterr()
    assert events(out) == {"1": "seen"}
    where = "graphtop: fake · g: "
    assert err == f"{where}It refused the connection. Retrying.\n{where}Connected again.\n"


async def test_a_watch_ends_when_nobody_reads_its_pipe(monkeypatch) -> None:
    monkeypatch.setattr(watch_tasks, "PIPE_CHECK_SECONDS", 0.0)
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        printer = Printer(CHANGE_LAYOUT, OutputOptions(format, "never"), StandardOutput(stream))
        log = ChangeLog(FakeSession().session, printer, compile_filter(""), every=False)
        polling = asyncio.ensure_future(asyncio.sleep(3600))
        ending = asyncio.ensure_future(log.wait_for_end(polling))
        await run_until_idle()
        assert not ending.done()
        os.close(reading)
        with pytest.raises(BrokenPipeError):
            await asyncio.wait_for(ending, PATIENCE)
        polling.cancel()


async def test_a_poller_that_fails_ends_the_watch() -> None:
    log, _ = log_of(FakeSession())

    async def fail() -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        await asyncio.wait_for(log.wait_for_end(asyncio.ensure_future(fail())), PATIENCE)


async def test_of_two_errors_the_first_ends_the_watch() -> None:
    log, _ = log_of(FakeSession())
    log.on_health(Health(phase=Phase.BLOCKED, error=NotLoggedIn("First.")))
    log.on_health(Health(phase=Phase.LIVE))
    log.on_health(Health(phase=Phase.BLOCKED, error=NotLoggedIn("Second.")))
    with pytest.raises(NotLoggedIn, match="First"):
        await asyncio.wait_for(log.wait_for_end(asyncio.ensure_future(asyncio.sleep(3600))), PATIENCE)


async def test_a_task_that_fails_is_written_with_its_reason_and_what_comes_after_it_behind_it():
    rig = FakeSession(task(1), task(2))
    failed = task(1, S.FAILED)
    rig.backend.details = {
        "1": [TaskDetail(task=failed, raw=b"", result=b"java.lang.RuntimeException: boom")]
    }
    rig.backend.delays["detail"] = 2.0
    log, stream = log_of(rig, format="jsonl")
    writing = asyncio.create_task(log.write_waiting())
    begin(log, task(1), task(2), scanned=True)
    assert len(read_records(stream)) == 2
    rig.session.store.apply_answer([failed], asked=1)
    log.on_changes([Change(task(1), failed), Change(task(2), task(2, S.SUCCESS))])
    await rig.clock.advance(1.9)
    assert read_records(stream) == []
    await rig.clock.advance(0.2)
    assert [(record["id"], record["reason"]) for record in read_records(stream)] == [
        ("1", "RuntimeException: boom"),
        ("2", None),
    ]
    assert rig.session.store.tasks["1"].reason == "RuntimeException: boom"
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)


@pytest.mark.parametrize(
    ("words", "seen"), [("reason=boom", ["1"]), ("boom", ["1"]), ("reason=heap", []), ("reason!=boom", ["2"])]
)
async def test_a_filter_for_reasons_is_asked_once_the_reason_is_known(words, seen):
    rig = FakeSession(task(1), task(2))
    failed = [task(1, S.FAILED), task(2, S.FAILED)]
    rig.backend.details = {"1": [TaskDetail(task=failed[0], raw=b"", result=b"RuntimeException: boom")]}
    rig.backend.faults["detail"] = [None, ServerFault("500")]
    log, stream = log_of(rig, words, format="jsonl")
    writing = asyncio.create_task(log.write_waiting())
    begin(log, scanned=True)
    log.on_changes([Change(task(row.id), row) for row in failed])
    await rig.clock.advance(1)
    assert [record["id"] for record in read_records(stream)] == seen
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)


def read_records(stream: io.StringIO) -> list[dict[str, object]]:
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    stream.seek(0)
    stream.truncate()
    return told

"""The rows that were there last: on the screen at once, grey, until the server answers or refuses to."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from msgspec import structs

from backend_adapters.hugegraph import newest_search
from backend_adapters.model import Scope, Task, TaskStatus, change_task
from backend_adapters.simulator import DEMO_HUGEGRAPH, EMPTY_HUGEGRAPH, HugeGraphSettings
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from tests.support.faulty_hugegraph import Fault, Wrong
from tests.support.held_servers import HeldHugeGraph
from tests.support.kept_rows import keep_tasks
from tests.ui.running_app import NOON, FastClock, FrozenClock, RunningApp, run_app
from tests.unit.fakes import task
from tui.config.options import ScreenOptions
from tui.monitor.clock import Clock
from tui.monitor.last_rows import LastRows
from tui.monitor.rows_file import KeptRows, RowsFile
from tui.screens.tasks.screen import TasksScreen
from tui.widgets.task_line import TaskLine

QUIET = replace(DEMO_HUGEGRAPH, pace=0.0, graphs=("hugegraph",))
CONNECTING = "as of 12:00, connecting…"
NEXT_PAGE = "[?&]page=."
"""Requests for a page of a list but for its first one."""
LONG = "Thread.sleep(3600000)"


class Place:
    """A server on which sessions follow each other."""

    def __init__(self, folder: Path, settings: HugeGraphSettings = QUIET, clock: Clock | None = None) -> None:
        self.folder = folder
        self.clock = clock or FrozenClock()
        self.server = HeldHugeGraph(settings, self.clock.now)

    @asynccontextmanager
    async def session(self, *, hangs: bool = False, **more: object) -> AsyncIterator[RunningApp]:
        """One session; with `hangs` the server does not answer."""
        if hangs:
            self.server.hold()
            more["ready"] = False
        settings = {"server": self.server, "clock": self.clock, "rows_folder": self.folder}
        try:
            async with run_app(**{**settings, **more}) as at:
                yield at
        finally:
            self.server.let_go()

    def file(self, **more: object) -> RowsFile:
        """The file of the last known rows."""
        return RowsFile(self.folder, Target(url="http://stage:8080", profile="stage", **more))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A server with many tasks, on which time stands still."""
    return Place(tmp_path / "rows")


@pytest.fixture
def own(tmp_path: Path) -> Place:
    """A server with no tasks but those of the test."""
    return Place(tmp_path / "rows", EMPTY_HUGEGRAPH, FastClock())


def ids_shown(at: RunningApp) -> list[str]:
    """The ids of the tasks that the table shows, from top to bottom."""
    return [line.task_key for line in at.screen.parts.table._frame if isinstance(line, TaskLine)]


def ids_grey(at: RunningApp) -> list[str]:
    """Those of the rows that are drawn as old ones."""
    return [line.task_key for line in at.screen.parts.table._frame if isinstance(line, TaskLine) and line.old]


async def test_they_are_there_at_once_and_the_servers_rows_take_their_places(place: Place) -> None:
    async with place.session() as at:
        before = ids_shown(at)
        drawn = [at.row(task_id) for task_id in before]
    async with place.session(hangs=True) as at:
        await at.until_seen(CONNECTING)
        assert ids_shown(at) == ids_grey(at) == before
        assert "0 All   1 Active   2 Waiting   3 Success   4 Failed   5 Cancelled  " in at.lines()[1]
        assert "tasks · last known at 12:00" in at.text()
        assert at.row(before[-1]).startswith("│┊ ")
        assert not at.screen.monitor.only.store.tasks
        await at.press("end", "up", "up")
        cursor = at.screen.parts.table.cursor_key
        place.server.let_go()
        await at.until(at.drawn, "the first scan")
        assert not ids_grey(at)
        assert "as of" not in at.text()
        assert "● live" in at.text()
        assert at.screen.parts.table.cursor_key == cursor
        await at.press("home")
        assert ids_shown(at) == before
        after = [at.row(task_id) for task_id in before]
        assert [line[2:40] for line in after] == [line[2:40] for line in drawn], "nothing has moved"


async def test_the_first_frame_does_not_wait_for_what_talks_to_the_server(place: Place, monkeypatch) -> None:
    async with place.session() as at:
        before = ids_shown(at)
    monkeypatch.setattr(TasksScreen, "_start_monitor", lambda screen, rows: None)
    async with place.session(hangs=True) as at:
        await at.until_seen(CONNECTING)
        assert at.screen.monitor is None
        assert ids_grey(at) == before
        assert at.lines()[0].startswith("  graphtop  stage · DEFAULT/hugegraph")


async def test_what_changed_is_replaced_and_what_is_gone_goes(own: Place) -> None:
    async with own.session() as at:
        runs, goes, stays = [await at.submit(f"// {name}\n{LONG}") for name in ("runs", "goes", "stays")]
        await at.until_seen("stays")
    async with own.session(hangs=True) as at:
        await at.until_seen("connecting…")
        assert [at.row(one).split()[3] for one in (runs, goes)] == ["running", "running"]
        for task_id in (runs, goes):
            await at.cancel(task_id)
        await at.delete(goes)
        at.screen.parts.table.place_cursor(stays)
        own.server.let_go()
        await at.until(at.drawn, "the first scan")
        assert goes not in ids_shown(at)
        assert "cancelled" in at.row(runs)
        assert at.screen.parts.table.cursor_key == stays


async def test_the_cursor_leaves_a_task_whose_id_belongs_to_another_one(place: Place) -> None:
    async with place.session() as at:
        ended = [row for row in at.screen.monitor.view if row.status.is_finished][:6]
    others = [change_task(row, created=row.created - 7) for row in ended[2:4]]
    place.file().write(keep_in_default(*ended[:2], *others, *ended[4:]))
    async with place.session(hangs=True) as at:
        await at.until_seen(CONNECTING)
        at.screen.parts.table.place_cursor(others[0].id)
        place.server.let_go()
        await at.until(at.drawn, "the first scan")
        assert at.screen.parts.table.cursor_key == ended[4].id


@pytest.mark.parametrize("keys", [(), ("enter",)])
async def test_cursor_and_detail_stay_on_a_row_while_the_history_is_read_from_its_oldest(
    tmp_path: Path, monkeypatch, keys: tuple[str, ...]
) -> None:
    """Where answers are slow the first batch has few tasks, and the list is read in small pages."""
    place = Place(tmp_path / "rows", QUIET, FastClock())
    async with place.session() as at:
        # Only then the last row that is kept is none of the oldest.
        await at.until(lambda: at.screen.monitor.health.scanned, "the whole list")
    # Before the next session keeps what it has read so far.
    chosen = place.file().read().rows[-1].id
    monkeypatch.setattr(newest_search, "SLOW_ANSWER", 0.0)
    place.server.hold(NEXT_PAGE)
    async with place.session(ready=False) as at:
        await at.until_seen("as of")
        at.screen.parts.table.place_cursor(chosen)
        await at.press(*keys)
        rows = len(at.screen.monitor.session_rows.view)
        await at.until_seen("● live")
        await at.until(lambda: "1" in at.screen.monitor.only.store.tasks, "the first page of the list")
        polled = at.screen.monitor.health.last_ok
        await at.until(lambda: at.screen.monitor.health.last_ok > polled, "another poll")
        await at.until_seen("reading history")
        assert chosen not in at.screen.monitor.only.store.tasks, "only the newest and the oldest are read"
        assert len(at.screen.monitor.session_rows.view) >= rows
        assert at.screen.parts.table.cursor_key == chosen
        assert chosen in ids_grey(at)
        if keys:
            await at.until_seen("The server has not told of this task yet.")
            assert at.screen.panes.pane.border_title.startswith(f"{chosen} · ")
        place.server.let_go()
        await at.until(lambda: at.screen.monitor.health.scanned, "the whole history")
        await at.until(lambda: not ids_grey(at), "no grey row")
        assert at.screen.parts.table.cursor_key == chosen
        if keys:
            assert at.screen.panes.pane.border_title.startswith(f"{chosen} · ")


def keep_in_default(*tasks: Task, graph: str = "hugegraph") -> KeptRows:
    """What an earlier session kept of a graph in DEFAULT."""
    return keep_tasks(*tasks, as_of=NOON, dialect="hugegraph", graph=graph, graphspace="DEFAULT")


@pytest.mark.parametrize("key", ["C", "F", "ctrl+d", "delete"])
async def test_keys_that_act_are_dead_and_say_why(place: Place, key: str) -> None:
    async with place.session():
        pass
    async with place.session(hangs=True) as at:
        await at.until_seen(CONNECTING)
        await at.press(key)
        await at.until_seen(
            "This row is as of 12:00. Nothing can be sent before the server has confirmed it."
        )
        assert at.sent("PUT") + at.sent("DELETE") == []


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose clock is nine hours ahead of UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC-9")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_tokyo")
async def test_why_they_are_dead_names_the_time_as_the_header_does(place: Place) -> None:
    async with place.session():
        pass
    async with place.session(hangs=True) as at:
        await at.until_seen("as of 21:00, connecting…")
        await at.press("t", "t")
        await at.until_seen(CONNECTING)
        await at.press("C")
        await at.until_seen("This row is as of 12:00.")


async def test_they_are_dead_on_a_row_that_is_not_confirmed_although_the_server_answers(place: Place) -> None:
    async with place.session():
        pass
    place.server.faults.append(Fault(Wrong.CRASH, path="/tasks", times=1000))
    async with place.session(ready=False) as at:
        await at.until_seen("as of 12:00, offline")
        assert at.screen.monitor.health.info is not None
        await at.press("ctrl+d")
        await at.until_seen("This row is as of 12:00.")


@pytest.mark.parametrize("keys", [("space",), ("asterisk",), ("down", "V")])
async def test_they_are_not_marked(place: Place, keys: tuple[str, ...]) -> None:
    async with place.session():
        pass
    async with place.session(hangs=True) as at:
        await at.until_seen(CONNECTING)
        await at.press(*keys)
        await at.until_seen("Rows of an earlier session can't be marked.")
        assert at.screen.parts.table.marks == ()


async def test_a_detail_waits_for_the_answer_and_asks_nothing_before(own: Place) -> None:
    async with own.session() as at:
        running = await at.submit(f"// long one\n{LONG}")
        await at.until_seen("long one")
    async with own.session(hangs=True) as at:
        await at.until_seen("connecting…")
        at.screen.parts.table.place_cursor(running)
        await at.press("v")
        await at.until_seen("▶ was running")
        assert "The server has not confirmed it yet." in at.text()
        assert "running for" not in at.text()
        await at.press("i", "r")
        await at.until_seen("The server has not told of this task yet.")
        assert not [line for line in at.server.requests if f"/tasks/{running}" in line]
        own.server.let_go()
        await at.until_seen(LONG)
        await at.press("v")
        await at.until_seen("▶ running for")
        assert "As of" not in at.text()


async def test_nothing_ticks_on_them(own: Place) -> None:
    async with own.session() as at:
        await at.submit(f"// long one\n{LONG}")
        await at.until_seen("long one")
    clock = FrozenClock(own.clock.now())
    async with own.session(hangs=True, clock=clock) as at:
        await at.until_seen("connecting…")
        (row,) = [line for line in at.lines() if "long one" in line]
        assert row.rstrip("│ ").endswith("–"), "how long it ran is not known"
        clock.moment += 50_000
        at.screen.presenter.draw_tick()
        await at.pilot.pause()
        assert row in at.lines()


async def test_filter_tabs_and_sort_work_on_them_and_groups_say_why_not(place: Place) -> None:
    async with place.session():
        pass
    async with place.session(hangs=True) as at:
        await at.until_seen(CONNECTING)
        await at.press("4")
        await at.until_seen("tasks · failed · last known at 12:00")
        assert all("failed" in at.row(one) for one in ids_shown(at))
        await at.press("slash", *"no such thing", "enter")
        await at.until_seen("None of the tasks last known at 12:00 match.")
        assert "0 of the last known" in at.text()
        await at.press("escape", "0", "I")
        await at.until(lambda: len(ids_shown(at)) > 20, "all rows")
        await at.press("B")
        await at.until_seen("Rows of an earlier session are not grouped.")


KEEPS = [Wrong.STARTING, Wrong.INITIALIZING, Wrong.BUSY, Wrong.CRASH, Wrong.CUT, Wrong.LOST]
CLEARS = [Wrong.HTML, Wrong.EMPTY, Wrong.CUT_JSON]


@pytest.mark.parametrize("wrong", KEEPS)
async def test_a_server_that_is_ill_leaves_them_with_its_trouble(place: Place, wrong: Wrong) -> None:
    async with place.session() as at:
        before = ids_shown(at)
    place.server.faults.append(Fault(wrong, times=1000))
    async with place.session(ready=False) as at:
        await at.until(lambda: at.screen.monitor is not None and at.screen.monitor.health.error, "an error")
        await at.until_seen("as of 12:00, offline")
        await at.until_seen("r to try now")
        assert ids_grey(at) == before
        place.server.faults.clear()
        await at.press("r")
        await at.until(at.drawn, "the first scan")
        assert not ids_grey(at)
        assert ids_shown(at) == before


@pytest.mark.parametrize("wrong", CLEARS)
async def test_what_is_no_such_server_takes_them_away(place: Place, wrong: Wrong) -> None:
    async with place.session():
        pass
    place.server.faults.append(Fault(wrong, times=1000))
    async with place.session(ready=False) as at:
        await at.until(lambda: at.screen.monitor is not None and at.screen.monitor.health.error, "an error")
        await at.until(lambda: not ids_shown(at), "the rows going")
        assert "as of" not in at.text()
        assert "last known" not in at.text()


async def test_a_refused_login_takes_them_away_with_their_detail(tmp_path: Path) -> None:
    place = Place(tmp_path / "rows", replace(QUIET, auth=("ann", "right")))
    async with place.session(credentials=Credentials("ann", lambda: "right")) as at:
        name = at.screen.monitor.view[0].name
    async with place.session(hangs=True, credentials=Credentials("ann", lambda: "wrong")) as at:
        await at.until_seen(CONNECTING)
        await at.press("v")
        await at.until_seen(name[:20])
        place.server.let_go()
        await at.until(at.asks_login, "the question for a login")
        assert not ids_shown(at)
        assert at.screen.panes.detail.task is None
        await at.press("escape")
        await at.until(lambda: at.app.screen is at.screen, "the dialog closed")
        assert name[:20] not in at.text()


async def test_a_graph_that_is_not_there_takes_them_away_and_they_are_forgotten(place: Place) -> None:
    place.file(graph="gone").write(keep_in_default(task(1, TaskStatus.SUCCESS), graph="gone"))
    async with place.session(hangs=True, graph="gone") as at:
        await at.until_seen(CONNECTING)
        assert ids_grey(at) == ["1"]
        place.server.let_go()
        await at.until_seen("Press b to choose a graph.")
        assert "job 1" not in at.text()
        assert place.file(graph="gone").read() is None


async def test_another_users_rows_are_not_shown(tmp_path: Path) -> None:
    place = Place(tmp_path / "rows", replace(QUIET, auth=("ann", "right")))
    async with place.session(credentials=Credentials("ann", lambda: "right")):
        pass
    for other in (Credentials("bob", lambda: "right"), Credentials()):
        async with place.session(hangs=True, credentials=other) as at:
            await at.until_seen("Connecting…")
            assert not ids_shown(at)
    assert place.file(credentials=Credentials("ann", lambda: "wrong")).read() is not None


async def test_without_a_cache_nothing_is_written_or_read(place: Place) -> None:
    without = ScreenOptions(interval=1.0, cache=False)
    async with place.session(options=without):
        pass
    assert not place.folder.exists()
    async with place.session():
        pass
    async with place.session(hangs=True, options=without) as at:
        await at.until_seen("Connecting…")
        assert not ids_shown(at)


async def test_what_the_last_session_never_saw_live_is_not_written(place: Place) -> None:
    async with place.session():
        pass
    before = place.file().read()
    assert before is not None
    async with place.session(hangs=True) as at:
        await at.until_seen(CONNECTING)
    assert place.file().read() == before


async def test_no_text_of_the_file_reaches_the_terminal_as_it_is(place: Place) -> None:
    kept = keep_in_default(task(1, TaskStatus.SUCCESS))
    place.file().write(structs.replace(kept, noun="jobs\x1b[2J\u202e", graph="g\x1b[2J\u202e"))
    async with place.session(hangs=True) as at:
        await at.until_seen(CONNECTING)
        assert "jobs␛[2J⟨U+202E⟩ · last known at" in at.text()
        assert "DEFAULT/g␛[2J⟨U+202E⟩" in at.lines()[0]
        await at.press("slash", *"no such thing")
        await at.until_seen("None of the jobs␛[2J⟨U+202E⟩ last known")
        assert not {"\x1b", "\u202e"} & set(at.text())


async def test_a_broken_file_is_passed_over(place: Place) -> None:
    async with place.session():
        pass
    (path,) = place.folder.iterdir()
    path.write_bytes(b'{"version":1,"rows":[{}]}')
    async with place.session(hangs=True) as at:
        await at.until_seen("Connecting…")
        assert not ids_shown(at)


async def test_rows_of_another_day_say_so(place: Place) -> None:
    async with place.session():
        pass
    async with place.session(hangs=True, clock=FrozenClock(NOON + 86_400_000)) as at:
        await at.until_seen("as of 11-23 12:00, connecting…")


async def test_another_graph_begins_with_its_own_rows(tmp_path: Path) -> None:
    place = Place(tmp_path / "rows", replace(QUIET, graphs=("hugegraph", "other")))
    async with place.session(graph="other") as at:
        before = ids_shown(at)
    async with place.session(graph="hugegraph") as at:
        place.server.hold()
        at.app.switch_to(Scope(graph="other", graphspace=None), "hugegraph")
        await at.until_seen("DEFAULT/other")
        await at.until_seen(CONNECTING)
        assert ids_grey(at) == before


@pytest.mark.usefixtures("in_tokyo")
async def test_another_graph_begins_in_the_look_of_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path / "rows", replace(QUIET, graphs=("hugegraph", "other")))
    async with place.session(graph="other"):
        pass
    async with place.session(graph="hugegraph") as at:
        await at.press("w", "t", "t")
        head = at.table_head()
        assert "CREATED" in head
        monkeypatch.setattr(TasksScreen, "_start_monitor", lambda screen, rows: None)
        at.app.switch_to(Scope(graph="other", graphspace=None), "hugegraph")
        await at.until_seen("DEFAULT/other")
        await at.until_seen("tasks · last known at 12:00")
        assert CONNECTING in at.lines()[0]
        assert at.table_head().split() == head.split()


@pytest.mark.parametrize("place_before", ["none", "another graph"])
async def test_a_filter_is_applied_although_it_was_typed_before_there_was_a_monitor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place_before: str
) -> None:
    place = Place(tmp_path / "rows", replace(QUIET, graphs=("hugegraph", "other")))
    async with place.session(graph="other"):
        pass
    start, waiting = TasksScreen._start_monitor, list[Callable[[], None]]()

    def hold_start(screen: TasksScreen, rows: LastRows | None) -> None:
        waiting.append(partial(start, screen, rows))

    async def filter_held_screen(at: RunningApp) -> None:
        await at.until(lambda: bool(waiting), "the last known rows")
        await at.press("slash", *"no such thing")
        waiting.pop()()
        await at.until(at.drawn, "the first scan")
        await at.until(lambda: not ids_shown(at), "no row that does not match")
        assert "0 of " in at.text()

    if place_before == "none":
        monkeypatch.setattr(TasksScreen, "_start_monitor", hold_start)
        async with place.session(graph="other", ready=False) as at:
            await filter_held_screen(at)
    else:
        async with place.session(graph="hugegraph") as at:
            monkeypatch.setattr(TasksScreen, "_start_monitor", hold_start)
            at.app.switch_to(Scope(graph="other", graphspace=None), "hugegraph")
            await filter_held_screen(at)


async def test_before_the_server_has_answered_nothing_is_said_of_its_other_lists(place: Place) -> None:
    async with place.session():
        pass
    async with place.session(hangs=True) as at:
        await at.until_seen(CONNECTING)
        await at.press("L")
        await at.until_seen("The server has not answered yet, so its other lists are not known.")


async def test_the_clock_is_right_from_the_first_frame_on(place: Place) -> None:
    frames: list[str] = []
    async with place.session(hangs=True) as at:
        at.screen.presenter.draw_header()
        frames.append(at.lines()[0])
        await at.until_seen("Connecting…")
        frames.append(at.lines()[0])
    assert [frame.rstrip().endswith("12:00:00") for frame in frames] == [True, True], frames

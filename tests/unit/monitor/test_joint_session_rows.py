"""The last known rows of several places: each place's own are over when it has told enough, or refuses to."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from backend_adapters.errors import BackendError, NotAllowed, NotLoggedIn, Unreachable
from backend_adapters.model import Task
from backend_adapters.transport.target import Target
from tests.support.kept_rows import keep_tasks
from tests.support.patience import PATIENCE
from tests.unit.fakes import START, S, run_until_idle, task
from tests.unit.joint_monitor import JointMonitor, run_joint_monitor
from tui.monitor.rows_file import RowsFile
from tui.monitor.rows_keeper import KEEP_FIRST
from tui.monitor.watched_place import WatchedPlace

SEEN = START - 3_600_000


class KeptPlaces:
    """Places of a monitor, with what the last session kept of them."""

    def __init__(self, rig: JointMonitor, folder: Path) -> None:
        self.rig = rig
        self.folder = folder
        rig.ears.rows_changed = lambda changes: None  # type: ignore[method-assign]

    def file(self, profile: str) -> RowsFile:
        return RowsFile(self.folder, Target(url=f"http://{profile}", profile=profile))

    def add(
        self, profile: str, kept: list[Task], *rows: Task, error: BackendError | None = None, graph: str = "g"
    ) -> WatchedPlace:
        """Watch a place of which so many tasks were kept; with an error it answers nothing else."""
        file = self.file(profile)
        if kept:
            file.write(keep_tasks(*kept, as_of=SEEN, dialect="hugegraph", graph=graph))
        connection = self.rig.connect(f"{profile}:g", *rows, rows_file=file)
        if error is not None:
            assert connection.place is not None
            self.rig.backends[connection.place.number].always["connect"] = error
        return self.rig.monitor.add_place(connection)

    def old_keys(self) -> set[str]:
        rows = self.rig.monitor.session_rows
        return {one.key for one in self.rig.monitor.view if rows.is_unconfirmed(one.key)}


async def test_each_places_rows_are_old_until_it_answers_and_then_only_its_own_are_left(
    tmp_path: Path,
) -> None:
    async with run_joint_monitor() as rig:
        at = KeptPlaces(rig, tmp_path)
        at.add("prod", [task(1), task(2, S.SUCCESS)], task(1, S.SUCCESS), task(3))
        down = Unreachable("dev refused the connection.")
        at.add("dev", [task(1), task(9, S.FAILED)], error=down)
        assert set(rig.keys().split()) == at.old_keys() == {"1/1", "1/2", "2/1", "2/9"}
        assert rig.monitor.session_rows.is_partly_old
        await rig.start()
        assert set(rig.keys().split()) == {"1/1", "1/3", "2/1", "2/9"}
        assert at.old_keys() == {"2/1", "2/9"}
        assert rig.find_task("1/1").status is S.SUCCESS
        assert rig.monitor.session_rows.find_seen(rig.find_task("2/9")) == SEEN
        assert rig.monitor.session_rows.find_seen(rig.find_task("1/1")) is None


async def test_old_rows_of_a_place_that_answers_at_last_are_replaced(tmp_path: Path) -> None:
    async with run_joint_monitor() as rig:
        at = KeptPlaces(rig, tmp_path)
        dev = at.add("dev", [task(1), task(2)], task(2), error=Unreachable("dev is down."))
        await rig.start()
        assert at.old_keys() == {"1/1", "1/2"}
        rig.backend(dev).always.clear()
        rig.monitor.poll_now()
        await run_until_idle()
        assert (rig.keys(), at.old_keys()) == ("1/2", set())
        assert len(rig.monitor.tasks) == 1
        assert not rig.monitor.session_rows.is_partly_old


@pytest.mark.parametrize(
    ("error", "is_removed"), [(NotLoggedIn("Who?"), False), (NotAllowed("Not you."), True)]
)
async def test_who_may_not_see_a_place_sees_no_old_rows_of_it(
    tmp_path: Path, error: BackendError, is_removed: bool
) -> None:
    async with run_joint_monitor() as rig:
        at = KeptPlaces(rig, tmp_path)
        at.add("prod", [], task(1))
        at.add("dev", [task(1)], error=error)
        await rig.start()
        assert rig.keys() == "1/1"
        assert (at.file("dev").read() is None) is is_removed


async def test_rows_of_another_graph_are_none_of_the_place(tmp_path: Path) -> None:
    async with run_joint_monitor() as rig:
        at = KeptPlaces(rig, tmp_path)
        at.add("dev", [task(1)], task(2), graph="other")
        await rig.start()
        assert rig.keys() == "1/2"


async def test_old_rows_can_be_hidden_and_shown_and_a_hidden_place_answers_unseen(tmp_path: Path) -> None:
    async with run_joint_monitor() as rig:
        at = KeptPlaces(rig, tmp_path)
        dev = at.add("dev", [task(1)], task(2), error=Unreachable("dev is down."))
        await rig.start()
        rig.monitor.hide_place(dev)
        assert (rig.keys(), len(rig.monitor.tasks)) == ("", 0)
        rig.monitor.show_place(dev)
        assert rig.keys() == "1/1"
        rig.monitor.hide_place(dev)
        rig.backend(dev).always.clear()
        rig.monitor.poll_now()
        await run_until_idle()
        assert (rig.keys(), len(rig.monitor.tasks)) == ("", 0)
        rig.monitor.show_place(dev)
        assert (rig.keys(), at.old_keys()) == ("1/2", set())


async def test_a_place_that_is_removed_takes_its_old_rows_with_it(tmp_path: Path) -> None:
    async with run_joint_monitor() as rig:
        at = KeptPlaces(rig, tmp_path)
        dev = at.add("dev", [task(1)], error=Unreachable("dev is down."))
        await rig.start()
        rig.monitor.remove_place(dev)
        assert (rig.keys(), len(rig.monitor.tasks)) == ("", 0)
        assert not rig.monitor.session_rows.is_partly_old
        await rig.clock.advance(1)


async def test_rows_are_kept_while_the_session_goes_on_and_at_its_end(tmp_path: Path) -> None:
    async with run_joint_monitor() as rig:
        at = KeptPlaces(rig, tmp_path)
        prod = at.add("prod", [], task(1), task(2, S.SUCCESS))
        at.add("dev", [task(7)], error=Unreachable("dev is down."))
        await rig.start()
        await rig.clock.advance(KEEP_FIRST + 0.1)
        async with asyncio.timeout(PATIENCE):
            while (kept := at.file("prod").read()) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert [row.id for row in kept.rows] == ["1", "2"]
        rig.backend(prod).put(task(3))
        await rig.clock.advance(5)
    last = at.file("prod").read()
    assert last is not None
    assert {row.id for row in last.rows} >= {"1", "2"}
    silent = at.file("dev").read()
    assert silent is not None, "of a place that did not answer the rows from before stay"
    assert [row.id for row in silent.rows] == ["7"]

"""The rows that several places had last: grey and with their time, until each place answers for itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backend_adapters.model import Action
from backend_adapters.simulator import DEMO_HUGEGRAPH, EMPTY_HUGEGRAPH
from tests.ui.joint_app import JointApp, run_places
from tests.ui.running_app import FrozenClock
from tui.widgets.task_line import TaskLine

QUIET = replace(DEMO_HUGEGRAPH, pace=0.0, graphs=("hugegraph",), history=40, unfinished=3)
BOTH = ("prod:hugegraph", "dev:hugegraph")
SETTINGS = {"prod": QUIET, "dev": replace(QUIET, seed=8)}


def keys_shown(at: JointApp) -> list[str]:
    return [line.task_key for line in at.screen.parts.table._frame if isinstance(line, TaskLine)]


def keys_grey(at: JointApp) -> set[str]:
    table = at.screen.parts.table
    return {line.task_key for line in table._frame if isinstance(line, TaskLine) and line.old}


def count_files(folder: Path) -> int:
    return len(list(folder.glob("*.json")))


def start_of(key: str) -> str:
    return key.partition("/")[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "rows"


async def live_once(folder: Path) -> list[str]:
    """One session on both places; the keys of the rows that it showed."""
    async with run_places(*BOTH, settings=SETTINGS, clock=FrozenClock(), rows_folder=folder) as at:
        shown = keys_shown(at)
    assert count_files(folder) == 2, "one for each place"
    return shown


async def test_the_rows_of_both_are_there_before_any_answers_and_each_server_takes_the_place_of_its_own(
    folder: Path,
) -> None:
    before = await live_once(folder)
    async with run_places(
        *BOTH,
        settings=SETTINGS,
        clock=FrozenClock(),
        rows_folder=folder,
        held=("prod", "dev"),
        ready=False,
    ) as at:
        await at.until(lambda: bool(keys_shown(at)), "the last known rows")
        assert keys_shown(at) == before
        assert keys_grey(at) == set(before)
        assert at.rows_of("as of 12:00")
        assert {start_of(key) for key in before} == {"1", "2"}
        assert not any(len(place.store) for place in at.monitor.places)
        await at.press("down", "down")
        cursor = at.screen.parts.table.cursor_key
        at.lines_to["prod"].is_open.set()
        await at.until(lambda: at.monitor.places[0].health.scanned, "prod")
        await at.until(lambda: {start_of(key) for key in keys_grey(at)} == {"2"}, "dev's rows alone grey")
        assert keys_shown(at) == before
        assert at.screen.parts.table.cursor_key == cursor
        at.lines_to["dev"].is_open.set()
        await at.until(at.drawn, "both")
        await at.until(lambda: not keys_grey(at), "no grey rows")
        assert keys_shown(at) == before
        assert not at.rows_of("as of")


async def test_a_place_that_does_not_answer_keeps_its_rows_and_nothing_is_sent_there(folder: Path) -> None:
    before = await live_once(folder)
    async with run_places(
        *BOTH, settings=SETTINGS, clock=FrozenClock(), rows_folder=folder, cut=("dev",), ready=False
    ) as at:
        await at.until(lambda: at.monitor.places[0].health.scanned, "prod")
        await at.until(lambda: at.monitor.places[1].health.error is not None, "dev's refusal")
        await at.until(lambda: {start_of(key) for key in keys_grey(at)} == {"2"}, "dev's rows alone grey")
        assert keys_shown(at) == before
        assert "1 does not answer" in at.text()
        dev = at.monitor.places[1]
        assert not dev.ability_for(Action.CANCEL)
        at.monitor.hide_place(dev)
        assert {start_of(task.key) for task in at.monitor.view} == {"1"}
        at.monitor.show_place(dev)
        await at.until(lambda: keys_shown(at) == before, "dev's rows again")
    assert count_files(folder) == 2, "what dev had is kept for the next start"


async def test_rows_that_are_gone_meanwhile_go_and_new_ones_come(folder: Path) -> None:
    async with run_places(*BOTH, rows_folder=folder) as at:
        for profile in ("prod", "dev"):
            await at.lines_to[profile].submit("g.V().count()")
        await at.until(lambda: len(at.monitor.tasks) == 2, "a task in each")
    empty = {"prod": EMPTY_HUGEGRAPH, "dev": SETTINGS["dev"]}
    async with run_places(*BOTH, settings=empty, rows_folder=folder, held=("prod",), ready=False) as at:
        await at.until(lambda: at.monitor.places[1].health.scanned, "dev")
        await at.until(lambda: keys_grey(at) == {"1/1"}, "the old row of prod")
        at.lines_to["prod"].is_open.set()
        await at.until(lambda: not keys_grey(at), "prod's answer")
        assert not any(start_of(task.key) == "1" for task in at.monitor.view)
        assert len(at.monitor.view) == len(at.monitor.places[1].store)


async def test_without_a_cache_nothing_is_kept_and_nothing_shown(folder: Path) -> None:
    await live_once(folder)
    async with run_places(
        *BOTH, settings=SETTINGS, rows_folder=folder, held=("prod", "dev"), ready=False, cache=False
    ) as at:
        await at.until(lambda: at.screen.monitor is not None, "the monitor")
        assert not len(at.monitor.tasks)

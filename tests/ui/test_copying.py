"""What can be copied of a task and of the marked ones, and what is said of it."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from backend_adapters.model import TaskDetail
from backend_adapters.simulator import DEMO_HUGEGRAPH, EMPTY_HUGEGRAPH, HugeGraphSettings
from backend_adapters.transport.credentials import Credentials
from tests.support.faulty_hugegraph import Fault, Wrong
from tests.ui.running_app import FrozenClock, RunningApp, run_app
from tests.ui.test_dialects import cloud
from tui.connection.profile_switcher import ProfileSwitcher
from tui.screens.dialogs.picker import PickerScreen
from tui.screens.tasks import copy_controller

QUIET = replace(DEMO_HUGEGRAPH, pace=0.0)
TASK_URL = "http://stage:8080/graphspaces/DEFAULT/graphs/hugegraph/tasks"


async def copy(at: RunningApp, words: str) -> str:
    """Choose in the dialog what is copied, and return it."""
    at.app.remember_clipboard("")
    await at.press("Y")
    await at.until(lambda: isinstance(at.app.screen, PickerScreen), "the dialog")
    await at.press(*words, "enter")
    await at.until(lambda: at.app.clipboard != "", "the copied text")
    return at.app.clipboard


async def test_the_error_and_the_script_of_a_failure_are_copied_whole() -> None:
    async with run_app(QUIET, clock=FrozenClock()) as at:
        await at.press("4")
        await at.until_seen("failed · 2")
        error = await copy(at, "whole trace")
        assert "Exception" in error.split("\n")[0]
        assert "\n" in error
        await at.until_seen(f"({len(error)} characters)")
        assert re.search(r"Sent the error of task \d+ ", at.text())
        script = await copy(at, "what was run")
        await at.until_seen(f"({len(script)} characters)")


async def test_of_a_long_result_the_first_lines_are_copied_and_that_is_said() -> None:
    async with run_app(QUIET, clock=FrozenClock()) as at:
        await at.press("3")
        await at.until_seen("tasks · success")
        assert at.screen.parts.table.place_cursor("371")
        await at.pilot.pause()
        result = await copy(at, "result")
        assert len(result.split("\n")) == 20
        await at.until_seen("the first 20 of 90 lines of the result of task 371")
        await at.press("o")
        await at.until(lambda: not at.screen.panes.detail.is_waiting, "the open result")
        assert await copy(at, "result") == result


async def test_a_script_keeps_its_lines_and_nothing_in_it_acts() -> None:
    async with run_app(EMPTY_HUGEGRAPH) as at:
        await at.submit("g.V()\n\t.count()\x1b[201~\r\n// password=hunter22")
        await at.until_seen("1 Active 0")
        await at.until_seen("success")
        copied = await copy(at, "what was run")
        assert copied.startswith("g.V()\n")
        assert "\x1b" not in copied
        assert "hunter22" not in copied


@pytest.mark.parametrize("key", ["enter", ""], ids=["open", "closed"])
async def test_a_copied_script_can_be_submitted_again(key: str) -> None:
    async with run_app(EMPTY_HUGEGRAPH) as at:
        await at.submit("(1..3).collect { it * 2 }")
        await at.until_seen("success")
        if key:
            await at.press(key, "i")
            await at.until_seen("// language")
        assert await copy(at, "what was run") == "(1..3).collect { it * 2 }"


async def test_the_commands_name_the_task_and_hold_no_secret() -> None:
    login = Credentials("ann", password=lambda: "hunter22")
    async with run_app(QUIET, clock=FrozenClock(), credentials=login) as at:
        curl = await copy(at, "curl line")
        await at.until_seen(f"Sent the curl line ({len(curl)} characters)")
        assert re.fullmatch(rf"curl -sS -u ann {TASK_URL}/\d+", curl)
        command = await copy(at, "graphtop command")
        assert command == f"graphtop get {curl.rpartition('/')[2]} --url http://stage:8080 --user ann"


async def test_the_demo_has_no_address_to_name(monkeypatch: pytest.MonkeyPatch) -> None:
    async with run_app(QUIET, clock=FrozenClock()) as at:
        monkeypatch.setattr(at.app, "target", structs.replace(at.app.target, demo=1))
        await at.press("Y")
        await at.until_seen("Copy from task")
        assert "curl" not in at.text()


async def test_of_marked_tasks_columns_and_one_command_are_copied() -> None:
    async with run_app(QUIET, clock=FrozenClock()) as at:
        await at.press("3")
        await at.until_seen("tasks · success")
        await at.press("space", "space", "space")
        await at.press("Y")
        await at.until_seen("Copy from 3 marked tasks")
        await at.press("escape")
        ids = (await copy(at, "ids")).split("\n")
        assert ids == list(at.screen.parts.table.marks)
        await at.until_seen("Sent the ids of 3 tasks")
        assert await copy(at, "statuses") == "success\nsuccess\nsuccess"
        assert shlex.split(await copy(at, "graphtop command"))[:5] == ["graphtop", "get", *ids]
        lines = (await copy(at, "curl lines")).split("\n")
        assert lines == [f"curl -sS {TASK_URL}/{task_id}" for task_id in ids]
        await at.press("Y", *"reasons", "enter")
        await at.until_seen("None of the marked tasks has a reason.")


async def test_of_very_many_marked_tasks_as_many_ids_as_fit_are_copied_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(copy_controller, "MAX_COPY_CHARACTERS", 100)
    many = HugeGraphSettings(history=60, pace=0.0)
    async with run_app(many, clock=FrozenClock()) as at:
        await at.press("asterisk")
        await at.until_seen("marked")
        ids = await copy(at, "ids")
        assert len(ids) <= 100
        number = len(ids.split("\n"))
        total = len(at.screen.parts.table.marks)
        assert number < total
        await at.until_seen(f"the ids of the first {number} of {total}")


async def test_ges_is_asked_for_its_list_with_a_token_of_its_kind() -> None:
    async with cloud() as at:
        await at.press("Y")
        await at.until_seen("Copy from job")
        assert "what was run" not in at.text(), "the jobs of GES have no texts"
        await at.press("escape")
        curl = await copy(at, "curl line for")
        assert curl.startswith('curl -sS -H "X-Auth-Token: $GRAPHTOP_TOKEN" ')
        assert "http://ges:8080/v1.0/" in curl
        assert "demo-token" not in curl


async def test_with_a_profile_the_command_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[profiles.stage]\nurl = "http://stage:8080"\n')
    monkeypatch.setenv("GRAPHTOP_CONFIG", str(path))
    async with run_app(QUIET, clock=FrozenClock(), profile_source=ProfileSwitcher()) as at:
        command = await copy(at, "graphtop command")
        assert re.fullmatch(r"graphtop get \d+ -p stage", command)


async def test_the_text_of_another_task_that_has_the_id_by_now_is_not_copied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with run_app(QUIET, clock=FrozenClock()) as at:
        await at.press("4")
        await at.until_seen("failed · 2")
        at.app.remember_clipboard("before")
        backend = at.screen.monitor.only.backend
        read = backend.detail

        async def read_later(*ids: object, **more: object) -> TaskDetail:
            detail = await read(*ids, **more)
            other = structs.replace(detail.task, created=detail.task.created + 1_000)
            return structs.replace(detail, task=other)

        monkeypatch.setattr(backend, "detail", read_later)
        await at.press("Y", *"what was run", "enter")
        await at.until_seen("now, so nothing was copied.")
        assert at.app.clipboard == "before"


async def test_where_a_text_can_not_be_read_that_is_said_and_nothing_is_copied() -> None:
    async with run_app(QUIET, clock=FrozenClock()) as at:
        await at.press("4")
        await at.until_seen("failed · 2")
        at.app.remember_clipboard("before")
        fault = Fault(Wrong.CRASH, method="GET", path="/tasks/", times=1_000_000)
        at.server.faults.append(fault)
        await at.press("Y", *"what was run", "enter")
        await at.until_seen("so nothing was copied.")
        assert at.app.clipboard == "before"

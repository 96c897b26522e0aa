"""What a person sees of problems, and what leads to the next one."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from backend_adapters.model import TaskKey
from tests.ui.joint_app import run_places
from tests.ui.picture_app import USUAL
from tests.ui.problem_app import problem_app, problem_company, problem_steps
from tests.ui.running_app import read_screen, wait_for_rest
from tui.app import Graphtop
from tui.monitor.saved_views import SavedView


class Looking:
    """A program with problems on the screen."""

    def __init__(self, app: Graphtop, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await wait_for_rest(self.pilot)

    @property
    def text(self) -> str:
        return "\n".join(read_screen(self.app))

    @property
    def cursor(self) -> TaskKey | None:
        return self.app.screen.parts.table.cursor_key

    @property
    def rows(self) -> list[str]:
        return [task.key for task in self.app.screen.monitor.view]


@asynccontextmanager
async def looking(app: Graphtop, size=(120, 36)):
    async with app.run_test(size=size, notifications=True) as pilot:
        await problem_steps()(pilot)
        yield Looking(app, pilot)


async def test_the_tab_counts_problems_and_the_row_has_a_mark() -> None:
    async with looking(problem_app()) as at:
        assert "6 Problems 2" in at.text
        assert "│!  347  ▶ running" in at.text
        assert "│   283  ▶ running" in at.text


async def test_the_tab_shows_the_tasks_and_what_is_about_no_task_above_them() -> None:
    async with looking(problem_app()) as at:
        await at.press("6")
        assert at.rows == ["347"]
        assert "problems · 1 of 375" in at.text
        assert "! 370 finished tasks are kept  Next: Delete the old ones" in at.text
        await at.press("0")
        assert "finished tasks are kept" not in at.text


async def test_a_key_goes_from_problem_to_problem_and_round() -> None:
    async with looking(problem_company()) as at:
        await at.press("exclamation_mark")
        assert "dr.demo:8080 refused the connection" in at.text
        seen: list[TaskKey | None] = []
        for _ in range(20):
            await at.press("exclamation_mark")
            if "dr.demo:8080 refused the connection" in at.text:
                break
            seen.append(at.cursor)
        assert [str(key).partition("/")[0] for key in seen[:3]] == ["8", "3", "5"]
        assert len(set(seen)) == len(seen) == len([*at.rows])
        await at.press("exclamation_mark")
        assert at.cursor == seen[0]


async def test_the_key_finds_a_problem_that_is_hidden_by_tab_and_filter() -> None:
    async with looking(problem_app()) as at:
        await at.press("4", "slash", *"nothing", "enter")
        assert at.rows == []
        await at.press("exclamation_mark")
        assert (at.rows, at.cursor) == (["347"], "347")


async def test_the_detail_opens_with_the_problem_on_top() -> None:
    async with looking(problem_app()) as at:
        await at.press("exclamation_mark", "enter")
        shown = at.text
        assert "! Running 5324 times as long as usual" in shown
        assert (
            shown.index("Running 5324") < shown.index("Next: See whether") < shown.index("▶ running for 6h")
        )


async def test_one_is_set_aside_and_taken_back() -> None:
    async with looking(problem_app()) as at:
        await at.press("exclamation_mark", "z")
        assert "6 Problems 1" in at.text
        assert "│   347  ▶ running" in at.text
        assert "Set aside until it changes: Running 5324 times" in " ".join(at.text.split())
        await at.press("Z")
        assert "Running 5324 times as long as usual" in at.text
        await at.press("enter")
        assert "6 Problems 2" in at.text
        assert "│!  347  ▶ running" in at.text


async def test_what_is_about_no_task_can_be_set_aside() -> None:
    async with looking(problem_company()) as at:
        await at.press("exclamation_mark", "z")
        assert "6 Problems 3" in at.text
        assert "dr.demo:8080 refused" not in at.text
        assert at.app.screen.parts.table.has_focus


@pytest.mark.parametrize("key", ["down", "escape", "tab"])
async def test_from_what_is_about_no_task_keys_lead_to_the_table(key: str) -> None:
    async with looking(problem_company()) as at:
        await at.press("exclamation_mark", key)
        assert at.app.screen.parts.table.has_focus
        assert "! dr:hugegraph does not answer  Next (r)" in at.text


@pytest.mark.parametrize("word", ["slow", "problem", "SLOW"])
async def test_words_of_the_filter_find_problems(word: str) -> None:
    async with looking(problem_app()) as at:
        await at.press("slash", *word)
        assert "347" in at.rows
        assert len(at.rows) < 20


async def test_a_word_for_others_does_not_find_it() -> None:
    async with looking(problem_app()) as at:
        await at.press("slash", *"stuck", "enter")
        assert "347" not in at.rows


async def test_without_problems_there_is_no_tab_and_it_is_said_so() -> None:
    async with run_places("one:hugegraph") as at:
        await at.until(lambda: at.monitor.problems.is_known, "problems being looked for")
        assert "Problems" not in at.text()
        await at.press("exclamation_mark")
        await at.until_seen("No problem was found.")
        await at.press("6")
        await at.until_seen("6 Problems 0")


async def test_a_place_that_falls_silent_is_a_problem_until_it_answers_again() -> None:
    async with run_places("one:hugegraph", "two:hugegraph", findings={"no_answer_after": 1}) as at:
        at.lines_to["two"].is_cut = True
        await at.until_seen("6 Problems 1")
        await at.press("6")
        await at.until_seen("two:hugegraph does not answer")
        at.lines_to["two"].is_cut = False
        await at.until_seen("6 Problems 0")
        assert "does not answer  Next" not in at.text()


async def test_the_tab_gets_shorter_where_there_is_no_room() -> None:
    async with looking(problem_app(), USUAL) as at:
        assert "6 Problems 2" in at.text
        assert "5 ⊘ 20" in at.text


async def test_a_saved_view_can_be_of_the_problems() -> None:
    app = problem_app()
    app.begin_with_view(SavedView(name="x", places=(), tab="6"))
    async with looking(app) as at:
        assert at.rows == ["347"]
        assert "! 370 finished tasks are kept" in at.text


async def test_what_is_set_aside_stays_so_in_the_next_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(Graphtop, "keeps_problems", True)
    async with looking(problem_app()) as at:
        await at.press("exclamation_mark", "z")
    async with looking(problem_app()) as at:
        assert "6 Problems 1" in at.text
        await at.press("Z", "enter")
        assert "6 Problems 2" in at.text
    async with looking(problem_app()) as at:
        assert "6 Problems 2" in at.text


async def test_a_state_folder_that_can_not_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "graphtop").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(Graphtop, "keeps_problems", True)
    async with looking(problem_app()) as at:
        await at.press("exclamation_mark", "z")
        assert "6 Problems 1" in at.text
        assert "for this session only" in " ".join(at.text.split())

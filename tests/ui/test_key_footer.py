"""The footer: the keys that work, as many as fit whole, and what a click on one does."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType

from backend_adapters.simulator import EMPTY_HUGEGRAPH
from tests.ui.joint_app import run_places
from tests.ui.running_app import run_app, wait_until
from tui.config.options import ScreenOptions
from tui.monitor.watched_place import WatchedPlace
from tui.styles.themes import VARIABLE_DEFAULTS
from tui.text import cell_width
from tui.widgets.key_footer import KeyFooter


@pytest.mark.parametrize("width", [30, 60, 120])
async def test_no_key_is_cut_off(width: int) -> None:
    async with run_app(size=(width, 24)) as at:
        footer = at.screen.query_one(KeyFooter)
        await at.submit("g.V().count()")
        await at.until(lambda: "Detail" in at.lines()[-1], "the keys")
        words = [(spot.shown, spot.word) for spot in footer._keys]
        assert at.lines()[-1].split() == [part for pair in words for part in pair]
        assert words[0] == ("⏎", "Detail")


async def test_a_tab_without_tasks_offers_nothing_for_a_task() -> None:
    async with run_app(replace(EMPTY_HUGEGRAPH, history=12)) as at:
        footer = at.screen.query_one(KeyFooter)
        await at.until(lambda: footer._keys[0].enabled, "keys for a task")
        await at.press("1")
        await at.until_seen("No active tasks.")
        await at.until(lambda: not any(spot.enabled for spot in footer._keys[:2]), "no keys for a task")


async def test_enter_has_its_name_where_its_sign_can_not_be_drawn() -> None:
    async with run_app(options=ScreenOptions(interval=1.0, ascii=True)) as at:
        await at.submit("g.V().count()")
        await at.until(lambda: at.lines()[-1].startswith(" enter Detail space Mark"), "the keys")


@pytest.mark.parametrize("mark", [False, True])
async def test_a_key_is_greyed_when_the_task_that_it_is_for_ends_by_itself(mark: bool) -> None:
    async with run_app() as at:
        running = await at.submit("Thread.sleep(3600000)")
        await at.until_seen("running")
        if mark:
            other = await at.submit("Thread.sleep(3600000)")
            await at.until(lambda: at.text().count("running") >= 2, "two running tasks")
            await at.press("*")

        def can_cancel() -> bool:
            keys = at.screen.query_one(KeyFooter)._keys
            return any(spot.word == "Cancel" and spot.enabled for spot in keys)

        await at.until(can_cancel, "a task that can be cancelled")
        await at.cancel(running)
        if mark:
            await at.cancel(other)
        await at.until(lambda: not can_cancel(), "nothing to cancel any more")


async def test_the_keys_that_act_come_as_soon_as_the_place_of_the_task_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with run_places("b:hugegraph", "c:hugegraph") as at:
        await at.lines_to["c"].submit("Thread.sleep(36000000)")

        def can_cancel() -> bool:
            keys = at.screen.query_one(KeyFooter)._keys
            return any(spot.word == "Cancel" and spot.enabled for spot in keys)

        await at.until(lambda: any("running" in row for row in at.rows_of("c:hugegraph")), "the task")
        await at.until(can_cancel, "a task that can be cancelled")
        with monkeypatch.context() as patched:
            # As it is for a moment when the first rows of a place are drawn before its health is known.
            patched.setattr(WatchedPlace, "is_answering", False)
            at.screen.presenter.health_changed(at.monitor.health)
            await at.until(lambda: not can_cancel(), "a place that does not answer yet")
        at.screen.presenter.health_changed(at.monitor.health)
        await at.until(can_cancel, "the keys that act")


async def test_a_click_on_a_key_does_what_the_key_does() -> None:
    async with run_app() as at:
        await at.until(lambda: "Help" in at.lines()[-1], "the keys")
        line = at.lines()[-1]
        await at.pilot.click(KeyFooter, offset=(line.index("Help"), 0))
        await at.until(lambda: len(at.app.screen_stack) == 2, "the help")


async def test_it_says_what_enter_shows_here() -> None:
    async with run_app() as at:
        await at.until(lambda: "Help" in at.lines()[-1], "the keys")
        footer = at.screen.query_one(KeyFooter)
        assert [spot.enabled for spot in footer._keys[:2]] == [False, False], "nothing is here to be shown"
        await at.submit("g.V().count()")
        await at.until(lambda: footer._keys[0].enabled and footer._keys[1].enabled, "keys for a task")
        assert at.lines()[-1].startswith(" ⏎ Detail space Mark")
        await at.press("B")
        await at.until_seen("Group by")
        await at.press(*"type", "enter")
        await at.until(lambda: at.lines()[-1].startswith(" ⏎ Tasks"), "enter for a group")
        await at.press("enter", "down")
        await at.until(lambda: at.lines()[-1].startswith(" ⏎ Detail"), "enter for its task")


async def test_other_keys_work_in_the_detail_and_the_footer_follows() -> None:
    async with run_app() as at:
        await at.submit("g.V().count()")
        await at.until_seen("success")
        assert "Search" not in at.lines()[-1]
        await at.press("enter")
        await at.until(lambda: "Search" in at.lines()[-1], "the detail's keys")
        await at.press("q")
        await at.until(lambda: "Search" not in at.lines()[-1], "the table's keys")


class Keys(App[None]):
    """A footer under keys of all kinds, and what was pressed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "note('a')", "Alpha"),
        Binding("b", "note('b')", "图谱"),
        Binding("c,d", "note('c')", "Many"),
        Binding("h", "note('h')", "Hidden", show=False),
        Binding("o", "off", "Off"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.pressed: list[str] = []
        self.bells = 0

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLE_DEFAULTS

    def compose(self) -> ComposeResult:
        yield KeyFooter()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if action == "off" else True

    def action_note(self, key: str) -> None:
        self.pressed.append(key)

    def action_off(self) -> None:
        self.pressed.append("off")

    def bell(self) -> None:
        self.bells += 1

    @property
    def line(self) -> str:
        return self.query_one(KeyFooter).render_line(0).text.rstrip()


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (80, "a Alpha b 图谱 c Many o Off ^p palette"),
        (31, "a Alpha b 图谱 c Many o Off"),
        (28, "a Alpha b 图谱 c Many o Off"),
        (27, "a Alpha b 图谱 c Many"),
        (9, "a Alpha"),
        (8, "a Alpha"),
        (7, ""),
    ],
)
async def test_a_key_is_shown_whole_or_not_at_all(width: int, line: str) -> None:
    app = Keys()
    async with app.run_test(size=(width, 3)) as pilot:
        await wait_until(pilot, lambda: app.line == line or width == 80, "the keys")
        assert app.line.startswith(line.removesuffix(" ^p palette"))


async def test_a_click_anywhere_on_a_key_or_its_word_is_the_key_and_on_the_gap_nothing() -> None:
    app = Keys()
    async with app.run_test(size=(60, 3)) as pilot:
        await wait_until(pilot, lambda: "Off" in app.line, "the keys")
        hit: list[str] = []
        for x in range(cell_width(app.line[: app.line.index("o Off")])):
            app.pressed.clear()
            await pilot.click(KeyFooter, offset=(x, 0))
            hit.append("".join(app.pressed) or ".")
        assert "".join(hit) == "aaaaaaa.bbbbbb.cccccc."
        assert app.bells == 0
        await pilot.click(KeyFooter, offset=(cell_width(app.line[: app.line.index("Off")]), 0))
        assert app.bells == 1
        assert "off" not in app.pressed


async def test_what_can_not_be_done_now_is_dim() -> None:
    app = Keys()
    async with app.run_test(size=(60, 3)) as pilot:
        await wait_until(pilot, lambda: "Off" in app.line, "the keys")
        looks = {segment.text.strip(): segment.style for segment in app.query_one(KeyFooter).render_line(0)}
        assert not looks["a"].dim
        assert not looks["Alpha"].dim
        assert looks["o"].dim
        assert looks["Off"].dim

"""What a person sees of the filter line, and what the screen hears from it."""

from __future__ import annotations

import asyncio

from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tui.styles.themes import THEMES, VARIABLE_DEFAULTS
from tui.widgets.filter_bar import MISTAKE_DELAY, TYPING_DELAY, FilterBar

SIZE = (70, 10)


class Table(Static, can_focus=True):
    """What has the focus otherwise."""


class House(App[None]):
    """A line of tabs, the filter line, a table; keeps what it hears. `age>` alone is a fault to it."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[object] = []
        self.pointed_at_once = False

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLE_DEFAULTS

    def compose(self) -> ComposeResult:
        yield Static("tabs")
        yield FilterBar()
        yield Table("table head\ntable row")

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        self.query_one(Table).focus()

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        self.heard.append(event.text)
        place = event.text.find("age>5x")
        if place >= 0:
            self.bar.show_error("age needs a duration [/x]", place + 4, 2)
            self.pointed_at_once = self.bar.shown_mistake is not None
        else:
            self.bar.clear_error()
            self.bar.show_count(7, 12040)

    def on_filter_bar_closed(self, event: FilterBar.Closed) -> None:
        self.heard.append(event.kept)

    @property
    def bar(self) -> FilterBar:
        return self.query_one(FilterBar)

    @property
    def lines(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]


async def passed(app: House, pilot: Pilot, seconds: float) -> None:
    """Wait until a timer of the line that is set now has run out, and so have all that were set before."""
    # What was typed sets the line's own timer only once it has been told of it.
    await pilot.pause()
    ended = asyncio.Event()
    app.bar.set_timer(seconds, ended.set)
    await ended.wait()
    await pilot.pause()


async def opened(app: House, pilot: Pilot, text: str = "") -> None:
    """Open the line, type, and wait until the text counts as typed."""
    await pilot.pause()
    app.bar.start_editing()
    await pilot.pause()
    await pilot.press(*text)
    await passed(app, pilot, TYPING_DELAY)


async def test_without_a_filter_there_is_no_line() -> None:
    app = House()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert app.lines[:2] == ["tabs", "table head"]


async def test_typing_is_told_once_when_the_keys_rest() -> None:
    app = House()
    async with app.run_test(size=SIZE) as pilot:
        await opened(app, pilot)
        app.bar.query_one(Input).value = "a"
        app.bar.query_one(Input).value = "ab"
        app.bar.query_one(Input).value = "abc"
        await passed(app, pilot, TYPING_DELAY)
        assert app.heard == ["abc"]
        assert app.lines[1].startswith(" / abc")
        assert app.lines[1].endswith("7 of 12,040")


async def test_enter_keeps_the_filter_quietly_and_gives_the_focus_back() -> None:
    app = House()
    async with app.run_test(size=SIZE) as pilot:
        await opened(app, pilot, "status=failed")
        await pilot.press("enter")
        await pilot.pause()
        assert app.heard[-2:] == ["status=failed", True]
        assert app.lines[1] == " filter: status=failed · 7 of 12,040 · esc clear"
        assert app.focused is app.query_one(Table)
        assert not app.bar.is_editing


async def test_enter_does_not_wait_for_the_keys_to_rest() -> None:
    app = House()
    async with app.run_test(size=SIZE) as pilot:
        await opened(app, pilot)
        app.bar.query_one(Input).value = "x"
        await pilot.press("enter")
        await pilot.pause()
        assert app.heard == ["x", True]
        await passed(app, pilot, TYPING_DELAY)
        assert app.heard == ["x", True]


async def test_enter_on_nothing_closes_the_line() -> None:
    app = House()
    async with app.run_test(size=SIZE) as pilot:
        await opened(app, pilot, "  ")
        await pilot.press("enter")
        await pilot.pause()
        assert app.heard[-1] is False
        assert app.bar.text == ""
        assert app.lines[1] == "table head"


async def test_esc_clears_and_closes() -> None:
    app = House()
    async with app.run_test(size=SIZE) as pilot:
        await opened(app, pilot, "failed")
        await pilot.press("escape")
        await pilot.pause()
        assert app.heard[-2:] == ["", False]
        assert app.lines[1] == "table head"
        assert app.focused is app.query_one(Table)


async def test_a_kept_filter_is_cleared_and_edited_again() -> None:
    app = House()
    async with app.run_test(size=SIZE) as pilot:
        app.bar.set_text("type=gremlin")
        await passed(app, pilot, TYPING_DELAY)
        assert app.heard == []
        assert app.lines[1].startswith(" filter: type=gremlin")
        await opened(app, pilot, "!")
        assert app.heard == ["type=gremlin!"]
        await pilot.press("enter")
        app.bar.action_clear()
        await pilot.pause()
        assert app.heard[-2:] == ["", False]
        assert app.lines[1] == "table head"


async def test_a_fault_is_told_in_the_line_itself_and_moves_nothing() -> None:
    app = House()
    async with app.run_test(size=SIZE) as pilot:
        await opened(app, pilot, "abc age>5x")
        assert not app.pointed_at_once, "half a term is no fault yet"
        await passed(app, pilot, MISTAKE_DELAY)
        assert app.lines[1].startswith(" / abc age>5x")
        assert app.lines[1].endswith("  age needs a duration [/x]")
        assert app.lines[2] == "table head"
        await pilot.press("backspace")
        await passed(app, pilot, TYPING_DELAY)
        assert app.lines[1].endswith("  7 of 12,040")


async def test_a_fault_that_has_no_room_has_a_line_of_its_own_and_covers_nothing() -> None:
    app = House()
    async with app.run_test(size=(40, 10)) as pilot:
        await opened(app, pilot, "abc age>5x")
        assert app.heard[-1] == "abc age>5x"
        assert app.lines[1].startswith(" / abc age>5x")
        await passed(app, pilot, MISTAKE_DELAY)
        assert app.lines[2].index("age needs a duration [/x]") == app.lines[1].index("5x")
        assert app.lines[3:5] == ["table head", "table row"]
        await pilot.press("backspace")
        await passed(app, pilot, TYPING_DELAY)
        assert app.lines[2] == "table head"


async def test_enter_on_a_fault_shows_it_at_once_and_stays() -> None:
    app = House()
    async with app.run_test(size=SIZE) as pilot:
        await opened(app, pilot, "age>5x")
        await pilot.press("enter")
        await pilot.pause()
        assert app.bar.is_editing
        assert "age needs a duration [/x]" in app.lines[1]
        assert True not in app.heard


async def test_a_long_fault_stays_on_the_screen() -> None:
    app = House()
    async with app.run_test(size=(60, 10)) as pilot:
        await opened(app, pilot, "x" * 50 + " age>5x")
        app.bar.show_error("no such field: use " + "field, " * 14 + "end", 51, 3)
        await passed(app, pilot, MISTAKE_DELAY)
        assert app.lines[2].lstrip().startswith("no such field: use")
        assert "end" in " ".join(app.lines[3:5])


async def test_a_kept_fault_is_said_in_the_line() -> None:
    app = House()
    async with app.run_test(size=SIZE) as pilot:
        app.bar.set_text("age>5x")
        app.bar.show_error("age needs a duration", 4)
        await pilot.pause()
        assert app.lines[1] == " filter: age>5x · age needs a duration · esc clear"


async def test_a_long_filter_is_cut_but_the_count_stays() -> None:
    app = House()
    async with app.run_test(size=(60, 10)) as pilot:
        app.bar.set_text("名字=" + "顾客" * 30)
        app.bar.show_count(7, 1204)
        await pilot.pause()
        assert app.lines[1].startswith(" filter: 名字=顾客")
        assert app.lines[1].endswith("… · 7 of 1204")


async def test_what_the_filter_can_not_know_is_said_beside_the_count() -> None:
    app = House()
    note = "reasons of 12 tasks not read"
    async with app.run_test(size=(80, 10)) as pilot:
        app.bar.set_text("reason=heap")
        app.bar.show_count(7, 1204, note=note)
        await pilot.pause()
        assert app.lines[1] == f" filter: reason=heap · 7 of 1204 · {note} · esc clear"
        app.bar.start_editing()
        await pilot.pause()
        assert app.lines[1].endswith(f"7 of 1204 · {note}")
        await pilot.resize_terminal(60, 10)
        await pilot.pause()
        assert app.lines[1].endswith("7 of 1204"), "the text needs the room"


async def test_a_click_elsewhere_keeps_the_text() -> None:
    app = House()
    async with app.run_test(size=SIZE) as pilot:
        await opened(app, pilot, "failed")
        await pilot.click(Table)
        await pilot.pause()
        assert app.heard[-1] is True
        assert not app.bar.is_editing
        assert app.focused is app.query_one(Table)
        await pilot.click(FilterBar)
        await pilot.pause()
        assert app.bar.is_editing


async def test_control_characters_never_reach_the_terminal() -> None:
    app = House()
    async with app.run_test(size=SIZE) as pilot:
        app.bar.set_text("a\x1b[2J[/x]\u202e")
        await pilot.pause()
        assert app.lines[1].startswith(" filter: a␛[2J[/x]⟨U+202E⟩")
        await opened(app, pilot, "b")
        app.post_message(events.Paste("c\x1b]52;c;QQ==\x07"))
        app.post_message(events.Paste("d\u202e"))
        app.post_message(events.Paste("e"))
        await pilot.pause()
        assert app.lines[1].startswith(" / a␛[2J[/x]⟨U+202E⟩be")
        assert not set("".join(app.lines)) & {"\x1b", "\x07", "\u202e"}


async def test_the_cursor_does_not_blink() -> None:
    app = House()
    async with app.run_test(size=SIZE) as pilot:
        await opened(app, pilot)
        assert app.bar.query_one(Input).cursor_blink is False


async def test_what_the_screen_tells_the_line_while_it_is_taken_down_does_no_harm() -> None:
    app = House()
    async with app.run_test(size=SIZE) as pilot:
        await opened(app, pilot, "age>5x")
        bar = app.bar
        await bar.remove_children()
        bar.show_count(7, 1204)
        bar.show_error("age needs a duration", 4)
        bar.clear_error()
        assert bar.text == "age>5x"

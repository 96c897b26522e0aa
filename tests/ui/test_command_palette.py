"""The command palette: what it offers, what it finds, and that it does what the keys do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual import events
from textual.widgets import Input

from backend_adapters.simulator import DEMO_HUGEGRAPH, EMPTY_HUGEGRAPH
from tests.ui.running_app import RunningApp, run_app
from tui.config.options import ScreenOptions
from tui.screens.dialogs.choice_list import ChoiceList
from tui.screens.dialogs.command_palette import PaletteScreen
from tui.screens.dialogs.confirm import ConfirmScreen
from tui.screens.dialogs.login import LoginScreen
from tui.screens.tasks.key_bindings import KEY_COMMANDS, create_bindings
from tui.screens.tasks.palette_choices import split_explanation
from tui.screens.tasks.screen import TasksScreen
from tui.styles.themes import DARK, LIGHT

LIST = replace(EMPTY_HUGEGRAPH, history=20)
QUIET = replace(DEMO_HUGEGRAPH, pace=0.0)
NOT_HERE = {
    "Save the full text",
    "Show all places",
    "Show the detail full screen, or not",
    "Go round tasks, computer jobs, both",
}
"""What an ordinary server, with no detail open, has no use for."""


def is_open(at: RunningApp) -> bool:
    return isinstance(at.app.screen, PaletteScreen)


def drawn(at: RunningApp) -> list[str]:
    """Every line of the list, headings as well, also those that are scrolled out of sight."""
    return [str(option.prompt).strip() for option in at.app.screen.query_one(ChoiceList).options]


def names(at: RunningApp) -> list[str]:
    """What is offered, without the keys."""
    return [choice.label for choice in at.app.screen._matching]


async def type_words(at: RunningApp, words: str) -> list[str]:
    """Open the palette, type, and return what it found."""
    if is_open(at):
        await at.press("escape")
    await at.press("colon")
    await at.until(lambda: is_open(at), "the palette")
    await at.press(*words)
    palette = at.app.screen
    await at.until(lambda: palette._typed == words, "the list of what was typed")
    return names(at)


# What it offers.


async def test_before_anything_is_typed_it_offers_every_command_once_and_the_two_themes() -> None:
    async with run_app(LIST) as at:
        await at.press("colon")
        await at.until(lambda: is_open(at), "the palette")
        offered = {
            split_explanation(key.text)[0] if key.changes else key.text
            for key in KEY_COMMANDS
            # Nothing needs a person here.
            if key.action not in ("", "open_palette", *at.screen.problems.idle_actions)
        }
        assert len(names(at)) == len(set(names(at)))
        assert set(names(at)) == offered - NOT_HERE | {f"Theme: {DARK}", f"Theme: {LIGHT}"}


async def test_what_fits_what_is_shown_comes_first_and_what_changes_a_server_last() -> None:
    async with run_app(LIST) as at:
        await at.press("colon")
        await at.until(lambda: is_open(at), "the palette")
        lines = drawn(at)
        assert lines[0] == f"Task {at.screen.parts.table.cursor_key}"
        assert lines[1].split() == ["Open", "the", "task", "enter"]
        last = lines[lines.index("Changes the server") :]
        assert [line.split("  ")[0] for line in last[1:]] == [
            "Cancel this task",
            "Delete this task",
            "Force delete",
            "Create a job…",
        ]
        await at.press("escape", "enter", "p", "space")
        await at.until_seen("Overview")
        await at.press("tab", "space", "colon")
        await at.until(lambda: is_open(at), "the palette")
        here = drawn(at)[:5]
        assert here[0] == "Here · 1 marked"
        assert [line.split("  ")[0] for line in here[1:4]] == [
            "Pause / resume",
            "Unmark all",
            "Go back one step",
        ]
        assert here[4].startswith("Task ")
        assert "Show the detail full screen, or not" in names(at)


async def test_keys_stand_at_the_right_edge_and_every_command_in_one_line() -> None:
    async with run_app(LIST, size=(60, 20)) as at:
        await at.press("colon")
        await at.until_seen("Open the task")
        (line,) = [line for line in at.lines() if "Open the task" in line]
        (below,) = [line for line in at.lines() if "Show the overview" in line]
        assert line.index("enter") + len("enter") == below.rindex(" v ") + len(" v")


# What it finds.


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("filter", "Filter tasks"),
        ("Copy", "Copy the task id"),
        ("age", "Show age, local time or UTC"),
        ("reload", "Reload everything"),
        ("slow", "Poll slower"),
        ("ta fi", "Filter tasks"),
        ("t", "Open the task"),
        ("theme", f"Theme: {DARK}"),
        ("nord", "Theme: nord"),
        ("cancel", "Show cancelled tasks"),
        ("this", "Mark all from the last mark to this task"),
        ("del", "Delete this task"),
        ("force", "Force delete"),
    ],
)
async def test_the_best_match_is_the_one_that_begins_with_what_was_typed(words: str, first: str) -> None:
    async with run_app(LIST) as at:
        found = await type_words(at, words)
        assert found[0] == first
        assert at.app.screen._under_cursor.label == first


@pytest.mark.parametrize("words", ["elete", "cord", "frce", "record", "while", "runs", "no such thing"])
async def test_neither_letters_within_words_nor_explanations_find_what_changes_a_server(words: str) -> None:
    changing = {split_explanation(key.text)[0] for key in KEY_COMMANDS if key.changes}
    async with run_app(LIST) as at:
        assert not changing & set(await type_words(at, words))


async def test_what_changes_a_server_comes_behind_all_else_and_is_red() -> None:
    async with run_app(LIST) as at:
        found = await type_words(at, "t")
        changing = [split_explanation(key.text)[0] for key in KEY_COMMANDS if key.changes]
        places = [found.index(name) for name in changing if name in found]
        assert places == list(range(len(found) - len(places), len(found)))
        assert len(places) == 2
        option = at.app.screen.query_one(ChoiceList).options[places[-1]]
        assert any("$text-error" in str(span.style) for span in option.prompt.spans)


async def test_a_text_can_be_saved_only_where_one_is_open() -> None:
    async with run_app(LIST) as at:
        assert await type_words(at, "save") == ["Save view…", "Save this connection as a profile…"]
        await at.press("escape", "i")
        await at.until(lambda: at.screen.panes.is_reading, "the detail")
        assert (await type_words(at, "save"))[0] == "Save the full text"


async def test_every_theme_is_found_and_the_present_one_has_the_star() -> None:
    async with run_app(LIST) as at:
        assert sorted(await type_words(at, "Theme: ")) == [
            f"Theme: {name}" for name in sorted(at.app.available_themes)
        ]
        assert f"★ Theme: {DARK}" in at.text()
        await type_words(at, "theme nord")
        await at.press("enter")
        await at.until(lambda: at.app.theme == "nord", "the theme")


async def test_where_nothing_matches_it_says_so_and_enter_and_moves_do_no_harm() -> None:
    async with run_app(LIST) as at:
        await type_words(at, "zzz")
        await at.press("up", "down", "pageup", "pagedown", "ctrl+n", "ctrl+p", "home", "end")
        await at.press("ctrl+home", "ctrl+end", "enter")
        await at.until_seen("No command matches. Press backspace to see more.")
        assert is_open(at)


# What can't be done now.


async def test_in_read_only_mode_changes_are_offered_grey_with_the_reason_and_do_nothing() -> None:
    async with run_app(LIST, options=ScreenOptions(interval=1.0, read_only=True)) as at:
        assert await type_words(at, "del") == ["Delete this task", "Force delete"]
        await at.until_seen("Delete this task  Read-only mode, set by")
        before = at.text().count("Read-only mode")
        await at.press("enter")
        await at.until(lambda: at.text().count("Read-only mode") > before, "the whole reason")
        assert is_open(at)
        assert not at.sent("DELETE")


async def test_where_no_job_can_be_created_create_says_why() -> None:
    async with run_app(QUIET) as at:
        assert await type_words(at, "create") == ["Create a job…"]
        await at.until_seen("This kind of server can't create jobs from a form.")
        await at.press("enter")
        assert is_open(at)


# What it does.


async def test_ctrl_p_opens_it_from_the_filter_line_too_whose_footer_names_no_key_that_types() -> None:
    async with run_app(LIST) as at:
        await at.press("slash", *"succ")
        await at.until_seen("/ succ")
        assert ": Commands" not in at.lines()[-1]
        await at.press("ctrl+p")
        await at.until(lambda: is_open(at), "the palette")


async def test_delete_found_by_its_words_asks_before_anything_is_sent() -> None:
    async with run_app(LIST) as at:
        await type_words(at, "delete")
        await at.ask("enter")
        assert isinstance(at.app.screen, ConfirmScreen)
        assert not at.sent("DELETE")


@pytest.mark.parametrize(
    ("words", "seen"),
    [("show failed", "tasks · failed"), ("open the", "Overview"), ("mark all task", "20 marked")],
)
async def test_it_does_what_the_key_does(words: str, seen: str) -> None:
    async with run_app(LIST) as at:
        await type_words(at, words)
        await at.press("enter")
        await at.until_seen(seen)


async def test_a_click_chooses() -> None:
    async with run_app(LIST) as at:
        await type_words(at, "show failed")
        await at.until(lambda: "Show failed tasks" in at.text(), "the command")
        row = next(row for row, line in enumerate(at.lines()) if "Show failed tasks" in line)
        await at.pilot.click(offset=(at.lines()[row].index("Show failed"), row))
        await at.until_seen("tasks · failed")


async def test_home_and_end_go_to_the_ends_of_the_list_until_something_is_typed() -> None:
    async with run_app(LIST) as at:
        await type_words(at, "")
        await at.press("end")
        assert at.app.screen._under_cursor.label == "Create a job…"
        await at.press("home")
        assert at.app.screen._under_cursor.label == "Open the task"
        await at.press(*"ow", "home", *"sh", "end", "space", *"help")
        await at.until(lambda: names(at) == ["Show this help"], "what was typed around")


@pytest.mark.parametrize("key", ["pageup", "pagedown", "ctrl+end", "end", "up"])
async def test_a_key_that_comes_before_the_list_is_drawn_does_no_harm(key: str) -> None:
    async with run_app(LIST) as at:
        at.app.post_message(events.Key("colon", ":"))
        for _ in range(3):
            at.app.post_message(events.Key(key, None))
        await at.until_seen("Commands")
        await at.press(*"Show failed tasks")
        await at.press("pagedown", "pageup", "enter")
        await at.until_seen("tasks · failed")


async def test_what_is_typed_at_once_behind_a_command_reaches_what_it_opens() -> None:
    async with run_app(LIST) as at:
        for name in ("colon", *"filter", "enter", *"NotFound", "enter"):
            at.app.post_message(events.Key(name, name if len(name) == 1 else None))
        await at.until_seen("filter: NotFound")
        assert isinstance(at.app.screen, TasksScreen)


async def test_what_is_entered_twice_is_done_once() -> None:
    async with run_app(LIST) as at:
        await type_words(at, "pause")
        palette = at.app.screen
        for _ in range(4):
            palette.action_choose()
        await at.until_seen("paused · data from")
        assert isinstance(at.app.screen, TasksScreen)


async def test_a_dialog_over_it_leaves_it_open_and_alone() -> None:
    async with run_app(LIST) as at:
        await at.press("ctrl+p")
        await at.until(lambda: is_open(at), "the palette")
        palette = at.app.screen
        # A login that is refused asks by itself, whatever is open.
        await at.app.push_screen(LoginScreen("http://graph.example:8080"))
        await at.until(at.asks_login, "the login, listening")
        await at.press("ctrl+p", "ctrl+p")
        assert [screen for screen in at.app.screen_stack if isinstance(screen, PaletteScreen)] == [palette]
        await at.press("escape")
        await at.until(lambda: at.app.screen is palette, "the palette again")


async def test_what_is_typed_while_the_palette_is_taken_down_does_no_harm() -> None:
    async with run_app(LIST) as at:
        await at.press("colon")
        await at.until(lambda: is_open(at), "the palette")
        palette = at.app.screen
        palette.dismiss()
        line = palette.query_one(Input)
        await palette.remove_children()
        palette.post_message(Input.Changed(line, "x"))
        palette.action_choose()
        palette.action_move("page_up")
        await at.until(lambda: at.app.screen is at.screen, "the list")


def test_every_key_of_the_list_is_bound_as_the_help_says() -> None:
    bound = {binding.key: binding for binding in create_bindings()}
    assert bound["ctrl+d,delete"].key_display == "^D"
    assert bound["slash"].description == "Filter"
    assert bound["slash"].show
    assert not bound["w"].show
    assert (bound["plus,equals_sign"].key_display, bound["minus"].key_display) == ("+", "-")
    assert set(bound) == {key.binding for key in KEY_COMMANDS if key.binding}


@pytest.mark.parametrize("size", [(4, 3), (3, 3), (2, 3), (1, 1)])
async def test_a_terminal_without_room_for_a_letter_ends_nothing(size: tuple[int, int]) -> None:
    async with run_app(LIST, size=(7, 7)) as at:
        await at.press("colon")
        await at.until(lambda: is_open(at), "the palette")
        await at.pilot.resize_terminal(*size)
        await at.pilot.resize_terminal(80, 24)
        await at.until(lambda: any(drawn(at)), "the commands")

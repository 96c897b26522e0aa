"""The command palette: what it offers, what it finds, and that it does what the keys do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual import events
from textual.widgets import Input

from backend_adapters.simulator import EMPTY_HUGEGRAPH
from tests.ui.running_app import run_app
from tui.screens.dialogs.command_palette import ActionPalette, KeyCommands
from tui.screens.dialogs.login import LoginScreen
from tui.screens.tasks.key_bindings import KEY_COMMANDS, create_bindings
from tui.screens.tasks.screen import TasksScreen
from tui.styles.themes import DARK, LIGHT

LIST = replace(EMPTY_HUGEGRAPH, history=20)
NOT_HERE = {
    "Create a job…",
    "Show the detail full screen, or not",
    "Switch between tasks and computer jobs",
}
"""What an ordinary server, with no detail open, has no use for."""


async def test_before_anything_is_typed_it_offers_every_command_and_the_two_themes() -> None:
    async with run_app(LIST) as at:
        hits = [hit async for hit in KeyCommands(at.screen).discover()]
        offered = {
            key.text: key.keys for key in KEY_COMMANDS if key.action not in ("", "app.command_palette")
        }
        expected = {words: keys for words, keys in offered.items() if words not in NOT_HERE}
        assert {str(hit.display): hit.help for hit in hits[:-2]} == expected
        assert [str(hit.display) for hit in hits[-2:]] == [f"Theme: {DARK}", f"Theme: {LIGHT}"]
        hits[-1].command()
        assert at.app.theme == LIGHT
        await next(hit for hit in hits if str(hit.display) == "Show failed tasks").command()
        await at.until_seen("tasks · failed")
        await at.press("0", "enter")
        await at.until_seen("Overview")
        hits = [str(hit.display) async for hit in KeyCommands(at.screen).discover()]
        assert "Show the detail full screen, or not" in hits


async def test_it_finds_commands_and_every_theme_by_their_words() -> None:
    async with run_app(LIST) as at:

        async def found(words: str) -> dict[str, object]:
            hits = [hit async for hit in KeyCommands(at.screen).search(words)]
            return {str(hit.text or hit.match_display): hit for hit in hits}

        (failed,) = [
            hit for words, hit in (await found("Show failed tasks")).items() if words == "Show failed tasks"
        ]
        assert failed.help == "4"
        await failed.command()
        await at.until_seen("tasks · failed")
        themes = await found("Theme: nord")
        themes["Theme: nord"].command()
        assert at.app.theme == "nord"
        assert await found("no such thing") == {}
        names = [words for words in await found("Theme: ") if words.startswith("Theme: ")]
        assert names == [f"Theme: {name}" for name in sorted(at.app.available_themes)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("create", set()),
        ("force", {"Force delete: remove the record, even while it runs"}),
        ("del ta", {"Delete this task, or all marked"}),
        ("elete", set()),
        ("cord", set()),
        ("frce", set()),
    ],
)
async def test_what_changes_a_server_is_found_by_the_beginnings_of_its_words_only(
    words: str, found: set[str]
) -> None:
    changing = {key.text for key in KEY_COMMANDS if key.changes}
    async with run_app(LIST) as at:
        hits = {str(hit.text or hit.match_display) async for hit in KeyCommands(at.screen).search(words)}
        assert hits & changing == found


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("filter", "Filter tasks"),
        ("Copy", "Copy the task id"),
        ("age", "Show age, local time or UTC"),
        ("reload", "Reload everything"),
        ("slow", "Poll slower"),
    ],
)
async def test_enter_takes_the_command_that_begins_with_what_was_typed(words: str, first: str) -> None:
    async with run_app(LIST) as at:
        hits = [hit async for hit in KeyCommands(at.screen).search(words)]
        assert str(max(hits, key=lambda hit: hit.score).match_display) == first


@pytest.mark.parametrize("key", ["pageup", "pagedown", "ctrl+end"])
async def test_a_key_that_comes_before_the_list_is_drawn_does_no_harm(key: str) -> None:
    async with run_app(LIST) as at:
        at.app.post_message(events.Key("colon", ":"))
        for _ in range(3):
            at.app.post_message(events.Key(key, None))
        await at.until_seen("Search for commands")
        await at.press(*"Show failed tasks")
        await at.until_seen("Show failed tasks")
        await at.press("pagedown", "pageup", "enter")
        await at.until_seen("tasks · failed")


async def test_what_is_entered_twice_is_done_once_and_leaves_the_palette_alone() -> None:
    async with run_app(LIST) as at:
        await at.press("colon", *"pause")
        await at.until_seen("Pause / resume")
        for _ in range(4):
            at.app.post_message(events.Key("enter", "\r"))
        await at.until_seen("paused · data from")
        assert isinstance(at.app.screen, TasksScreen)


async def test_it_is_opened_once_also_where_a_dialog_lies_over_it() -> None:
    async with run_app(LIST) as at:
        await at.press("colon")
        await at.until(lambda: isinstance(at.app.screen, ActionPalette), "the palette")
        palette = at.app.screen
        # A login that is refused asks by itself, whatever is open.
        await at.app.push_screen(LoginScreen("http://graph.example:8080"))
        await at.until(at.asks_login, "the login, listening")
        await at.press("ctrl+p", "ctrl+p")
        assert [screen for screen in at.app.screen_stack if isinstance(screen, ActionPalette)] == [palette]
        await at.press("escape")
        await at.until(lambda: at.app.screen is palette, "the palette again")


async def test_what_is_typed_while_the_palette_is_taken_down_does_no_harm() -> None:
    async with run_app(LIST) as at:
        await at.press("colon")
        await at.until(lambda: isinstance(at.app.screen, ActionPalette), "the palette")
        palette = at.app.screen
        palette.dismiss()
        line = palette.query_one(Input)
        await palette.remove_children()
        palette.post_message(Input.Changed(line, "x"))
        palette.post_message(Input.Submitted(line, "x"))
        palette._action_command_list("page_up")
        await at.until(lambda: at.app.screen is at.screen, "the list")


def test_every_key_of_the_list_is_bound_as_the_help_says() -> None:
    bound = {binding.key: binding for binding in create_bindings()}
    assert bound["ctrl+d,delete"].key_display == "^D"
    assert bound["slash"].description == "Filter"
    assert bound["slash"].show
    assert not bound["w"].show
    assert (bound["plus,equals_sign"].key_display, bound["minus"].key_display) == ("+", "-")
    assert set(bound) == {key.binding for key in KEY_COMMANDS if key.binding}

"""The command palette: what it offers, what it finds, and that it does what the keys do."""

from __future__ import annotations

from dataclasses import replace

from backend_adapters.simulator import EMPTY
from tests.ui.stage import stage
from tui.screens.keys import KEYS, bindings
from tui.screens.palette import KeyCommands
from tui.styles.themes import DARK, LIGHT

LIST = replace(EMPTY, history=20)
NOT_HERE = {
    "create a job…",
    "full screen detail, or both panes",
    "the other list of this graph: tasks, computer jobs",
}
"""What an ordinary server, with no detail open, has no use for."""


async def test_before_anything_is_typed_it_offers_every_command_and_the_two_themes() -> None:
    async with stage(LIST) as at:
        hits = [hit async for hit in KeyCommands(at.screen).discover()]
        offered = {key.text: key.keys for key in KEYS if key.action and not key.action.startswith("app.")}
        expected = {words: keys for words, keys in offered.items() if words not in NOT_HERE}
        assert {str(hit.display): hit.help for hit in hits[:-2]} == expected
        assert [str(hit.display) for hit in hits[-2:]] == [f"theme: {DARK}", f"theme: {LIGHT}"]
        hits[-1].command()
        assert at.app.theme == LIGHT
        await next(hit for hit in hits if str(hit.display) == "failed tasks").command()
        await at.until_seen("tasks · failed")
        await at.press("0", "enter")
        await at.until_seen("Overview")
        hits = [str(hit.display) async for hit in KeyCommands(at.screen).discover()]
        assert "full screen detail, or both panes" in hits


async def test_it_finds_commands_and_every_theme_by_their_words() -> None:
    async with stage(LIST) as at:

        async def found(words: str) -> dict[str, object]:
            hits = [hit async for hit in KeyCommands(at.screen).search(words)]
            return {str(hit.text or hit.match_display): hit for hit in hits}

        (failed,) = [hit for words, hit in (await found("failed tasks")).items() if words == "failed tasks"]
        assert failed.help == "4"
        await failed.command()
        await at.until_seen("tasks · failed")
        themes = await found("theme: nord")
        themes["theme: nord"].command()
        assert at.app.theme == "nord"
        assert await found("no such thing") == {}
        names = [words for words in await found("theme: ") if words.startswith("theme: ")]
        assert names == [f"theme: {name}" for name in sorted(at.app.available_themes)]


def test_every_key_of_the_list_is_bound_as_the_help_says() -> None:
    bound = {binding.key: binding for binding in bindings()}
    assert bound["ctrl+d,delete"].key_display == "^D"
    assert bound["slash"].description == "Filter"
    assert bound["slash"].show
    assert not bound["w"].show
    assert bound["minus"].key_display is None
    assert set(bound) == {key.binding for key in KEYS if key.binding}

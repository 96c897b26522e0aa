"""The text view, as a reader meets it: what is drawn, where keys lead, what a search finds."""

from __future__ import annotations

import asyncio
import json

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input

from tui.monitor.document.lines import Document
from tui.monitor.document.loading import read_document
from tui.widgets.text_view import TextView

HEIGHT = 12


class Reader(App[None]):
    """One view, something else that has the focus, and the searches told."""

    CSS = "TextView { height: 1fr; } Input { height: 1; border: none; }"

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[int | None, int | None, int | None]] = []
        self.said: list[str] = []

    def compose(self) -> ComposeResult:
        yield Input()
        yield TextView(empty="no result yet")

    @property
    def view(self) -> TextView:
        return self.query_one(TextView)

    def on_text_view_search_result(self, message: TextView.SearchResult) -> None:
        self.told.append((message.line, message.index, message.total))

    def on_text_view_notice(self, message: TextView.Notice) -> None:
        self.said.append(message.sentence)


@pytest.fixture
async def pilot():
    app = Reader()
    async with app.run_test(size=(40, HEIGHT + 1)) as pilot:
        yield pilot


def drawn(pilot: Pilot[None], *, raw: bool = False) -> list[str]:
    view = pilot.app.query_one(TextView)
    lines = ["".join(segment.text for segment in view.render_line(y)) for y in range(HEIGHT)]
    return lines if raw else [line.rstrip() for line in lines]


def styles(pilot: Pilot[None], y: int) -> dict[str, object]:
    view = pilot.app.query_one(TextView)
    return {segment.text: segment.style for segment in view.render_line(y)}


def numbered(count: int) -> Document:
    return read_document("\n".join(f"line {number}" for number in range(count)), "result")


async def shown(pilot: Pilot[None], document: Document | None, **options) -> TextView:
    view = pilot.app.query_one(TextView)
    view.show_document(document, **options)
    await pilot.pause()
    return view


async def test_empty_and_loading_say_so(pilot):
    assert drawn(pilot)[0] == "no result yet"
    view = pilot.app.query_one(TextView)
    view.show_loading(0)
    assert drawn(pilot)[0] == "Loading…"
    view.show_loading(2_500_000)
    assert drawn(pilot)[0] == "Loading… 2.5 MB"
    await shown(pilot, read_document(None, "input"), empty="no input")
    assert drawn(pilot) == ["no input"] + [""] * (HEIGHT - 1)


async def test_a_long_sentence_in_the_place_of_a_text_is_wrapped_whole_and_scrolls(pilot):
    words = " ".join(f"word{number}" for number in range(100))
    view = await shown(pilot, None, empty=words)
    seen = drawn(pilot)
    await pilot.pause()
    for _ in range(20):
        view.action_move(1)
        await pilot.pause()
        seen += [line for line in drawn(pilot) if line not in seen]
    assert " ".join(seen) == words
    await pilot.resize_terminal(200, HEIGHT + 1)
    await pilot.pause()
    assert drawn(pilot)[0].split()[:28] == words.split()[:28], "as wide as there is room"
    await shown(pilot, None, empty="short")
    assert drawn(pilot) == ["short"] + [""] * (HEIGHT - 1)


async def test_a_shown_document_fills_the_view_exactly(pilot):
    await shown(pilot, read_document('{"name": "图谱 \\u001b[2J", "n": 1}', "result"))
    assert drawn(pilot)[:4] == ["{", '  "name": "图谱 \\u001b[2J",', '  "n": 1', "}"]
    await shown(pilot, read_document("\x1b]52;c;x\x07 中文 [bold]x[/bold]", "result"))
    assert drawn(pilot)[0] == "␛]52;c;x␇ 中文 [bold]x[/bold]"
    assert all(
        strip.cell_length == 40 for strip in map(pilot.app.query_one(TextView).render_line, range(HEIGHT))
    )


async def test_showing_never_takes_the_focus(pilot):
    await shown(pilot, numbered(100))
    pilot.app.query_one(TextView).start_search("line 50")
    await pilot.pause()
    assert isinstance(pilot.app.focused, Input)


@pytest.mark.parametrize(
    ("keys", "top"),
    [
        ("j", "line 0001"),
        ("j down down k up", "line 0001"),
        ("pagedown", "line 0011"),
        ("pagedown pagedown pageup", "line 0011"),
        ("G", "line 0988"),
        ("end g", "line 0000"),
        ("end k", "line 0987"),
        ("G home j", "line 0001"),
    ],
)
async def test_keys_move(pilot, keys: str, top: str):
    view = await shown(
        pilot, read_document("\n".join(f"line {number:04}" for number in range(1000)), "result")
    )
    view.focus()
    await pilot.press(*keys.split())
    await pilot.pause()
    assert drawn(pilot)[0] == top


async def test_a_wide_line_is_reached_sideways(pilot):
    view = await shown(pilot, read_document("a" * 60 + "END\nshort", "result"))
    view.focus()
    await pilot.press("W")
    await pilot.press(*["right"] * 9)
    await pilot.pause()
    assert drawn(pilot)[0].endswith("END")
    await pilot.press(*["left"] * 9)
    await pilot.pause()
    assert drawn(pilot)[0] == "a" * 40


async def test_a_wide_character_at_the_edge_is_not_halved(pilot):
    view = await shown(pilot, read_document("中" * 40, "result"))
    view.action_wrap()
    await pilot.pause()
    view.scroll_to(x=1, animate=False)
    await pilot.pause()
    strip = view.render_line(0)
    assert strip.cell_length == 40
    assert strip.text.strip() == "中" * 19


async def test_a_search_goes_from_match_to_match_around_the_end(pilot):
    app = pilot.app
    view = await shown(pilot, numbered(1000))
    view.start_search("Line 99")
    await pilot.pause()
    await app.workers.wait_for_complete()
    await pilot.pause()
    assert app.told == [(99, None, None), (99, 1, 11)]
    assert "line 99" in drawn(pilot)
    for step, expected in ((view.action_next_hit, (990, 2, 11)), (view.action_previous_hit, (99, 1, 11))):
        step()
        await pilot.pause()
        assert app.told[-1] == expected
    view.action_previous_hit()
    await pilot.pause()
    assert app.told[-1] == (999, 11, 11)
    assert drawn(pilot)[-1] == "line 999"
    view.action_next_hit()
    await pilot.pause()
    assert app.told[-1] == (99, 1, 11)


async def test_matches_are_marked_and_the_one_gone_to_stands_out(pilot):
    view = await shown(pilot, numbered(10))
    view.start_search("LINE")
    await pilot.pause()
    assert styles(pilot, 0)["line"].reverse
    assert styles(pilot, 1)["line"].underline
    assert not styles(pilot, 1)["line"].reverse
    view.start_search("")
    await pilot.pause()
    assert next(iter(styles(pilot, 1))).startswith("line 1")


async def test_a_search_without_a_match_stays_where_it_is(pilot):
    view = await shown(pilot, numbered(1000))
    view.scroll_to(y=500, animate=False)
    view.start_search("nothing like it")
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    assert pilot.app.told[-1] == (None, None, 0)
    assert {line for line, _, _ in pilot.app.told} == {None}
    assert drawn(pilot)[0] == "line 500"


async def slow(pilot: Pilot[None]) -> tuple[TextView, list[str], asyncio.Event]:
    """A view of a hundred lines whose searches end once the event is set, and what they were for."""
    document, asked, going_on = numbered(100), [], asyncio.Event()
    find = document.find

    async def find_later(needle: str, line: int, *, backwards: bool) -> int | None:
        asked.append(needle)
        await going_on.wait()
        return await find(needle, line, backwards=backwards)

    document.find = find_later
    return await shown(pilot, document), asked, going_on


async def test_keys_pressed_while_a_match_is_looked_for_are_not_lost(pilot):
    view, asked, going_on = await slow(pilot)
    view.start_search("line")
    for move in (view.action_next_hit, view.action_next_hit, view.action_previous_hit, view.action_next_hit):
        move()
    await pilot.pause()
    assert (asked, drawn(pilot)[0]) == (["line"], "line 0")
    going_on.set()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    assert [line for line, _, _ in pilot.app.told if line is not None][-5:] == [0, 1, 2, 1, 2]


async def test_what_is_no_longer_searched_for_is_no_longer_looked_for(pilot):
    view, asked, going_on = await slow(pilot)
    view.start_search("line 5")
    view.action_next_hit()
    await pilot.pause()
    view.start_search("line 7")
    await pilot.pause()
    going_on.set()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    assert asked == ["line 5", "line 7"]
    assert {line for line, _, _ in pilot.app.told} == {None, 7}
    view.start_search("line 5")
    view.show_document(None)
    await pilot.pause()
    view.start_search("")
    assert {line for line, _, _ in pilot.app.told} <= {None, 7}


async def test_a_match_far_to_the_right_is_brought_into_sight(pilot):
    view = await shown(pilot, read_document("\n" * 50 + "." * 300 + "needle" + "." * 300, "result"))
    view.action_wrap()
    view.start_search("needle")
    await pilot.pause()
    assert any("needle" in line for line in drawn(pilot))


async def test_the_keys_for_matches_work_while_something_is_searched_for(pilot):
    view = await shown(pilot, numbered(1000))
    view.focus()
    await pilot.press("n")
    assert pilot.app.told == []
    view.start_search("line 5")
    await pilot.press("n", "n", "N")
    await pilot.pause()
    assert pilot.app.told[-1][0] == 50


async def test_json_keys_and_values_have_their_colours(pilot):
    await shown(pilot, read_document('{"key": 12, "text": "12 true", "yes": true}', "result"))
    number, text, literal = (styles(pilot, y) for y in (1, 2, 3))
    plain = pilot.app.query_one(TextView).rich_style
    assert number['"key"'].color == text['"text"'].color != plain.color
    assert number["12"].color == literal["true"].color != plain.color
    assert any('"12 true"' in part and style.color == plain.color for part, style in text.items())


async def test_a_script_has_its_colours(pilot):
    sent = {"gremlin": "for (x in g.V().has('a', 3)) { } // why", "bindings": {}}
    await shown(pilot, read_document(json.dumps(sent), "input"))
    parts = styles(pilot, 0)
    assert parts["for"].bold
    assert parts["V"].color == parts["has"].color
    assert {"'a'", "3", "// why"} <= set(parts)


async def test_a_failure_shows_what_failed_first_and_its_stack_dim(pilot):
    await shown(pilot, read_document("x.BadException: boom\n\tat x.Y(Y.java:1)", "error"))
    head, stack = styles(pilot, 0), styles(pilot, 2)
    assert head["x.BadException: boom"].bold
    assert stack["    at x.Y(Y.java:1)"].color != pilot.app.query_one(TextView).rich_style.color


async def test_the_reader_keeps_the_place_when_the_same_text_comes_again(pilot):
    view = await shown(pilot, numbered(1000))
    view.scroll_to(y=300, animate=False)
    await shown(pilot, numbered(1001), keep=True)
    assert drawn(pilot)[0] == "line 300"
    await shown(pilot, numbered(1001))
    assert drawn(pilot)[0] == "line 0"


async def test_another_theme_draws_the_same_text_in_other_colours(pilot):
    await shown(pilot, read_document('{"key": 1}', "result"))
    before = styles(pilot, 1)['"key"']
    pilot.app.theme = "textual-light"
    await pilot.pause()
    assert drawn(pilot)[1] == '  "key": 1'
    assert styles(pilot, 1)['"key"'] != before


async def test_only_what_is_on_the_screen_is_read(pilot):
    class Counting:
        kind = "text"
        asked: set[int] = set()

        def __len__(self) -> int:
            return 10_000_000

        def line(self, number: int) -> str:
            self.asked.add(number)
            return f"line {number}"

    document = Counting()
    view = await shown(pilot, document)
    view.focus()
    await pilot.press("G")
    await pilot.pause()
    assert drawn(pilot)[-1] == "line 9999999"
    assert len(document.asked) <= 2 * (HEIGHT + 1)


# --- wrapping ----------------------------------------------------------------------------------------

FAILURE = (
    "org.codehaus.groovy.control.MultipleCompilationErrorsException: startup failed:\n"
    "\tat org.codehaus.groovy.control.ErrorCollector.failIfErrors(ErrorCollector.java:310)"
)


async def resized(pilot: Pilot[None], columns: int, lines: int = HEIGHT + 1) -> None:
    await pilot.resize_terminal(columns, lines)
    await pilot.pause()


async def whole(pilot: Pilot[None]) -> None:
    """Wait until a long document has been measured."""
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            40,
            [
                "org.codehaus.groovy.control.",
                "  MultipleCompilationErrorsException: ",
                "  startup failed:",
                "",
                "    at org.codehaus.groovy.control.",
                "      ErrorCollector.failIfErrors(",
                "      ErrorCollector.java:310)",
            ],
        ),
        (
            60,
            [
                "org.codehaus.groovy.control.",
                "  MultipleCompilationErrorsException: startup failed:",
                "",
                "    at org.codehaus.groovy.control.ErrorCollector.",
                "      failIfErrors(ErrorCollector.java:310)",
            ],
        ),
        (120, [FAILURE.split("\n")[0], "", "    at " + FAILURE.split("\tat ")[1]]),
    ],
)
async def test_a_failure_is_read_whole_at_any_width(pilot, columns: int, expected: list[str]):
    await resized(pilot, columns)
    view = await shown(pilot, read_document(FAILURE, "error"))
    assert drawn(pilot)[: len(expected) + 1] == [*(line.rstrip() for line in expected), ""]
    assert not view.show_horizontal_scrollbar
    assert all(view.render_line(y).cell_length == columns for y in range(HEIGHT))


async def test_all_rows_of_a_headline_are_red_and_of_a_frame_dim(pilot):
    view = await shown(
        pilot,
        read_document("some.BadException: x\nCaused by: bbb.C\n\tat org.codehaus.Groovy.run(G:1)", "error"),
    )
    await resized(pilot, 14)
    assert drawn(pilot)[:5] == ["some.", "  BadException", "  : x", "root cause:", "  bbb.C"]
    assert drawn(pilot)[8:11] == ["    at org.", "      codehaus", "      .Groovy."]
    styled = {text: style for y in range(HEIGHT) for text, style in styles(pilot, y).items()}
    red, dim = (view.get_component_rich_style(f"text-view--{name}").color for name in ("headline", "trace"))
    assert styled["some."].bold
    assert styled["BadException"].bold
    assert styled["BadException"].color == styled["root cause: "].color == styled["bbb.C"].color == red
    assert styled["    at org."].color == styled["codehaus"].color == dim != view.rich_style.color != red


async def test_json_is_wrapped_when_it_is_wished_and_only_then(pilot):
    view = await shown(pilot, read_document(json.dumps({"key": "one two three " * 4, "n": 1}), "result"))
    view.focus()
    assert view.show_horizontal_scrollbar
    assert drawn(pilot)[2] == '  "n": 1'
    await pilot.press("W")
    await pilot.pause()
    assert drawn(pilot)[:4] == [
        "{",
        '  "key": "one two three one two three',
        '    one two three one two three ",',
        '  "n": 1',
    ]
    assert not view.show_horizontal_scrollbar
    colours = styles(pilot, 3)
    assert colours["1"] == styles(pilot, 3)["1"] != colours['"n"']
    await pilot.press("W")
    await pilot.pause()
    assert drawn(pilot)[2] == '  "n": 1'
    assert view.show_horizontal_scrollbar


async def test_another_document_is_wrapped_as_its_kind_is(pilot):
    view = await shown(pilot, read_document("word " * 20, "result"))
    view.action_wrap()
    await shown(pilot, read_document("word " * 30, "result"), keep=True)
    assert drawn(pilot)[1] == ""
    await shown(pilot, read_document("word " * 20, "result"))
    assert drawn(pilot)[1] == "  word word word word word word word"


async def test_a_text_that_just_fits_has_all_columns_and_no_scrollbar(pilot):
    view = await shown(pilot, read_document("\n".join(["a" * 40] * HEIGHT), "result"))
    assert drawn(pilot) == ["a" * 40] * HEIGHT
    assert not view.show_vertical_scrollbar
    await shown(pilot, read_document("\n".join(["a" * 40] * (HEIGHT + 1)), "result"))
    assert drawn(pilot) == ["a" * 39, "  a"] * (HEIGHT // 2)
    assert view.show_vertical_scrollbar


def long_lines(count: int) -> Document:
    return read_document(
        "\n".join(f"line {n:05} " + "and more words " * 5 + f"end{n}" for n in range(count)), "result"
    )


async def test_keys_move_by_rows_and_reach_both_ends(pilot):
    view = await shown(pilot, long_lines(100))
    view.focus()
    await pilot.press("j")
    await pilot.pause()
    assert drawn(pilot)[0].startswith("  words and")
    await pilot.press("G")
    await pilot.pause()
    assert drawn(pilot)[-1].endswith("end99")
    assert view.scroll_offset.y == view.max_scroll_y
    await pilot.press("pageup", "g", "pagedown")
    await pilot.pause()
    assert view.scroll_offset.y == HEIGHT - 1
    assert (view.virtual_size.height, view.vertical_scrollbar.window_virtual_size) == (300, 300)


async def test_a_search_comes_to_the_row_of_the_match(pilot):
    view = await shown(pilot, long_lines(1000))
    for needle, line in (("end500", 500), ("end10", 10)):
        view.start_search(needle)
        await whole(pilot)
        assert pilot.app.told[-1][0] == line
        (row,) = (y for y in range(HEIGHT) if needle in drawn(pilot)[y])
        assert styles(pilot, row)[needle].reverse
    view.start_search("line 0099")
    await whole(pilot)
    view.action_previous_hit()
    await pilot.pause()
    assert any(line.startswith("line 00999") for line in drawn(pilot))


async def test_a_match_across_a_break_is_marked_on_both_rows(pilot):
    view = await shown(pilot, read_document("one two three four five six seven words of one row", "result"))
    view.start_search("words of")
    await pilot.pause()
    assert drawn(pilot)[:2] == ["one two three four five six seven words", "  of one row"]
    assert styles(pilot, 0)["words "].reverse
    assert styles(pilot, 1)["of"].reverse


async def test_another_width_keeps_what_is_on_the_top_of_the_screen(pilot):
    view = await shown(pilot, long_lines(1000))
    view.start_search("line 00700")
    await pilot.pause()
    view.start_search("")
    view.scroll_to(y=700 * 3, animate=False)
    await pilot.pause()
    for columns in (39, 80, 23, 120, 40):
        await resized(pilot, columns)
        await whole(pilot)
        assert drawn(pilot)[0].startswith("line 00700"), columns
    await resized(pilot, 40, 8)
    assert drawn(pilot)[0].startswith("line 00700")
    view.action_wrap()
    await pilot.pause()
    assert drawn(pilot)[0].startswith("line 00700")
    assert drawn(pilot)[1].startswith("line 00701")


async def test_a_long_document_is_measured_beside_the_loop(pilot):
    document = long_lines(19_000)
    view = await shown(pilot, document)
    assert drawn(pilot)[2] == "  and more words end0"
    view.start_search("end18999")
    await whole(pilot)
    assert view.virtual_size.height == 3 * 19_000
    assert any("end18999" in line for line in drawn(pilot))


async def test_a_document_that_is_too_long_is_not_wrapped_and_says_so(pilot):
    view = await shown(pilot, long_lines(20_001))
    view.focus()
    assert drawn(pilot)[1].startswith("line 00001")
    await pilot.press("W")
    await pilot.pause()
    assert pilot.app.said == ["Too long to wrap: 20,001 lines (at most 20,000)."]
    assert drawn(pilot)[1].startswith("line 00001")


async def test_another_document_ends_the_measuring_of_the_one_before(pilot):
    view = await shown(pilot, long_lines(19_000))
    await shown(pilot, numbered(3))
    await whole(pilot)
    await asyncio.sleep(0)
    assert drawn(pilot)[:4] == ["line 0", "line 1", "line 2", ""]
    assert view.virtual_size.height == 3

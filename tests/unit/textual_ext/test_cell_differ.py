"""What a terminal shows that is sent only differences is what one shows that is sent everything."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Offset, Region
from textual.strip import Strip

from tests.support.emulated_screen import EmulatedScreen, SeenCell, read_cells
from tui.textual_ext import screen_cells
from tui.textual_ext.cell_look import CellLook, blank_look, change_look, read_look
from tui.textual_ext.compositor import TerminalFrame
from tui.textual_ext.cursor_moves import CursorPlace, move_terminal_cursor

WORDS = ("a", "  ", "run", "12s ", "─┐", "图", "索引x", "🚮", "e\u0301", "図\u0301", " ", "\U00100001", "▶")
COLOURS = (None, "#102030", "#405060", "red", "bright_blue", "color(120)")
STYLES = [
    None,
    *(
        Style(color=colour, bgcolor=ground, meta={"@click": "x"} if colour else None, **attributes)
        for colour in COLOURS
        for ground in COLOURS[:4]
        for attributes in ({}, {"bold": True}, {"underline": True}, {"reverse": True, "italic": True})
    ),
    Style(strike=True, color="red"),
]

Line = list[Strip]
"""Strips side by side."""


def make_strip(dice: random.Random, width: int) -> Strip:
    """A strip of so many cells."""
    segments, left = list[Segment](), width
    while left > 0:
        text = dice.choice(WORDS) * dice.choice((1, 1, 3))
        while cell_len(text) > left:
            text = text[:-1]
        text = text or " " * dice.randint(1, left)
        segments.append(Segment(text, dice.choice(STYLES)))
        left -= cell_len(text)
    return Strip(segments)


def make_line(dice: random.Random, width: int) -> Line:
    """A line in one to four strips."""
    cuts = sorted({0, width, *(dice.randrange(width) for _ in range(dice.randrange(4)))})
    return [make_strip(dice, stop - start) for start, stop in pairwise(cuts)]


def open_terminal(width: int, height: int) -> EmulatedScreen:
    """A terminal that does not wrap lines, as Textual wants it."""
    terminal = EmulatedScreen(width, height)
    terminal.feed(b"\x1b[?7l")
    return terminal


class Programs:
    """Two terminals: one is sent differences, the other everything each time."""

    def __init__(self, dice: random.Random, system: ColorSystem) -> None:
        self.dice, self.system = dice, system
        self.frame = TerminalFrame(system)
        self.resize()

    def resize(self) -> None:
        """Begin with another size."""
        self.width, self.height = self.dice.randint(4, 40), self.dice.randint(2, 8)
        self.lines = [make_line(self.dice, self.width) for _ in range(self.height)]
        self.shown = open_terminal(self.width, self.height)
        self.frame.forget_sent()
        self.send_whole()

    def send_whole(self) -> None:
        """Draw the whole screen."""
        region = Region(0, 0, self.width, self.height)
        self.frame.draw_all(LayoutUpdate(list(self.lines), region))

    def send_spans(self) -> None:
        """Change strips in some lines, and draw what changed."""
        spans = list[tuple[int, int, int]]()
        for y in range(self.height):
            if self.dice.random() < 0.5:
                at = self.dice.randrange(len(self.lines[y]))
                start = sum(strip.cell_length for strip in self.lines[y][:at])
                size = self.lines[y][at].cell_length
                if self.dice.random() < 0.8:
                    self.lines[y][at] = make_strip(self.dice, size)
                spans.append((y, start, start + size))
        chops = list[dict[int, Strip | None]]()
        ends = list[list[int]]()
        for line in self.lines:
            starts = [0]
            for strip in line:
                starts.append(starts[-1] + strip.cell_length)
            chops.append(dict(zip(starts, line, strict=False)))
            ends.append(starts[1:])
        self.frame.draw_spans(ChopsUpdate(chops, spans, ends))

    def change(self) -> None:
        """Do something that a program does."""
        chance = self.dice.random()
        if chance < 0.05:
            self.resize()
        elif chance < 0.08:
            self.shown.feed(b"\x1b[H\x1b[41mwritten by another\x1b[m\x1b[2;2H")
            self.frame.forget_sent()
        elif chance < 0.3:
            y = self.dice.randrange(self.height)
            self.lines[y] = make_line(self.dice, self.width)
            self.send_whole()
        else:
            self.send_spans()

    def send(self) -> str:
        """Send what differs."""
        cursor = Offset(self.dice.randrange(self.width), self.dice.randrange(self.height))
        changes = self.frame.take_changes(cursor if self.dice.random() < 0.3 else None)
        self.shown.feed(changes.encode())
        return changes

    def difference(self) -> list[tuple[int, int, object, object]]:
        """The cells in which the two terminals differ."""
        return [
            (y, x, ours, whole)
            for y, lines in enumerate(zip(read_cells(self.shown), self.expected(), strict=True))
            for x, (ours, whole) in enumerate(zip(*lines, strict=True))
            if ours != whole
        ]

    def expected(self) -> list[list[SeenCell]]:
        """What a terminal shows that was sent everything."""
        whole = open_terminal(self.width, self.height)
        for y, line in enumerate(self.lines):
            for x, strip in enumerate(line):
                start = sum(part.cell_length for part in line[:x])
                cells = "".join(
                    Strip.render_style(style or Style(), text, color_system=self.system)
                    for text, style, _ in strip
                )
                whole.feed(f"\x1b[{y + 1};{start + 1}H\x1b[m{cells}".encode())
        return read_cells(whole)


@pytest.mark.parametrize("seed", range(12))
def test_differences_add_up_to_the_whole_picture(seed: int) -> None:
    dice = random.Random(seed)
    system = (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD)[seed % 3]
    programs = Programs(dice, system)
    for _ in range(250):
        programs.change()
        # Often several updates are sent as one.
        if dice.random() < 0.7:
            programs.send()
            assert not programs.difference()


def test_nothing_is_sent_for_what_the_terminal_shows() -> None:
    programs = Programs(random.Random(1), ColorSystem.TRUECOLOR)
    programs.send()
    programs.send_whole()
    assert programs.frame.take_changes(None) == ""
    programs.frame.forget_sent()
    assert programs.frame.take_changes(None)


def test_a_table_of_signs_that_is_full_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_cells, "_MOST_SIGNS", 20)
    programs = Programs(random.Random(2), ColorSystem.TRUECOLOR)
    for _ in range(60):
        programs.change()
        programs.send()
        assert not programs.difference()


def first_frame(*texts: str, style: Style | None = None) -> TerminalFrame:
    """A frame of which these lines were sent."""
    frame = TerminalFrame(ColorSystem.TRUECOLOR)
    draw(frame, *texts, style=style)
    frame.take_changes(None)
    return frame


def draw(frame: TerminalFrame, *texts: str, style: Style | None = None) -> None:
    strips = [[Strip([Segment(text, style)])] for text in texts]
    frame.draw_all(LayoutUpdate(list(strips), Region(0, 0, cell_len(texts[0]), len(texts))))


def test_cells_that_tick_in_a_column_go_out_with_relative_moves_and_one_style() -> None:
    style = Style(color="#102030", bgcolor="#405060")
    frame = first_frame(*(f"row {number}  age 11s " for number in range(5)), style=style)
    draw(frame, *(f"row {number}  age 12s " for number in range(5)), style=style)
    assert frame.take_changes(None) == "\x1b[1;13H2" + "\x1b[B\x1b[D2" * 4


def test_a_change_of_one_attribute_sends_that_one() -> None:
    frame = first_frame("ab", style=Style(color="#102030", bgcolor="#405060"))
    draw(frame, "ab", style=Style(color="#102030", bgcolor="#405060", bold=True))
    assert frame.take_changes(None) == "\x1b[H\x1b[1mab"


def test_what_can_be_clicked_makes_no_difference() -> None:
    frame = first_frame("ab", style=Style(color="red"))
    draw(frame, "ab", style=Style(color="red", meta={"@click": "open"}, link="http://example.org"))
    assert frame.take_changes(None) == ""


def test_both_halves_of_a_wide_character_are_sent_together() -> None:
    frame = first_frame("a图b ")
    draw(frame, "a国b ")
    assert frame.take_changes(None) == "\x1b[1;2H国"
    draw(frame, "ab国 ")
    assert frame.take_changes(None) == "\x1b[2Gb国"


def test_after_the_last_column_the_cursor_is_moved_absolutely() -> None:
    frame = first_frame("abc", "abc")
    draw(frame, "abd", "abd")
    assert frame.take_changes(None) == "\x1b[1;3Hd\x1b[2;3Hd"


def test_a_mark_that_begins_a_segment_joins_the_character_before_it() -> None:
    frame = TerminalFrame(ColorSystem.TRUECOLOR)
    strip = Strip([Segment("caf"), Segment("e", Style(bold=True)), Segment("\u0301s")])
    frame.draw_all(LayoutUpdate([[strip]], Region(0, 0, 5, 1)))
    assert "e\u0301" in frame.take_changes(None)


# --- looks -------------------------------------------------------------------------------------------

ATTRIBUTES = ["1", "2", "3", "4", "5", "7", "8", "9", "21", "53"]
CODES = st.lists(st.sampled_from(ATTRIBUTES), unique=True, max_size=4)
GROUNDS = st.sampled_from(["", "41", "48;2;1;2;3", "48;5;120", "49", "107"])
INKS = st.sampled_from(["", "31", "38;2;1;2;3", "38;5;7", "39", "97"])
LOOKS = st.builds(
    lambda codes, ink, ground: read_look(";".join(filter(None, [*codes, ink, ground]))), CODES, INKS, GROUNDS
)

_ENDED_BY = {
    "22": ["1", "2"],
    "23": ["3"],
    "24": ["4", "21"],
    "25": ["5"],
    "27": ["7"],
    "28": ["8"],
    "29": ["9"],
    "55": ["53"],
}
_CODE = re.compile(r"[34]8;2;\d+;\d+;\d+|[34]8;5;\d+|\d+|^(?=;|$)|(?<=;)(?=;|$)")


def apply(look: CellLook, sequence: str) -> CellLook:
    """What a terminal makes of a look."""
    ink, ground, attributes = look.foreground, look.background, set(look.attributes)
    for codes in re.findall(r"\x1b\[([0-9;]*)m", sequence):
        for code in _CODE.findall(codes):
            if code in ("", "0"):
                ink, ground, attributes = "", "", set()
            elif code in _ENDED_BY:
                attributes -= set(_ENDED_BY[code])
            elif re.match(r"3[0-9]|9", code) and code not in ("3", "9"):
                ink = "" if code == "39" else code
            elif re.match(r"4[0-9]|10", code):
                ground = "" if code == "49" else code
            else:
                attributes.add(code)
    return CellLook(ink, ground, frozenset(attributes))


@given(LOOKS, LOOKS)
def test_a_look_is_changed_into_the_wanted_one(old: CellLook, new: CellLook) -> None:
    sequence, look = change_look(old, new)
    assert apply(old, sequence) == look == new
    unknown = CellLook("31", "41", frozenset("147"))
    assert apply(unknown, change_look(None, new)[0]) == new


@given(LOOKS, LOOKS)
def test_a_blank_is_given_all_that_is_seen_on_it(old: CellLook, new: CellLook) -> None:
    sequence, look = change_look(old, blank_look(new))
    assert apply(old, sequence) == look
    assert blank_look(look) == blank_look(new)
    assert len(sequence) <= len(change_look(old, new)[0])


# --- moves -------------------------------------------------------------------------------------------

PLACES = st.builds(CursorPlace, st.integers(0, 40), st.integers(0, 130), st.booleans())


@given(st.none() | PLACES, st.integers(0, 40), st.integers(0, 130))
def test_the_cursor_gets_where_it_is_wanted(old: CursorPlace | None, y: int, x: int) -> None:
    terminal = EmulatedScreen(131, 41)
    if old is not None:
        # A terminal that draws a sign wider than is thought has its cursor further right.
        terminal.screen.cursor_position(old.y + 1, old.x + (1 if old.is_certain else 4))
    moves = move_terminal_cursor(old, y, x)
    terminal.feed(moves.encode())
    assert (terminal.screen.cursor.y, terminal.screen.cursor.x) == (y, x)
    assert len(moves) <= len(f"\x1b[{y + 1};{x + 1}H")
    assert moves.replace("\x1b", "").isprintable()

"""What Textual draws as cells: two strings with one character for each cell of a line.

The first has what is written: itself where that is one character, otherwise a private sign that stands for
it. The second has a sign for the look of each cell. Two lines of cells are compared as fast as two strings.
"""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip

from tui.textual_ext.cell_look import PLAIN_LOOK, CellLook, blank_look, read_look

SECOND_HALF = "\U0010fffd"
"""Stands in the second cell of a wide character."""
NOT_DRAWN = "\U0010fffe"
"""Stands in a cell in which nothing has been drawn yet."""
FORGOTTEN = "\U0010ffff"
"""Stands for what the terminal shows in a cell where that is not known."""

_FIRST_CLUSTER = "\U00100000"
_MOST_SIGNS = 10_000
"""Clusters or looks after which a table is to be given up: their signs would run out."""

_KEPT_STRIPS = 300
"""Strips whose cells are kept; a screen has about 200."""


class Cells(NamedTuple):
    """Some cells of a line."""

    texts: str
    looks: str


class CellTable:
    """What the signs in cells stand for."""

    def __init__(self, color_system: ColorSystem) -> None:
        self._color_system = color_system
        self._looks = [PLAIN_LOOK]
        self._look_signs: dict[CellLook, str] = {PLAIN_LOOK: "\0"}
        self._code_signs: dict[str, str] = {}
        self._blank_signs: dict[str, str] = {}
        self._cluster_signs: dict[str, str] = {}
        # With the strip, so that no other gets its id.
        self._read: dict[int, tuple[Strip, Cells]] = {}
        self._read_before: dict[int, tuple[Strip, Cells]] = {}
        self.clusters: dict[int, str] = {ord(SECOND_HALF): ""}
        """What the private signs in texts are written as, for `str.translate`."""

    @property
    def is_full(self) -> bool:
        """Whether the signs are about to run out, so that a new table is needed."""
        return max(len(self._looks), len(self.clusters)) > _MOST_SIGNS

    def look(self, sign: str) -> CellLook:
        """The look that a sign stands for."""
        return self._looks[ord(sign)]

    def look_sign(self, look: CellLook) -> str:
        """The sign of a look."""
        sign = self._look_signs.get(look)
        if sign is None:
            sign = self._look_signs[look] = chr(len(self._looks))
            self._looks.append(look)
        return sign

    def read_strip(self, strip: Strip) -> Cells:
        """Return the cells of a strip; of the strips that are drawn again and again they are kept."""
        known = self._read.get(id(strip))
        if known is None:
            known = self._read_before.get(id(strip)) or (strip, self._read_segments(strip))
            if len(self._read) >= _KEPT_STRIPS:
                self._read_before, self._read = self._read, {}
            self._read[id(strip)] = known
        return known[1]

    def _read_segments(self, strip: Strip) -> Cells:
        texts, looks = list[str](), list[str]()
        for text, style, control in strip:
            if control or not text:
                continue
            sign = self._style_sign(style)
            if text.isascii():
                texts.append(text)
                looks.append(self._spread_look(sign, text))
            else:
                drawn = self._read_text(text, texts)
                texts.append(drawn)
                looks.append(sign * len(drawn))
        drawn, look = "".join(texts), "".join(looks)
        length = strip.cell_length
        # Rich measures some sequences as a whole, but none that graphtop draws.
        return Cells(drawn[:length].ljust(length), look[:length].ljust(length, "\0"))

    def _spread_look(self, sign: str, text: str) -> str:
        """The look of each character; blanks at both ends look the same whatever colour letters have."""
        size = len(text)
        if text[-1] != " " and text[0] != " ":
            return sign * size
        blank = self._blank_signs.get(sign) or self._blank_sign(sign)
        after = size - len(text.rstrip(" "))
        if after == size:
            return blank * size
        before = size - len(text.lstrip(" "))
        return blank * before + sign * (size - before - after) + blank * after

    def _style_sign(self, style: Style | None) -> str:
        """The sign of a style. Its links are not sent: graphtop draws none."""
        if style is None:
            return "\0"
        codes = style._ansi
        if codes is None:
            codes = Strip.render_ansi(style, self._color_system)
        sign = self._code_signs.get(codes)
        if sign is None:
            sign = self._code_signs[codes] = self.look_sign(read_look(codes))
        return sign

    def _blank_sign(self, sign: str) -> str:
        blank = self._blank_signs[sign] = self.look_sign(blank_look(self.look(sign)))
        return blank

    def _read_text(self, text: str, before: list[str]) -> str:
        """The cells of a text that is not ASCII; marks that it begins with join the last cell before."""
        if all(get_character_cell_size(character) == 1 for character in set(text)):
            return text if max(text) < _FIRST_CLUSTER else "".join(map(self._cell_sign, text))
        cells = list[str]()
        for character in text:
            width = get_character_cell_size(character)
            if width:
                cells += [character, ""][:width]
            elif cells:
                cells[-1 if cells[-1] else -2] += character
            elif before:
                before[-1] = self._add_mark(before[-1], character)
        return "".join(map(self._cell_sign, cells))

    def _add_mark(self, cells: str, mark: str) -> str:
        """Add a mark to the last of some cells."""
        at = -2 if cells[-1] == SECOND_HALF else -1
        marked = self._cell_sign(self.clusters.get(ord(cells[at]), cells[at]) + mark)
        return cells[:at] + marked + cells[len(cells) + at + 1 :]

    def _cell_sign(self, written: str) -> str:
        """The sign for what is written in one cell; nothing in the second half of a wide character."""
        if not written:
            return SECOND_HALF
        if len(written) == 1 and written < _FIRST_CLUSTER:
            return written
        sign = self._cluster_signs.get(written)
        if sign is None:
            sign = self._cluster_signs[written] = chr(ord(_FIRST_CLUSTER) + len(self._cluster_signs))
            self.clusters[ord(sign)] = written
        return sign

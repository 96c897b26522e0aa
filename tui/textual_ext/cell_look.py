"""The look of a terminal's cell, and the shortest sequence that changes one look into another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

_FOREGROUNDS = {str(code) for code in (*range(30, 40), *range(90, 98))}
_BACKGROUNDS = {str(code) for code in (*range(40, 50), *range(100, 108))}

_ENDS = {
    "1": "22",
    "2": "22",
    "3": "23",
    "4": "24",
    "5": "25",
    "6": "25",
    "7": "27",
    "8": "28",
    "9": "29",
    "21": "24",
    "51": "54",
    "52": "54",
    "53": "55",
}
"""What turns an attribute off again."""

_SEEN_ON_BLANKS = frozenset({"4", "5", "6", "7", "9", "21", "51", "52", "53"})
"""The attributes that are seen where nothing is written, and the colours with them."""


class CellLook(NamedTuple):
    """The look of a cell."""

    foreground: str = ""
    """Parameters of SGR such as `38;2;1;2;3`; empty for the terminal's own colour."""
    background: str = ""
    attributes: frozenset[str] = frozenset()
    is_blank: bool = False
    """Whether it is for blanks only: all that isn't seen on a blank has been taken out of it."""


PLAIN_LOOK = CellLook()


def read_look(parameters: str) -> CellLook:
    """Read what stands between `ESC [` and `m`, as Textual writes it for a style."""
    foreground, background, attributes = "", "", set[str]()
    for code in _split_codes(parameters):
        kind = code.partition(";")[0]
        if kind in _FOREGROUNDS:
            foreground = "" if code == "39" else code
        elif kind in _BACKGROUNDS:
            background = "" if code == "49" else code
        elif code:
            attributes.add(code)
    return CellLook(foreground, background, frozenset(attributes))


def _split_codes(parameters: str) -> Iterator[str]:
    """Give each attribute and each colour with its parts."""
    numbers = iter(parameters.split(";"))
    for number in numbers:
        if number in ("38", "48"):
            kind = next(numbers, "")
            parts = [next(numbers, "") for _ in range(3 if kind == "2" else 1)]
            yield ";".join((number, kind, *parts))
        else:
            yield number


def blank_look(look: CellLook) -> CellLook:
    """The look of a blank of this look, equal for all that look the same."""
    if look.attributes & _SEEN_ON_BLANKS:
        return CellLook(*look[:3], is_blank=True)
    return CellLook("", look.background, is_blank=True)


def change_look(old: CellLook | None, new: CellLook) -> tuple[str, CellLook]:
    """Return the shortest sequence that lets what is written look new, and the look that it sets.

    The look that is set differs from the wanted one in what isn't seen on a blank. `old` is None where it is
    not known.
    """
    wanted = CellLook(*new[:3])
    if old is None:
        return f"\x1b[{_whole(wanted)}m", wanted
    if not new.is_blank or new.attributes:
        return _change(old, wanted), wanted
    # The colour of letters may stay.
    kept = CellLook(old.foreground, new.background, old.attributes - _SEEN_ON_BLANKS)
    return min(((_change(old, look), look) for look in (kept, wanted)), key=lambda found: len(found[0]))


def _change(old: CellLook, new: CellLook) -> str:
    if old == new:
        return ""
    return f"\x1b[{min(';'.join(_changed_codes(old, new)), _whole(new), key=len)}m"


def _whole(look: CellLook) -> str:
    """The parameters that set a look whatever was before; nothing before the first `;` stands for a reset."""
    return ";".join(["", *sorted(look.attributes), *filter(None, look[:2])])


def _changed_codes(old: CellLook, new: CellLook) -> Iterator[str]:
    ended = old.attributes - new.attributes
    off = {_ENDS.get(code, "0") for code in ended}
    yield from sorted(off)
    # One code ends both bold and dim.
    yield from sorted(code for code in new.attributes if code not in old.attributes or _ENDS.get(code) in off)
    if old.foreground != new.foreground:
        yield new.foreground or "39"
    if old.background != new.background:
        yield new.background or "49"

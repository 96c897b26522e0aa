"""Makes text from a server safe for a terminal, and formats values.

`sanitize` makes any text harmless, `sanitize_label` hides its secrets too, `fit_cells` measures in terminal
cells; the rest writes durations, times, counts, sizes and statuses. Nothing here knows Textual.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Sequence
from itertools import groupby
from typing import Literal

from rich.cells import cell_len, get_character_cell_size

from backend_adapters.model import Millis, TaskStatus
from backend_adapters.redaction import mask_beginning, mask_secrets

NO_VALUE = "–"
"""What stands for a value that isn't there."""

# --- harmless text -----------------------------------------------------------------------------------

# Variation selectors only choose a glyph, but terminals draw different widths for them.
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")

# What joins an emoji to the one before it, or tints it; without it all terminals draw each in two cells.
_JOINERS = re.compile(
    "(?<=[\xa9\xae\u2100-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff])[\u200d\U0001f3fb-\U0001f3ff]+"
)

# Printable for Python, but invisible, or of different widths in different terminals, such as half a flag.
_AMBIGUOUS_WIDTH = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\U0001f3fb-\U0001f3ff\U0001f1e6-\U0001f1ff]"
)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)

LINE_LIMIT = 10_000
"""Characters of one line of a document that are drawn at the most."""
LABEL_LIMIT = 2_000
"""Characters of a text for one line of the screen at the most."""

# What can act in a shell, an editor or a terminal that it is pasted into, or can hide what acts.
_ACTIVE_CHARACTERS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)

MARK_LIMIT = 4
"""Combining marks on one character at the most: no language has more, and they take no cells."""

# Matches every character without a width, and few others: signs, and the vowels of old Hangul.
_MARK = r"(?:[^\w\x00-\x7f]|[\u1160-\u11ff\ud7b0-\ud7ff])"
_MARK_RUNS = re.compile(rf"\A{_MARK}+|{_MARK}{{{MARK_LIMIT + 1},}}")


class _VisibleForms(dict[int, str]):
    """A table for `str.translate` that computes each entry on first use."""

    def __missing__(self, code: int) -> str:
        """The visible form of `code`, kept while the table is small."""
        shown = _visible_form(chr(code))
        if len(self) < 8192:
            self[code] = shown
        return shown


def _visible_form(character: str) -> str:
    """A character as it may be drawn: itself, a control picture, spaces, or `⟨U+202E⟩`."""
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if code in _FLAG_LETTERS:
        return chr(ord("A") + code - _FLAG_LETTERS.start)
    category = unicodedata.category(character)
    if category == "Zs":
        return " " * max(1, get_character_cell_size(character))
    if category[0] in "CZ" or _AMBIGUOUS_WIDTH.match(character):
        return f"⟨U+{code:04X}⟩"
    return character


_VISIBLE_FORMS = _VisibleForms()


def sanitize(text: str) -> str:
    """Return `text` as one line without control, format, bidi and invisible characters.

    Control characters become their pictures (newline `␊`, escape `␛`), the others a visible `⟨U+202E⟩`.
    Emoji sequences become single emoji, and flags letters, so that all terminals draw the same width. Of many
    marks on one character a few are left: `⟨+996⟩`. The text is cut after LINE_LIMIT characters.
    """
    if len(text) > LINE_LIMIT:
        text = text[: LINE_LIMIT - 1] + "…"
    if text.isascii():
        return text if text.isprintable() else text.translate(_VISIBLE_FORMS)
    if not text.isprintable() or _VARIATION_SELECTORS.search(text) or _AMBIGUOUS_WIDTH.search(text):
        text = _JOINERS.sub("", _VARIATION_SELECTORS.sub("", text)).translate(_VISIBLE_FORMS)
    return _MARK_RUNS.sub(_limit_marks, text)


def _limit_marks(heap: re.Match[str]) -> str:
    """Leave at most MARK_LIMIT marks on each character, and put a circle below marks without one."""
    parts = [] if heap.start() or get_character_cell_size(heap[0][0]) else ["◌"]
    for drawn, signs in groupby(heap[0], get_character_cell_size):
        run = "".join(signs)
        parts.append(
            run if drawn or len(run) <= MARK_LIMIT else f"{run[:MARK_LIMIT]}⟨+{len(run) - MARK_LIMIT}⟩"
        )
    return "".join(parts)


def sanitize_lines(text: str) -> list[str]:
    r"""Split `text` at \n and \r\n and sanitize each line; a newline at the end adds no line."""
    if not text:
        return []
    lines = text.removesuffix("\n").split("\n")
    return [sanitize(line.removesuffix("\r")) for line in lines]


def sanitize_label(text: str) -> str:
    """Return server text for one line of the screen: secrets masked, then sanitized.

    Only its beginning is processed, so that a name of a megabyte costs no more than one that fills a line.
    """
    if len(text) <= LABEL_LIMIT:
        return sanitize(mask_secrets(text))
    return sanitize(mask_beginning(text, LABEL_LIMIT - 1) + "…")


_LINE_END = re.compile(r"[\r\n]")

PASTE_LIMIT = 10_000
"""Characters of a pasted text that are used."""


def clean_pasted_text(text: str) -> str:
    """Return the first line of a pasted text that is not blank, as it may stand in an input.

    Invisible characters are left out, white space becomes blanks, and only PASTE_LIMIT characters are used.
    """
    line = _LINE_END.split(text.lstrip()[:PASTE_LIMIT], maxsplit=1)[0]
    kept = "".join(
        " " if sign.isspace() else sign for sign in line if sign.isprintable() or sign in "\t\xa0\u3000"
    )
    return _AMBIGUOUS_WIDTH.sub("", _VARIATION_SELECTORS.sub("", kept))


def clean_for_clipboard(text: str) -> str:
    """Return server text for a clipboard: secrets masked, and active characters replaced by pictures."""
    return replace_active_characters(mask_secrets(text))


def clean_lines_for_clipboard(text: str) -> str:
    """The same for a text of several lines, whose line ends and tabs stay."""
    lines = (line.split("\t") for line in mask_secrets(text).replace("\r\n", "\n").split("\n"))
    return "\n".join("\t".join(map(replace_active_characters, parts)) for parts in lines)


def replace_active_characters(text: str) -> str:
    """Return `text` with pictures in place of what can act in a shell, an editor or a terminal."""
    return text if text.isprintable() else _ACTIVE_CHARACTERS.sub(lambda sign: _visible_form(sign[0]), text)


# --- cells -------------------------------------------------------------------------------------------


def cell_width(text: str) -> int:
    """Return how many terminal cells harmless `text` takes."""
    return len(text) if text.isascii() else cell_len(text)


def fit_cells(
    text: str,
    width: int,
    *,
    align: Literal["left", "right"] = "left",
    keep: Literal["head", "tail", "ends"] = "head",
    ascii: bool = False,
) -> str:
    """Return harmless `text` in exactly `width` cells: padded, or cut with `…` (`~` for `ascii`).

    A wide character is never halved; a space takes the place of its other half. `keep` says which end of a
    cut text stays; with `ends` both do, of the end twice as much.
    """
    if width <= 0:
        return ""
    size = cell_width(text)
    if size > width:
        mark = "~" if ascii else "…"
        room = width - 1
        head = room if keep == "head" else room // 3 if keep == "ends" else 0
        text = _first_cells(text, head) + mark + (_last_cells(text, room - head) if head < room else "")
        size = cell_width(text)
    padding = " " * (width - size)
    return text + padding if align == "left" else padding + text


def _first_cells(text: str, width: int) -> str:
    """The longest beginning of `text` that fits in `width` cells."""
    if text.isascii():
        return text[:width]
    taken = 0
    for index, character in enumerate(text):
        taken += get_character_cell_size(character)
        if taken > width:
            return text[:index]
    return text


def _last_cells(text: str, width: int) -> str:
    """The longest end of `text` that fits in `width` cells; it does not begin with a combining mark."""
    if text.isascii():
        return text[len(text) - width :]
    taken, start = 0, len(text)
    for index in range(len(text) - 1, -1, -1):
        cells = get_character_cell_size(text[index])
        taken += cells
        if taken > width:
            break
        if cells:
            start = index
    return text[start:]


def wrap_words(text: str, width: int, *, indent: int = 0) -> list[str]:
    """Return harmless `text` in lines of at most `width` cells, broken between words.

    Each line but the first begins with `indent` blanks. A word that is wider than a line stays whole, so that
    it can be copied.
    """
    first, *words = text.split(" ")
    lines, margin = [first], " " * indent
    for word in words:
        longer = f"{lines[-1]} {word}"
        if cell_width(longer) <= width or not lines[-1].strip():
            lines[-1] = longer
        else:
            lines.append(margin + word)
    return lines


def wrap_cells(text: str, width: int) -> list[str]:
    """Return harmless `text` in lines of at most `width` cells, at least two, broken between words.

    A word that is wider than a line is broken as well; blanks at the end of a line are left out.
    """
    lines: list[str] = []
    for line in wrap_words(text, width):
        rest = line.rstrip()
        while cell_width(rest) > width:
            piece = _first_cells(rest, width)
            lines.append(piece)
            rest = rest[len(piece) :]
        lines.append(rest)
    return lines


# --- durations, moments, numbers ---------------------------------------------------------------------


def format_duration(ms: Millis | None) -> str:
    """Return a coarse duration that seldom changes: `5s`, `3m`, `2h10m`, `4d`; a dash for None.

    A negative one, which two clocks that disagree can give, reads as `0s`.
    """
    if ms is None:
        return NO_VALUE
    seconds = max(0, ms) // 1000
    if seconds < 60:
        return f"{seconds}s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes}m"
    hours, minutes = divmod(minutes, 60)
    if hours >= 24:
        return f"{hours // 24}d"
    return f"{hours}h{minutes:02}m" if minutes else f"{hours}h"


_DURATION = re.compile(r"(?:\d{1,9}[smhdw])+")
_DURATION_PART = re.compile(r"(\d+)([smhdw])")
_UNITS: dict[str, Millis] = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


def read_duration(written: str) -> Millis | None:
    """Read what a person writes: `30s`, `2h30m`, `30d`; None where it is no duration."""
    if not _DURATION.fullmatch(written):
        return None
    return sum(int(number) * _UNITS[unit] for number, unit in _DURATION_PART.findall(written))


CALM_STEP: Millis = 5_000
"""The steps of the ages below a minute of what has come to rest."""


def format_age(then: Millis | None, now: Millis, *, is_calm: bool = False) -> str:
    """Return a coarse duration since `then`; a dash for None.

    `is_calm`: below a minute it changes every five seconds only.
    """
    if then is None:
        return NO_VALUE
    age = now - then
    return format_duration(age // CALM_STEP * CALM_STEP if is_calm and age < 60_000 else age)


def format_exact_duration(ms: Millis | None) -> str:
    """Return a duration as exact as it is read: `850ms`, `4.2s`, `2h 10m 4s`, `1d 3h`; a dash for None.

    Tenths of a second are given below a minute, and zeros at the end are left out.
    """
    if ms is None:
        return NO_VALUE
    ms = max(0, ms)
    if ms < 1000:
        return f"{ms}ms"
    if ms < 60_000:
        return f"{ms // 1000}.{ms % 1000 // 100}s"
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s")]
    while not parts[0][0]:
        parts.pop(0)
    while not parts[-1][0]:
        parts.pop()
    return " ".join(f"{value}{unit}" for value, unit in parts)


def format_time_of_day(ms: Millis, *, utc: bool) -> str:
    """Return the time of day as `12:03:44`, in UTC or in the local zone."""
    return _format_time("%H:%M:%S", ms, utc)


def format_timestamp(ms: Millis | None, *, utc: bool) -> str:
    """Return date and time as `2026-11-23 12:03:44`; a dash for None."""
    return NO_VALUE if ms is None else _format_time("%Y-%m-%d %H:%M:%S", ms, utc)


def format_minute(ms: Millis, now: Millis, *, utc: bool) -> str:
    """Return `12:03` for today, `11-22 12:03` for this year, `2025-11-22` before."""
    return _format_near(ms, now, "%H:%M", utc)


def format_short_timestamp(ms: Millis | None, now: Millis, *, utc: bool) -> str:
    """Return `12:03:44` for today, `11-22 12:03` for this year, `2025-11-22` before; a dash for None."""
    return NO_VALUE if ms is None else _format_near(ms, now, "%H:%M:%S", utc)


def _format_near(ms: Millis, now: Millis, today_form: str, utc: bool) -> str:
    """A time with as much of its date as tells it from now."""
    day, today = _format_time("%Y-%m-%d", ms, utc), _format_time("%Y-%m-%d", now, utc)
    if day[:4] != today[:4]:
        return day
    return _format_time(today_form if day == today else "%m-%d %H:%M", ms, utc)


def _format_time(form: str, ms: Millis, utc: bool) -> str:
    """A time by a strftime format; a number outside of any calendar is written as it is."""
    try:
        return time.strftime(form, time.gmtime(ms // 1000) if utc else time.localtime(ms // 1000))
    except (OverflowError, ValueError, OSError):
        return f"{ms} ms"


def format_count(number: int) -> str:
    """Return an exact count, with separators from 10,000 on: `1204`, `100,000`."""
    return str(number) if -10_000 < number < 10_000 else f"{number:,}"


def join_some(names: Sequence[str], most: int = 5) -> str:
    """Return the first names of a list, and how many more there are: `1, 2, 3, 4, 5 and 2 more`."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def format_size(bytes_: int) -> str:
    """Return a size in decimal units: `812 B`, `4.2 kB`, `25.3 MB`."""
    if bytes_ < 1000:
        return f"{bytes_} B"
    scale = 1 if bytes_ < 999_950 else 2 if bytes_ < 999_950_000 else 3
    return f"{bytes_ / 1000**scale:.1f} {' kMG'[scale]}B"


_GLYPHS: dict[TaskStatus, tuple[str, str]] = {
    TaskStatus.NEW: ("·", "."),
    TaskStatus.SCHEDULING: ("·", "."),
    TaskStatus.SCHEDULED: ("◦", "o"),
    TaskStatus.QUEUED: ("◦", "o"),
    TaskStatus.RESTORING: ("◦", "o"),
    TaskStatus.HANGING: ("‖", "="),
    TaskStatus.RUNNING: ("▶", ">"),
    TaskStatus.CANCELLING: ("◌", "~"),
    TaskStatus.DELETING: ("◌", "~"),
    TaskStatus.SUCCESS: ("✓", "+"),
    TaskStatus.PARTIAL: ("◐", "%"),
    TaskStatus.FAILED: ("✗", "x"),
    TaskStatus.CANCELLED: ("⊘", "-"),
    TaskStatus.UNKNOWN: ("?", "?"),
    TaskStatus.UNREADABLE: ("▒", "#"),
}


def join_key_hints(*keys: str, ascii: bool) -> str:
    """Return keys and what they do in one line: `enter create · esc not now`."""
    return (" - " if ascii else " · ").join(keys)


def status_glyph(status: TaskStatus, *, ascii: bool) -> str:
    """Return the sign of a status: one cell wide, and part of DejaVu Sans Mono."""
    return _GLYPHS[status][ascii]


def production_sign(*, ascii: bool) -> str:
    """Return the sign of a production server, which stands before its name in each row."""
    return "!" if ascii else "▲"

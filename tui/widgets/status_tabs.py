"""The status tabs: how many tasks there are of each kind, and which kind the table shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace
from textual import events
from textual.message import Message

from backend_adapters.model import TaskStatus
from tui.text import format_count, sanitize, status_glyph
from tui.widgets.line_widget import LineWidget, TextRun, runs_width


class StatusTab(Struct, frozen=True):
    """One group of statuses: the key that selects it, its label, and its number of tasks."""

    key: str
    label: str
    count: int | None = None
    """None while it is unknown."""
    alarm: bool = False
    """A count above zero is drawn as a failure."""
    more: bool = False
    """There may be more tasks than the count, because not all could be read."""


class TabsState(Struct, frozen=True, kw_only=True):
    """Everything that the line shows; equal states draw equal lines."""

    tabs: tuple[StatusTab, ...] = ()
    current: str = "0"
    per_minute: tuple[int, ...] = ()
    """Tasks that ended in each of the last minutes, the oldest first."""
    stuck: int = 0
    unreadable: int = 0
    """Tasks that the server can't read."""


class TabsFit(Struct, frozen=True):
    """One way to lay out the line; others are tighter."""

    pad: int
    gap: int
    glyphs: frozenset[str] = frozenset()
    """The labels in whose places their glyphs stand."""
    keys: bool = True
    thousands: bool = False
    """Counts from 10,000 on are in thousands."""
    spark: bool = False
    rate: bool = False
    signs: bool = True
    """How many are stuck or unreadable; where problems are counted these are among them."""


GLYPH_STATUSES = {
    "Active": TaskStatus.RUNNING,
    "Waiting": TaskStatus.QUEUED,
    "Success": TaskStatus.SUCCESS,
    "Failed": TaskStatus.FAILED,
    "Cancelled": TaskStatus.CANCELLED,
}
"""The status whose glyph stands for a label where there is no room for the word: no word is cut."""
ENDED = frozenset({"Success", "Failed", "Cancelled"})
PROBLEMS = "Problems"
"""The label of the tab that is only there where something needs a person."""
EVERY_LABEL = frozenset({*GLYPH_STATUSES, PROBLEMS})

TABS_FITS = (
    TabsFit(pad=1, gap=1, spark=True, rate=True),
    TabsFit(pad=1, gap=0, spark=True, rate=True),
    TabsFit(pad=1, gap=0, rate=True),
    TabsFit(pad=1, gap=0),
    TabsFit(pad=1, gap=0, glyphs=ENDED),
    TabsFit(pad=1, gap=0, glyphs=EVERY_LABEL),
    TabsFit(pad=0, gap=1, glyphs=EVERY_LABEL, thousands=True),
    TabsFit(pad=0, gap=1, glyphs=EVERY_LABEL, thousands=True, keys=False),
)
"""From roomy to tight; the first one that fits is used."""
PROBLEM_FITS = tuple(
    variant
    for fit in TABS_FITS
    for variant in ((fit, replace(fit, signs=False)) if not fit.spark else (fit,))
)
"""The same where problems are counted."""

SPARK_GLYPHS = "▁▂▃▄▅▆▇█"
SPARK_GLYPHS_ASCII = "_.:-=+*#"


class StatusTabs(LineWidget):
    """One line of tabs with counts; on the right the rate of ended tasks, and how many are stuck."""

    DEFAULT_CSS = """
    StatusTabs {
        & > .status-tabs--text { color: $text-muted; }
        & > .status-tabs--count { color: $text; }
        & > .status-tabs--dim { color: $text-disabled; }
        & > .status-tabs--alarm { color: $text-error; text-style: bold; }
        & > .status-tabs--stuck { color: $text-error; text-style: bold; }
        & > .status-tabs--spark { color: $text-success 65%; }
        & > .status-tabs--current {
            background: $primary 14%; color: $text-primary; text-style: bold underline;
        }
        & > .status-tabs--current-pad { background: $primary 14%; color: $text-primary; }
        & > .status-tabs--current-alarm {
            background: $primary 14%; color: $text-error; text-style: bold underline;
        }
        &:ansi {
            & > .status-tabs--dim { text-style: dim; }
            & > .status-tabs--spark { color: $success; text-style: dim; }
            & > .status-tabs--current, & > .status-tabs--current-pad, & > .status-tabs--current-alarm {
                background: ansi_default;
            }
        }
    }
    """

    PREFIX = "status-tabs--"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"status-tabs--{look}"
        for look in (
            *("text", "count", "dim", "alarm", "stuck", "spark"),
            *("current", "current-pad", "current-alarm"),
        )
    }

    @dataclass
    class TabClicked(Message):
        """A person clicked a tab."""

        group_key: str

    state = TabsState()
    """What the line shows; `show_state` sets it."""
    _spans: tuple[tuple[int, int, str], ...] = ()

    def show_state(self, state: TabsState) -> None:
        """Show another state; only cells that change are repainted."""
        if state != self.state:
            self.state = state
            self.redraw_changes()

    def line_runs(self, width: int) -> list[TextRun]:
        """Return the line in the roomiest layout that fits."""
        has_problems = any(tab.label == PROBLEMS and tab.count for tab in self.state.tabs)
        for fit in PROBLEM_FITS if has_problems else TABS_FITS:
            tabs, right = [self._tab_runs(tab, fit) for tab in self.state.tabs], self._right_runs(fit)
            taken = sum(runs_width(runs) + fit.gap for runs in tabs) + runs_width(right)
            if taken + (2 if right else 0) + 1 <= width:
                break
        else:
            right = []
        runs: list[TextRun] = [(" ", "text")] if not fit.pad else []
        spans: list[tuple[int, int, str]] = []
        for tab, part in zip(self.state.tabs, tabs, strict=True):
            start = runs_width(runs)
            runs += part
            spans.append((start, runs_width(runs), tab.key))
            runs.append((" " * fit.gap, "text"))
        self._spans = tuple(spans)
        space = max(0, width - runs_width(runs) - runs_width(right) - 1)
        return [*runs, (" " * space, "text"), *right, (" ", "text")]

    def _tab_runs(self, tab: StatusTab, fit: TabsFit) -> list[TextRun]:
        word = tab.label
        if word in fit.glyphs:
            status = GLYPH_STATUSES.get(word)
            word = "!" if status is None else status_glyph(status, ascii=self.ascii)
        number = "" if tab.count is None else _count_text(tab.count, short=fit.thousands)
        number += "+" if number and tab.more else ""
        alarm = tab.alarm and bool(tab.count)
        if tab.key == self.state.current:
            look, pad = "current", "current-pad"
            looks = (look, look, "current-alarm" if alarm else look)
        else:
            pad = "text"
            looks = (
                ("dim", "dim", "dim") if tab.count == 0 else ("dim", "text", "alarm" if alarm else "count")
            )
        edge = (" " * fit.pad, pad)
        ending: list[TextRun] = [(" ", looks[1]), (number, looks[2])] if number else []
        key: list[TextRun] = [(f"{sanitize(tab.key)} ", looks[0])] if fit.keys else []
        return [edge, *key, (sanitize(word), looks[1]), *ending, edge]

    def _right_runs(self, fit: TabsFit) -> list[TextRun]:
        state, runs = self.state, list[TextRun]()
        if fit.spark and any(state.per_minute):
            runs += [(sparkline(state.per_minute, ascii=self.ascii), "spark"), (" ", "text")]
        if fit.rate and any(state.per_minute):
            runs.append((f"{format_count(state.per_minute[-1])} ended/min", "text"))
        signs = ((state.stuck, "stuck"), (state.unreadable, "unreadable")) if fit.signs else ()
        for number, word in signs:
            if number:
                runs += [("   ", "text")] if runs else []
                runs.append((f"{'!' if self.ascii else '⚠'} {format_count(number)} {word}", "stuck"))
        return runs

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the pointer."""
        for start, end, key in self._spans:
            if start <= event.x < end:
                self.post_message(self.TabClicked(key))


def _count_text(value: int, *, short: bool) -> str:
    """A count, where room is short in thousands from 10,000 on."""
    return f"{value // 1000}k" if short and value >= 10_000 else format_count(value)


def sparkline(values: tuple[int, ...], *, ascii: bool) -> str:
    """Return one bar per value, one cell each, scaled to the largest."""
    bars = SPARK_GLYPHS_ASCII if ascii else SPARK_GLYPHS
    most = max(values, default=0)
    if most <= 0:
        return bars[0] * len(values)
    return "".join(bars[min(len(bars) - 1, -(-max(0, value) * (len(bars) - 1) // most))] for value in values)

"""`graphtop stats`: how often tasks succeed, and how long they take, from what was seen of them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from typing import get_args

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.model import Millis
from tui import text
from tui.cli.argument_parser import Parser
from tui.cli.arguments import describe_limit, parse_count
from tui.cli.errors import UsageError
from tui.cli.exit_codes import FAILED, LOCAL_MEANINGS, OK, USAGE, describe_exit_codes
from tui.cli.output.printer import LIST_OUTPUT, OutputOptions, Printer, add_output_flags
from tui.cli.output.records import is_place_name
from tui.cli.output.standard_error import report_error
from tui.cli.output.table import Column, Layout
from tui.cli.output.values import Record
from tui.cli.work.history_file import add_history_flags, choose_places, run_with_history
from tui.cli.work.task_filter import parse_filter, report_slow_filter
from tui.fields import format_iso_millis
from tui.monitor.clock import Clock
from tui.monitor.filters import Filter
from tui.monitor.history.group_statistics import Grouping, GroupStatistics, read_statistics
from tui.monitor.history.reader import HistoryReader
from tui.monitor.history.statistics import find_success_percent, format_success_rate
from tui.task_name import shorten_name

LISTED_GROUPS = 50
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)
_ABOUT = "Show how often tasks succeed, and how long they wait and run."
_EXAMPLES = (
    ("graphtop stats", "by type, of all places"),
    ("graphtop stats by name -p prod --since 30d", "by name, of 30 days"),
    ("graphtop stats by name type=gremlin name=rebuild", "only some"),
    ("graphtop stats by place status=failed", "where tasks fail"),
)
_NOTES = """\
The figures are from the history, which graphtop keeps while it watches (see `graphtop history`), so
no server is asked. `by name` groups tasks whose names differ only in numbers, written as #.
A filter is the same as for `graphtop ls`.
SUCCESS is the share of successes among the tasks that succeeded or failed; it is never rounded up,
and cancelled tasks do not count (`-o wide` has their number). P50 and P95: half, or 95 % of the runs
took no longer. WAIT is of the tasks that graphtop
saw begin. RUN is of those that succeeded, from when they began or, where nobody saw that, from their
creation. TREND compares the median of the last third of these runs with that of the first third, from
9 runs on. Durations are those of the last 20,000 runs of a kind at most."""

_SAFE_WORD = re.compile(r"\w[\w.:@#-]*")


class StatisticsRecord(Record, frozen=True, kw_only=True):
    """A group of tasks, as `stats` prints it."""

    by: str
    """`type`, `name` or `place`: what the tasks of the group have in common."""
    type: str | None
    name: str | None
    """With # for each number."""
    place: str | None
    runs: int
    succeeded: int
    failed: int
    """What failed in part only as well."""
    cancelled: int
    unfinished: int
    success_percent: float | None
    """Of those that succeeded or failed; rounded down to a tenth."""
    waited_p50_ms: int | None
    waited_p95_ms: int | None
    ran_p50_ms: int | None
    ran_p95_ms: int | None
    trend_percent: int | None
    """By how much longer the last third of the successes ran than the first third, by their medians."""
    trend_first_ms: int | None
    trend_last_ms: int | None
    last: str | None
    """When one of them was last heard of."""


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop stats` was given."""

    filter: tuple[str, ...] = ()
    """`by` and what it is grouped by, and the words of a filter."""
    profile: tuple[str, ...] | None = None
    all: bool = False
    since: Millis | None = None
    limit: int = LISTED_GROUPS
    """How many groups are listed; 0: all."""
    output: OutputOptions = LIST_OUTPUT


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop stats`."""
    parser = Parser(
        prog="graphtop stats",
        description=_ABOUT,
        examples=_EXAMPLES,
        notes=_NOTES,
        epilog=describe_exit_codes(
            LOCAL_MEANINGS
            | {
                FAILED: "the history can't be read, the output can't be written, or internal error",
                USAGE: "wrong usage, or a profile that doesn't exist",
            }
        ),
    )
    parser.add_argument(
        "filter",
        nargs="*",
        metavar="FILTER",
        help="first `by type` (default), `by name` or `by place`, then terms that a task must all match",
    )
    add_history_flags(parser)
    parser.add_argument(
        "--limit",
        type=parse_count,
        default=LISTED_GROUPS,
        metavar="N",
        help=f"show at most the N groups with the most tasks (default {LISTED_GROUPS}, 0 for all)",
    )
    add_output_flags(parser, "stats")
    return parser


def run(options: Options) -> int:
    """Show statistics; returns the exit code."""
    by, words = _read_grouping(options.filter)
    wanted = parse_filter(words)
    return run_with_history(lambda reader: _show_statistics(reader, by, wanted, options))


def _read_grouping(words: Sequence[str]) -> tuple[Grouping, Sequence[str]]:
    """Read `by name` in front of a filter. Raises UsageError."""
    if not words or words[0] != "by":
        return "type", words
    named = words[1] if len(words) > 1 else ""
    if named not in GROUPINGS:
        raise UsageError(f"Write by {', by '.join(GROUPINGS[:-1])} or by {GROUPINGS[-1]}.", shows_usage=True)
    return named, words[2:]


def _show_statistics(reader: HistoryReader, by: Grouping, wanted: Filter, options: Options) -> int:
    places = choose_places(reader, options.profile, all=options.all)
    with report_slow_filter():
        groups = read_statistics(reader, by, wanted, Clock().now(), places=places, since=options.since)
    shown = groups[: options.limit or None]
    printer = Printer(_make_layout(by, _FIGURES), options.output)
    if printer.format in ("table", "wide"):
        printer.layout = _make_layout(by, _list_short_figures(ascii=printer.style.ascii), _MORE)
    for group in shown:
        printer.print_record(make_statistics_record(group, by))
    printer.finish()
    if len(shown) < len(groups):
        report_error(describe_limit("largest", len(shown), len(groups)))
    elif not groups:
        report_error(
            "No task in the history matches." if reader.count_tasks() else "No task has been seen yet."
        )
    return OK


def make_statistics_record(group: GroupStatistics, by: Grouping) -> StatisticsRecord:
    """Return the record of a group."""
    runs, trend = group.runs, group.runs.trend
    return StatisticsRecord(
        by=by,
        type=group.type,
        name=group.pattern,
        place=group.place.name if group.place else None,
        runs=runs.runs,
        succeeded=runs.succeeded,
        failed=runs.failed,
        cancelled=runs.cancelled,
        unfinished=runs.runs - runs.succeeded - runs.failed - runs.cancelled,
        success_percent=find_success_percent(runs.succeeded, runs.failed),
        waited_p50_ms=runs.waited_p50,
        waited_p95_ms=runs.waited_p95,
        ran_p50_ms=runs.ran_p50,
        ran_p95_ms=runs.ran_p95,
        trend_percent=trend.percent if trend else None,
        trend_first_ms=trend.first if trend else None,
        trend_last_ms=trend.last if trend else None,
        last=format_iso_millis(runs.last),
    )


def _show_count(
    head: str, find: Callable[[StatisticsRecord], int], colour: str = ""
) -> Column[StatisticsRecord]:
    return Column(
        head,
        lambda record: text.format_count(find(record)),
        plain=find,
        right=True,
        style=lambda record: colour if find(record) else "",
    )


def _show_length(head: str, find: Callable[[StatisticsRecord], int | None]) -> Column[StatisticsRecord]:
    return Column(head, lambda record: text.format_exact_duration(find(record)), plain=find, right=True)


def _format_trend(record: StatisticsRecord) -> str:
    percent = record.trend_percent
    if percent is None:
        return text.NO_VALUE
    return f"{percent:+d} %" if percent else "0 %"


_COUNTS: tuple[Column[StatisticsRecord], ...] = (
    _show_count("RUNS", lambda record: record.runs),
    _show_count("OK", lambda record: record.succeeded),
    _show_count("FAILED", lambda record: record.failed, "31"),
)
_CANCELLED = _show_count("CANCELLED", lambda record: record.cancelled)
_SUCCESS: Column[StatisticsRecord] = Column(
    "SUCCESS",
    lambda record: format_success_rate(record.succeeded, record.failed) or text.NO_VALUE,
    plain=lambda record: record.success_percent,
    right=True,
)
_TREND: Column[StatisticsRecord] = Column(
    "TREND", _format_trend, plain=lambda record: record.trend_percent, right=True
)
_FIGURES: tuple[Column[StatisticsRecord], ...] = (
    *(*_COUNTS, _CANCELLED, _SUCCESS),
    _show_length("WAIT P50", lambda record: record.waited_p50_ms),
    _show_length("WAIT P95", lambda record: record.waited_p95_ms),
    _show_length("RUN P50", lambda record: record.ran_p50_ms),
    _show_length("RUN P95", lambda record: record.ran_p95_ms),
    _TREND,
)
"""One value a column, for other programs."""
_MORE: tuple[Column[StatisticsRecord], ...] = (
    _CANCELLED,
    _show_count("UNFINISHED", lambda record: record.unfinished),
    Column("LAST", lambda record: record.last or text.NO_VALUE),
)


def _list_short_figures(*, ascii: bool) -> tuple[Column[StatisticsRecord], ...]:
    """The same for a person, in less room."""
    dash = "-" if ascii else "–"

    def show_both(low: Millis | None, high: Millis | None) -> str:
        if low is None:
            return dash
        first, last = text.format_exact_duration(low), text.format_exact_duration(high)
        return first if first == last else f"{first}{dash}{last}"

    waits: Column[StatisticsRecord] = Column(
        f"WAIT P50{dash}P95",
        lambda one: show_both(one.waited_p50_ms, one.waited_p95_ms),
        right=True,
        drop_rank=2,
    )
    runs: Column[StatisticsRecord] = Column(
        f"RUN P50{dash}P95", lambda one: show_both(one.ran_p50_ms, one.ran_p95_ms), right=True
    )
    return (*_COUNTS, _SUCCESS, waits, runs, _TREND)


_TYPE: Column[StatisticsRecord] = Column(
    "TYPE", lambda record: text.sanitize_label(record.type or "") or text.NO_VALUE, plain=lambda one: one.type
)
_NAME: Column[StatisticsRecord] = Column(
    "NAME",
    lambda record: text.sanitize_label(shorten_name(record.type or "", record.name or "")) or text.NO_VALUE,
    plain=lambda record: record.name,
    takes_rest=True,
)
_PLACE: Column[StatisticsRecord] = Column(
    "PLACE", lambda record: text.sanitize_label(record.place or ""), plain=lambda record: record.place
)
_FIRST_COLUMNS: dict[Grouping, Column[StatisticsRecord]] = {
    "type": _TYPE,
    "name": replace(_TYPE, drop_rank=1),
    "place": _PLACE,
}


def _make_layout(
    by: Grouping,
    figures: tuple[Column[StatisticsRecord], ...],
    more: tuple[Column[StatisticsRecord], ...] = (),
) -> Layout[StatisticsRecord]:
    """What the tasks of a group have in common stands first; a name, which is cut, last."""
    columns = (_FIRST_COLUMNS[by], *figures, *([_NAME] if by == "name" else []))
    return Layout(
        columns=columns,
        more=more,
        id=lambda record: getattr(record, by) or "",
        is_id=is_place_name if by == "place" else _is_safe_word,
    )


def _is_safe_word(word: str) -> bool:
    return _SAFE_WORD.fullmatch(word) is not None

"""`graphtop ls`: lists the tasks that pass a filter, the newest first."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.backend import Batch
from backend_adapters.model import Task, TaskId
from tui.cli.arguments import build_command_parser, describe_limit, parse_count
from tui.cli.exit_codes import OK, PARTLY
from tui.cli.output.printed_ids import choose_ids
from tui.cli.output.printer import LIST_OUTPUT, OutputOptions, Printer, add_output_flags
from tui.cli.output.records import TaskRecord, task_layout
from tui.cli.output.standard_error import report_error
from tui.cli.output.standard_output import StandardOutput
from tui.cli.output.table import Layout
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.connect import find_saved_view
from tui.cli.work.reason_reader import READ_MOST, ReasonChoice, ReasonReader
from tui.cli.work.session import Session, run_on_places
from tui.cli.work.task_filter import FILTER_SECONDS, list_view_terms, parse_filter, report_slow_filter
from tui.fields import FILTER_EXAMPLES, SORTS, is_reversed
from tui.monitor.failure_headlines import describe_unread_reasons
from tui.monitor.filters import STATUS_GROUPS, Filter, compile_filter
from tui.monitor.id_order import natural_key
from tui.monitor.stuck import is_server_lost
from tui.monitor.unreadable import describe_unreadable
from tui.monitor.view import Order, Shape, View
from tui.text import sanitize_label

if TYPE_CHECKING:
    from tui.cli.work.session_set import SessionSet

LISTED_TASKS = 50
NOT_ALL_READ = "Not all tasks could be read."
_ABOUT = "List the tasks that pass a filter, newest first."
_EXAMPLES = (
    ("graphtop ls", "the newest 50"),
    ("graphtop ls status=failed 'age<1d'", "what failed since yesterday"),
    ("graphtop ls rebuild '!nightly' --limit 0", "all matching tasks"),
    ("graphtop ls status=active -o id", "only ids, for other commands"),
    ("graphtop ls -p prod -p dev status=failed", "of two; --all: every one"),
)
_FILTER_NOTES = f"""\
A filter is what / takes on the screen: a word in the name, type, id, status or reason, "two words",
!not, /regular expression/,
{", ".join(FILTER_EXAMPLES)};
a task must match them all. status=active, waiting and finished are groups. status=unreadable is
what the server can't read. slow, stuck and problem also find tasks with such a problem, as
`problems` tells of them. Quote what your shell interprets: 'age>1h' '!not'.
Regular expressions ignore case and follow the Python library regex. Unlike Python's re, it reads
[[:alpha:]] as a class and (?:rebuild){{e<=1}} as at most one wrong letter, and supports \\p{{Lu}}.
json, jsonl and csv have every field; tsv has the table's fields with exact values.
Tasks of several profiles are one list, whose ids `get`, `wait`, `cancel`, `delete`, `input` and
`result` take as they are: PROFILE:GRAPHSPACE/GRAPH/ID. Standard error tells of places that can't be
read."""

_UNFINISHED_WORDS = frozenset(status.value for status in STATUS_GROUPS["active"])
_STATUS_TERM = re.compile(r"(?:^|\s)status=([\w,]+)(?=\s|$)", re.IGNORECASE)


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop ls` was given."""

    filter: tuple[str, ...] = ()
    sort: str = "age"
    reverse: bool = False
    limit: int = LISTED_TASKS
    """How many are listed; 0: all."""
    reasons: ReasonChoice = "some"
    """Of how many failures the reasons are read."""
    output: OutputOptions = LIST_OUTPUT
    settings: SettingFlags = SettingFlags()
    given: frozenset[str] = frozenset()
    """The names of the flags that were given."""


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop ls`."""
    parser = build_command_parser(
        "ls",
        _ABOUT,
        examples=_EXAMPLES,
        notes=_FILTER_NOTES,
        codes={PARTLY: "tasks are missing from the list: a place, or some tasks or reasons, can't be read"},
        several=True,
        view="the places, the filter, the status tab and the order",
    )
    parser.add_argument(
        "filter", nargs="*", metavar="FILTER", help="words and terms that a task must all match"
    )
    parser.add_argument(
        "--sort",
        choices=sorted(SORTS),
        # So that it shows whether it was given: a view has an order, too.
        default=argparse.SUPPRESS,
        metavar="COLUMN",
        help=f"sort by {', '.join(sorted(SORTS))} (default age); times and numbers largest first",
    )
    parser.add_argument("--reverse", action="store_true", help="reverse the order")
    parser.add_argument(
        "--limit",
        type=parse_count,
        default=LISTED_TASKS,
        metavar="N",
        help=f"show at most N tasks (default {LISTED_TASKS}, 0 for all)",
    )
    parser.add_argument(
        "--reasons",
        choices=("all", "none"),
        default="some",
        metavar="WHICH",
        help=f"read why tasks failed: all or none (default those listed, up to {READ_MOST};"
        " -o tsv and id read none)",
    )
    add_output_flags(parser, "ls")
    return parser


def run(options: Options) -> int:
    """List tasks; returns the exit code."""
    view = find_saved_view(options.settings.view) if options.settings.view else None
    wanted = parse_filter([*(list_view_terms(view) if view else ()), *options.filter])
    if view is not None and "sort" not in options.given and view.sort in SORTS:
        turned = is_reversed(view.sort, descending=view.descending)
        options = replace(options, sort=view.sort, reverse=turned is not options.reverse)
    return run_on_places(
        options.settings,
        lambda session: _list_tasks(session, options, wanted),
        lambda places: _list_places(places, options, wanted),
    )


class PlaceRows(Struct, frozen=True, kw_only=True):
    """What one place has for the list."""

    session: Session
    reader: ReasonReader
    view: View
    is_whole: bool
    """All tasks of the place were read."""
    graphs: bool
    """Its tasks are of several graphs."""


async def _list_tasks(session: Session, options: Options, wanted: Filter) -> int:
    return await _print_lists([await _read_list(session, options, wanted)], options, wanted)


async def _list_places(places: SessionSet, options: Options, wanted: Filter) -> int:
    # Imported here, as below: only several places need it.
    from tui.cli.work.double_places import leave_out_doubles

    lists = await places.run_each(lambda session: _read_list(session, options, wanted))
    with report_slow_filter():
        for session, changes in leave_out_doubles(list(lists)).items():
            lists[session].view.follow_changes(changes)
    code = await _print_lists(list(lists.values()), options, wanted)
    if not places.codes and len(lists) > 1:
        report_error(_describe_unknown_place(list(lists.values()), wanted))
    return places.judge_list(code)


def _describe_unknown_place(lists: Sequence[PlaceRows], wanted: Filter) -> str:
    """Say that a word of the filter names none of the places, where all of their names are known."""
    if "=" not in wanted.text or not all(one.is_whole or one.session.place.graph for one in lists):
        return ""
    from tui.monitor.unknown_places import describe_unknown_place

    places = [(one.session.place, one.session.store) for one in lists]
    return sanitize_label(describe_unknown_place(wanted.text, places))


async def _read_list(session: Session, options: Options, wanted: Filter) -> PlaceRows:
    """Read the tasks of one place as far as the list needs them. Raises BackendError and UsageError."""
    info = await session.connect(then_read_all=True)
    rules: dict[TaskId, str] = {}
    wanted = compile_filter(wanted.text, FILTER_SECONDS, lambda task: rules.get(task.id, ""))
    column, shape = options.sort, _make_shape(options, wanted)
    newest_first = column in ("age", "created") and not options.reverse
    limit = options.limit or sys.maxsize
    view, reader = View(session.store, session.store.now), ReasonReader(session, options.reasons)
    with report_slow_filter():
        to_the_end = await session.read_all(
            lambda first: (
                not wanted.asks_problems
                and _is_enough(session, shape, limit, first, newest_first=newest_first)
            )
        )
        if (
            wanted.names_reasons
            or column == "reason"
            or (wanted.searches_reasons and options.reasons == "all")
        ):
            await reader.read_reasons(_list_candidates(session, wanted))
        if wanted.asks_problems:
            # Imported here: only the words for problems need the rules.
            from tui.cli.work.problem_finder import find_task_rules

            rules.update(await find_task_rules(session, options.reasons))
        await view.rebuild(shape)
    return PlaceRows(
        session=session,
        reader=reader,
        view=view,
        is_whole=to_the_end and not session.partial,
        graphs=info.capabilities.has_graphs,
    )


def _make_shape(options: Options, wanted: Filter) -> Shape:
    order = Order(options.sort, SORTS[options.sort].largest_first is not options.reverse)
    return Shape(order, wanted, is_one_list=True)


async def _print_lists(lists: Sequence[PlaceRows], options: Options, wanted: Filter) -> int:
    """Print the tasks of all places as one list; returns the exit code."""
    rows = _merge_rows(lists, options.limit or sys.maxsize)
    places = any(one.session.is_placed for one in lists)
    layout = choose_ids(_make_layout(lists), places=places, colons=options.settings.names_one)
    printer = Printer(layout, options.output)
    shows_reasons = printer.format not in ("tsv", "id")
    if shows_reasons:
        await asyncio.gather(*(one.reader.read_reasons(_rows_of(one, rows)) for one in lists))
        rows = [(one, one.session.store.tasks[task.id]) for one, task in rows]
    if printer.format in ("table", "wide") and any(task.reason for _, task in rows):
        printer.layout = _make_layout(lists, reasons=True)
    moments = {one.session: (one.session.store.now(), one.session.place) for one in lists}
    for one, task in rows:
        now, place = moments[one.session]
        printer.print_record(TaskRecord(task=task, now=now, end_unknown=is_server_lost(task), place=place))
    printer.finish()
    unread = 0
    for one in lists:
        shown = _rows_of(one, rows) if shows_reasons else []
        unread += len(_list_unread(one.session, one.view, shown, options, wanted))
        report_error(one.session.describe_in_place(describe_unreadable(one.session.list_unreadable())))
    report_error(_describe_unread_reasons(unread, options))
    _tell_more(len(rows), lists, options)
    is_short = any(one.session.partial for one in lists) or (wanted.names_reasons and bool(unread))
    return PARTLY if is_short else OK


def _rows_of(one: PlaceRows, rows: Sequence[tuple[PlaceRows, Task]]) -> list[Task]:
    return [task for of, task in rows if of is one]


def _merge_rows(lists: Sequence[PlaceRows], limit: int) -> list[tuple[PlaceRows, Task]]:
    """Return the first rows of all lists together, each with the list that it is of."""
    rows = [(one, one.view[row]) for one in lists for row in range(min(limit, len(one.view)))]
    if len(lists) < 2:
        return rows
    shape = lists[0].view.shape
    moments = {one.session: one.session.store.now() for one in lists}

    def key(row: tuple[PlaceRows, Task]) -> tuple[Any, tuple[int, str]]:
        one, task = row
        return shape.make_key(task, moments[one.session]), natural_key(task.id)

    rows.sort(key=key, reverse=shape.order.descending)
    return rows[:limit]


def _make_layout(lists: Sequence[PlaceRows], *, reasons: bool = False) -> Layout[TaskRecord]:
    return task_layout(
        ascii=StandardOutput().ascii,
        graphs=any(one.graphs for one in lists),
        reasons=reasons,
        places=any(one.session.is_placed for one in lists),
    )


def _list_candidates(session: Session, wanted: Filter) -> list[Task]:
    """Return the failed tasks of which only their reasons can tell whether they are to be listed."""
    now, tasks = session.store.now(), session.store.tasks
    unread = (tasks[task_id] for task_id in session.store.unread_reasons)
    return [task for task in unread if wanted.may_match(task, now)]


def _list_unread(
    session: Session, view: View, rows: list[Task], options: Options, wanted: Filter
) -> set[TaskId]:
    """Return the failed tasks whose reasons matter here and were not read."""
    unread = {task.id for task in rows if options.reasons != "none"} & session.store.unread_reasons
    if wanted.searches_reasons:
        candidates = _list_candidates(session, wanted)
        unread |= {task.id for task in candidates if wanted.names_reasons or view.position(task.id) is None}
    return unread


def _describe_unread_reasons(number: int, options: Options) -> str:
    """Say of how many tasks the reasons are not known, and what reads them; empty for none."""
    if not number:
        return ""
    words = describe_unread_reasons(number)
    hint = "" if options.reasons == "all" else " Use --reasons all to read them."
    return f"{words[0].upper()}{words[1:]}.{hint}"


def _tell_more(shown: int, lists: Sequence[PlaceRows], options: Options) -> None:
    """Print on standard error what is not shown, or why nothing is."""
    partial = [one.session for one in lists if one.session.partial]
    for session in partial:
        report_error(f"{session.where}: {NOT_ALL_READ} {session.partial}")
    found, whole_list = sum(len(one.view) for one in lists), all(one.is_whole for one in lists)
    if found > shown or not whole_list:
        if options.limit and shown == options.limit:
            report_error(describe_limit(_name_first_rows(options), shown, found if whole_list else None))
    elif lists and not shown and not partial:
        where = lists[0].session.where if len(lists) == 1 else f"{len(lists)} places"
        report_error(f"{where}: {_describe_empty_list(sum(len(one.session.store) for one in lists))}")


def _name_first_rows(options: Options) -> str:
    """Which tasks are listed where not all are: `newest`, `oldest`, or `first` in another order."""
    if options.sort not in ("age", "created"):
        return "first"
    return "oldest" if options.reverse else "newest"


def _describe_empty_list(hidden: int) -> str:
    """Say why no task is listed: the filter hides `hidden` tasks, or there are none."""
    if not hidden:
        return "No tasks, or none this user is allowed to see."
    return (
        "No matches (1 task filtered out)." if hidden == 1 else f"No matches ({hidden:,} tasks filtered out)."
    )


def _is_enough(session: Session, shape: Shape, limit: int, first: Batch, *, newest_first: bool) -> bool:
    """Return whether everything to be shown has been read already.

    Where the first batch holds the unfinished, none of these comes after it. Where it holds the newest,
    nothing after it can be newer than the oldest finished task in it.
    """
    if first.has_unfinished and _only_unfinished(shape.filter):
        return True
    if shape.filter.names_reasons:
        # Only the reasons of all tell which are to be shown.
        return False
    if not newest_first or not first.has_newest:
        return False
    finished = [task for task in session.store.tasks.values() if task.status.is_finished]
    if any(task.created is None for task in finished) or not finished:
        return False
    return _count_newer(session, shape, min(task.created or 0 for task in finished)) >= limit


def _count_newer(session: Session, shape: Shape, oldest: int) -> int:
    """Return how many of the tasks to be shown were created at `oldest` or later."""
    now = session.store.now()

    def counts(task: Task) -> bool:
        return (task.created or 0) >= oldest and shape.shows_task(task, now)

    return sum(map(counts, session.store.tasks.values()))


def _only_unfinished(wanted: Filter) -> bool:
    """Return whether a filter asks for unfinished tasks only, such as `status=running,queued`."""
    terms = _STATUS_TERM.findall(wanted.text)
    plain = '"' not in wanted.text and "/" not in wanted.text
    words = _UNFINISHED_WORDS | {"active", "waiting"}
    return plain and any(set(term.lower().split(",")) <= words for term in terms)

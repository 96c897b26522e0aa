"""`graphtop history`: lists what was seen of tasks, also of those that no server has any more."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct

from backend_adapters.model import Millis
from tui import text
from tui.cli.argument_parser import Parser
from tui.cli.arguments import OR_WHOLE, describe_limit, parse_count
from tui.cli.errors import UsageError
from tui.cli.exit_codes import FAILED, LOCAL_MEANINGS, NOT_FOUND, OK, PARTLY, USAGE, describe_exit_codes
from tui.cli.output.history_records import (
    detail_layout,
    history_layout,
    make_history_detail,
    make_history_record,
)
from tui.cli.output.printer import LIST_OUTPUT, OutputOptions, Printer, add_output_flags
from tui.cli.output.standard_error import report_error
from tui.cli.output.standard_output import StandardOutput
from tui.cli.output.trace import TraceWriter
from tui.cli.work.history_file import add_history_flags, choose_places, read_placed_id, run_with_history
from tui.cli.work.task_filter import parse_filter, report_slow_filter
from tui.monitor.clock import Clock
from tui.monitor.filters import Filter
from tui.monitor.history.actions import JournalIndex, find_recorded_actions
from tui.monitor.history.path import find_history_path
from tui.monitor.history.reader import HistoryReader, TaskHistory
from tui.monitor.history.records import HistoryPlace
from tui.monitor.journal.file import default_journal_path

LISTED_TASKS_OF_HISTORY = 50
EXPORTS = ("trace", "csv", "jsonl")
_ABOUT = "List the tasks that graphtop has seen, those that changed last first."
_EXAMPLES = (
    ("graphtop history", "the last 50, of all places"),
    ("graphtop history -p prod status=failed 'age<7d'", "what failed in a week"),
    ("graphtop history --id prod:DEFAULT/hugegraph/42", "what happened to a task"),
    ("graphtop history --export trace > trace.json", "a chart for ui.perfetto.dev"),
)
_NOTES = """\
graphtop keeps what it sees of tasks while it watches them: in a file on this machine, so that it is
known after the server has deleted them, and while the server is down. No server is asked. A filter is
the same as for `graphtop ls`.
SINCE says of a task that it is gone from the server, or since when nobody looked at one that had not
ended. --id shows every change with the server's time and the time at which it was seen, the actions
sent from this machine, and when nobody watched. A plain id shows the tasks of all places that had it.
--export writes all matching tasks: trace is JSON for Perfetto and chrome://tracing, jsonl has the
changes of each task."""


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop history` was given."""

    filter: tuple[str, ...] = ()
    id: tuple[str, ...] | None = None
    """Tasks of which all is shown."""
    profile: tuple[str, ...] | None = None
    all: bool = False
    since: Millis | None = None
    limit: int | None = None
    """How many are listed; 0: all. None: 50, or all that are exported."""
    export: str | None = None
    path: bool = False
    """Whether only the path of the history is printed."""
    output: OutputOptions = LIST_OUTPUT


class Selection(Struct, frozen=True, kw_only=True):
    """Which tasks of the history are shown."""

    reader: HistoryReader
    wanted: Filter
    places: Sequence[HistoryPlace] | None
    since: Millis | None
    now: Millis

    @property
    def known_places(self) -> Sequence[HistoryPlace]:
        """The places whose tasks are shown."""
        return self.reader.list_places() if self.places is None else self.places

    @property
    def has_graphs(self) -> bool:
        """Whether a place among them has tasks of several graphs."""
        return any(not place.graph for place in self.known_places)


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop history`."""
    parser = Parser(
        prog="graphtop history",
        description=_ABOUT,
        examples=_EXAMPLES,
        notes=_NOTES,
        epilog=describe_exit_codes(
            LOCAL_MEANINGS
            | {
                FAILED: "the history can't be read, the output can't be written, or internal error",
                USAGE: "wrong usage, or a profile that doesn't exist",
                NOT_FOUND: "no task with this id was ever seen",
                PARTLY: "some of several ids were never seen",
            }
        ),
    )
    parser.add_argument(
        "filter", nargs="*", metavar="FILTER", help="words and terms that a task must all match"
    )
    parser.add_argument(
        "--id",
        action="append",
        metavar="ID",
        help=f"show all that is known of this task: its id, {OR_WHOLE}; can be repeated",
    )
    add_history_flags(parser)
    parser.add_argument(
        "--limit",
        type=parse_count,
        metavar="N",
        help=f"show at most N tasks (default {LISTED_TASKS_OF_HISTORY}, 0 for all)",
    )
    parser.add_argument(
        "--export",
        choices=EXPORTS,
        metavar="FORMAT",
        help=f"write all matching tasks to standard output: {', '.join(EXPORTS)}",
    )
    parser.add_argument("--path", action="store_true", help="only print the path of the history")
    add_output_flags(parser, "history")
    return parser


def run(options: Options) -> int:
    """Show the history; returns the exit code."""
    if options.path:
        StandardOutput().write(f"{find_history_path(os.environ)}\n")
        return OK
    _check_options(options)
    wanted = parse_filter(options.filter)
    return run_with_history(lambda reader: _show_history(reader, wanted, options))


def _check_options(options: Options) -> None:
    if options.id is not None and options.filter:
        raise UsageError(f'--id names the tasks, so the filter "{" ".join(options.filter)}" has no effect.')
    if options.export is None:
        return
    if options.id is not None:
        raise UsageError("--export writes the tasks of a filter. Use -o json with --id.")
    if options.output.format is not None:
        raise UsageError(f"--export {options.export} and -o {options.output.format}: use only one.")


def _show_history(reader: HistoryReader, wanted: Filter, options: Options) -> int:
    chosen = Selection(
        reader=reader,
        wanted=wanted,
        places=choose_places(reader, options.profile, all=options.all),
        since=options.since,
        now=Clock().now(),
    )
    if options.id is not None:
        return _show_tasks(chosen, options.id, options.output)
    with report_slow_filter():
        if options.export == "trace":
            return _export_trace(chosen, options.limit)
        if options.export == "jsonl":
            return _export_details(chosen, options.limit)
        return _list_tasks(chosen, options)


def _list_tasks(chosen: Selection, options: Options) -> int:
    usual = 0 if options.export else LISTED_TASKS_OF_HISTORY
    limit = usual if options.limit is None else options.limit
    output = OutputOptions(format="csv") if options.export else options.output
    ascii = StandardOutput().ascii
    printer = Printer(history_layout(chosen.now, ascii=ascii, graphs=chosen.has_graphs), output)
    reader, shown, has_more = chosen.reader, 0, False
    reasons = states = False
    found = reader.list_tasks(chosen.wanted, chosen.now, places=chosen.places, since=chosen.since)
    for task in found:
        if limit and shown == limit:
            has_more = True
            break
        watched_until = reader.find_watched_until(task.place)
        record = make_history_record(task, reader.restorer, chosen.now, watched_until)
        printer.print_record(record)
        reasons, states = reasons or bool(task.headline), states or record.has_state
        shown += 1
    if printer.format in ("table", "wide"):
        printer.layout = history_layout(
            chosen.now,
            ascii=ascii,
            graphs=chosen.has_graphs,
            reasons=reasons,
            states=states,
            plain=len(chosen.known_places) == 1,
        )
    printer.finish()
    if has_more:
        report_error(describe_limit("last", shown))
    elif not shown:
        _tell_nothing_found(chosen)
    return OK


def _tell_nothing_found(chosen: Selection) -> None:
    hides = chosen.wanted or chosen.since is not None or chosen.places is not None
    report_error("No task in the history matches." if hides else "No task has been seen yet.")


def _list_histories(chosen: Selection, limit: int | None) -> Iterator[TaskHistory]:
    """The tasks to export, as they began; with a limit those of them that changed last."""
    found = chosen.reader.list_histories(
        chosen.wanted, chosen.now, places=chosen.places, since=chosen.since, oldest_first=not limit
    )
    if not limit:
        return found
    return iter(sorted(islice(found, limit), key=lambda one: one.task.began))


def _export_trace(chosen: Selection, limit: int | None) -> int:
    journal = JournalIndex(default_journal_path(os.environ))
    out, trace = StandardOutput(), TraceWriter(chosen.now, chosen.reader.list_gaps)
    out.write(trace.start())
    for found in _list_histories(chosen, limit):
        out.write(trace.write_task(found, journal.find_actions(found)))
    out.write(trace.finish())
    out.flush()
    return OK


def _export_details(chosen: Selection, limit: int | None) -> int:
    layout = detail_layout(chosen.now, ascii=False, graphs=chosen.has_graphs)
    printer = Printer(layout, OutputOptions(format="jsonl"))
    journal = JournalIndex(default_journal_path(os.environ))
    for found in _list_histories(chosen, limit):
        actions = journal.find_actions(found)
        printer.print_record(make_history_detail(found, chosen.reader.restorer, chosen.now, actions))
    printer.finish()
    return OK


def _show_tasks(chosen: Selection, words: Sequence[str], output: OutputOptions) -> int:
    """Show all that is kept of tasks; returns the exit code."""
    layout = detail_layout(chosen.now, ascii=StandardOutput().ascii, graphs=chosen.has_graphs)
    printer = Printer(layout, output)
    asked = [read_placed_id(chosen.reader, word, chosen.places) for word in dict.fromkeys(words)]
    missing, journal = 0, default_journal_path(os.environ)
    for word, (task_id, places) in zip(dict.fromkeys(words), asked, strict=True):
        histories = chosen.reader.read_histories(task_id, places)
        if not histories:
            missing += 1
            report_error(f"No task {text.sanitize_label(word)} has been seen.")
        for found in histories:
            actions = find_recorded_actions(journal, found)
            printer.print_record(make_history_detail(found, chosen.reader.restorer, chosen.now, actions))
    printer.finish()
    return OK if not missing else NOT_FOUND if missing == len(asked) else PARTLY

"""`graphtop purge`: deletes old tasks in batches, and stops when the server keeps refusing."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from backend_adapters.errors import Unsupported
from backend_adapters.model import FINISHED, Action, Millis, Task, TaskStatus, is_task_id
from tui import text
from tui.cli.arguments import build_command_parser, parse_age_limit
from tui.cli.exit_codes import FAILED, INTERRUPTED, NOT_CONFIRMED, OK, PARTLY, combine_codes
from tui.cli.output.printed_ids import choose_ids
from tui.cli.output.printer import OutputOptions, Printer, add_output_flags
from tui.cli.output.records import (
    REPORT_LAYOUT,
    TaskRecord,
    report_record,
    task_layout,
)
from tui.cli.output.standard_error import clear_progress, print_stderr, report_error, show_progress
from tui.cli.output.standard_output import StandardOutput
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.confirmation import (
    LISTED_MOST,
    ConfirmationOptions,
    add_confirmation_flags,
    check_allowed,
    confirm_action,
    count_tasks,
)
from tui.cli.work.session import Session, run_with_session, sort_by_id
from tui.cli.work.task_actions import exit_code_of_report
from tui.cli.work.task_filter import parse_filter, report_slow_filter
from tui.fields import format_iso_millis
from tui.monitor.filters import Filter, find_statuses
from tui.monitor.outcomes import Outcome, Report
from tui.monitor.unreadable import describe_unreadable
from tui.task_name import readable_name

BATCH_FIRST, BATCH_MOST = 8, 64
"""Tasks of a batch, which has to end well before the next, larger one begins."""
EARLIEST_TIME = 946_684_800_000
"""2000-01-01, before there was any of these servers, as epoch milliseconds."""
CLOCKS_APART = 60_000
"""Milliseconds that the clocks of two servers of one cluster may differ."""
REFUSALS_MOST = 5
"""Tasks that are not deleted, one after the other, after which it stops."""
END_STATUSES = tuple(status.value for status in TaskStatus if status in FINISHED)
_ABOUT = "Delete tasks that finished long ago."
_EXAMPLES = (
    ("graphtop purge --older-than 30d --status success --dry-run", ""),
    ("graphtop purge --older-than 30d --status success,cancelled --yes", ""),
    ("graphtop purge --older-than 7d --status success type=gremlin '!nightly'", ""),
)
_NOTES = """\
Shows how many there are, the oldest and the newest, and asks for confirmation; then deletes at most
4 at a time, checks that each is gone, and stops when the server refuses 5 in a row. Ctrl+C stops it
and prints what was done."""


_CODES = {
    FAILED: "the tasks changed first, you answered no, or internal error",
    NOT_CONFIRMED: "not confirmed in time",
    PARTLY: "some tasks were not deleted, or not all could be read",
}


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop purge` was given."""

    older_than: Millis
    status: frozenset[TaskStatus]
    filter: tuple[str, ...] = ()
    dry_run: bool = False
    confirmation: ConfirmationOptions = ConfirmationOptions()
    output: OutputOptions = OutputOptions()
    settings: SettingFlags = SettingFlags()


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop purge`."""
    parser = build_command_parser("purge", _ABOUT, examples=_EXAMPLES, notes=_NOTES, codes=_CODES)
    parser.add_argument(
        "filter",
        nargs="*",
        metavar="FILTER",
        help="delete only matching tasks; a filter as for `graphtop ls`",
    )
    parser.add_argument(
        "--older-than",
        type=parse_age_limit,
        required=True,
        metavar="TIME",
        help="finished at least this long ago, with a unit: 30d, 12h",
    )
    parser.add_argument(
        "--status",
        type=parse_statuses,
        required=True,
        metavar="STATUS",
        help=f"with one of these, separated by commas: {', '.join(END_STATUSES)}",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="only show what would be deleted; with -o, list it"
    )
    add_confirmation_flags(parser)
    add_output_flags(parser, "purge")
    return parser


def run(options: Options) -> int:
    """Delete old tasks; returns the exit code."""
    wanted = parse_filter(options.filter)
    return run_with_session(options.settings, lambda session: _purge_tasks(session, options, wanted))


def parse_statuses(words: str) -> frozenset[TaskStatus]:
    """Read `success,cancelled`. Raises ArgumentTypeError for a status that is not final."""
    for word in words.lower().split(","):
        if word not in END_STATUSES:
            raise argparse.ArgumentTypeError(f'"{word}" is not a final status; use {", ".join(END_STATUSES)}')
    return frozenset(status for word in words.lower().split(",") for status in find_statuses(word))


async def _purge_tasks(session: Session, options: Options, wanted: Filter) -> int:
    if not options.dry_run:
        check_allowed(session.settings, options.confirmation)
    info = await session.connect()
    if not info.capabilities.delete:
        raise Unsupported(info.capabilities.delete.reason)
    await session.read_all()
    now, clock_notes = choose_clock(session)
    found = find_matching_tasks(session, options.status, wanted, now)
    tasks = find_ended_before([task for task in found if is_task_id(task.id)], now - options.older_than)
    for line in (*clock_notes, *describe_matches(tasks, now), *describe_left_out_tasks(session, found)):
        print_stderr(line)
    code = PARTLY if session.partial else OK
    if options.dry_run:
        _list_tasks(session, tasks, options.output, now)
    if options.dry_run or not tasks:
        return code
    await confirm_action(
        session, Action.DELETE, tasks, options.confirmation, listed=len(tasks) <= LISTED_MOST
    )
    return await Purge(session, options.output).run(tasks) or code


def choose_clock(session: Session) -> tuple[Millis, list[str]]:
    """Return the time of the slower of both clocks, and a note if that is not the server's.

    The time of an answer may be a proxy's, and what is deleted too early is lost.
    """
    ahead = session.server_time.ahead
    if ahead <= 0:
        return session.store.now(), []
    far = text.format_exact_duration(round(ahead / 1000) * 1000)
    note = f"The server's clock is {far} ahead of this machine's. Ages here are by this machine's clock."
    return session.clock.now(), [note]


def find_matching_tasks(
    session: Session, words: frozenset[TaskStatus], wanted: Filter, now: Millis
) -> list[Task]:
    """Return the tasks with one of these statuses that pass the filter, of any age."""
    tasks = session.store.tasks.values()
    with report_slow_filter():
        return [task for task in tasks if task.status in words and wanted(task, now)]


def find_ended_before(tasks: Sequence[Task], before: Millis) -> list[Task]:
    """Return the tasks that ended before a moment, the oldest first."""
    ends = [(ended, task) for task in tasks if (ended := find_end(task)) is not None and ended < before]
    ends.sort(key=lambda pair: pair[0])
    return [task for _, task in ends]


def find_end(task: Task) -> Millis | None:
    """Return when a task ended, or was created if nothing else is known; None if its times can't be right.

    Servers have been seen to tell 0, seconds in place of milliseconds, and an end before the beginning.
    """
    times = [moment for moment in (task.created, task.updated) if moment is not None]
    if not times or min(times) < EARLIEST_TIME:
        return None
    if task.created is not None and task.updated is not None and task.updated < task.created - CLOCKS_APART:
        return None
    return times[-1]


def describe_matches(tasks: Sequence[Task], now: Millis) -> list[str]:
    """Return lines on what would be deleted: how many of each status, the oldest and the newest."""
    if not tasks:
        return ["Nothing to delete: no matching tasks."]
    counts = Counter(task.status for task in tasks)
    of = ", ".join(f"{number:,} {status.value}" for status, number in counts.most_common())
    return [
        f"{count_tasks(len(tasks))}: {of}",
        _describe_extreme("oldest", tasks[0], now),
        _describe_extreme("newest", tasks[-1], now),
    ]


def describe_left_out_tasks(session: Session, found: Sequence[Task]) -> list[str]:
    """Return a line for each reason why tasks are left out: unreadable, odd ids, impossible times."""
    lines = []
    if session.partial:
        lines.append(f"Not all tasks could be read; there may be more to delete. {session.partial}")
    if tasks := session.list_unreadable():
        lines.append(f"Skipped: {describe_unreadable(tasks)}")
    if odd := sort_by_id(task for task in found if not is_task_id(task.id)):
        lines.append(f"Skipped: {count_tasks(len(odd))} with an id that could be an option or a path.")
    if doubtful := sort_by_id(task for task in found if find_end(task) is None):
        lines.append(f"Skipped: {_describe_doubtful(doubtful)}")
    return lines


def _describe_doubtful(tasks: Sequence[Task]) -> str:
    """`1 task with impossible times: 7 (created 1970-01-01T00:00:00.000Z, updated never).`"""
    first = tasks[0]
    created, updated = (format_iso_millis(moment) or "never" for moment in (first.created, first.updated))
    named = text.join_some(
        [f"{first.id} (created {created}, updated {updated})", *(task.id for task in tasks[1:])]
    )
    return f"{count_tasks(len(tasks))} with impossible times: {named}."


def _describe_extreme(which: str, task: Task, now: Millis) -> str:
    ended = find_end(task)
    name = text.fit_cells(text.sanitize_label(readable_name(task)), 40, ascii=StandardOutput().ascii).rstrip()
    ago = text.format_age(ended, now)
    return f"  {which}: task {task.id}, finished {format_iso_millis(ended)} ({ago} ago)  {name}"


def _list_tasks(session: Session, tasks: Sequence[Task], output: OutputOptions, now: Millis) -> None:
    if output.format is None:
        return
    graphs = session.info is not None and session.info.capabilities.has_graphs
    printer = Printer(task_layout(ascii=StandardOutput().ascii, graphs=graphs), output)
    for task in tasks:
        printer.print_record(TaskRecord(task=task, now=now, place=session.place))
    printer.finish()


class Purge:
    """Deletes tasks in batches, and begins the next batch only if the last one went well."""

    def __init__(self, session: Session, output: OutputOptions) -> None:
        self._session = session
        self._printer = Printer(choose_ids(REPORT_LAYOUT, places=False), output)
        self._prints_all = output.format is not None
        self._outcomes: Counter[Outcome] = Counter()
        self._codes: list[int] = []
        self._in_a_row = 0
        self._total = 0

    async def run(self, tasks: Sequence[Task]) -> int:
        """Delete; returns the exit code, and says at the end what was done, however it ends."""
        self._total, at, size = len(tasks), 0, BATCH_FIRST
        try:
            while at < len(tasks) and not self._is_stopping:
                await self._session.carry_out(Action.DELETE, tasks[at : at + size], self._take_report)
                at, size = at + size, min(BATCH_MOST, 2 * size)
        finally:
            clear_progress()
            if self._prints_all:
                self._printer.finish()
            print_stderr(self._summarize(len(tasks)))
        if self._session.interrupted:
            return INTERRUPTED
        left = self._total - sum(self._outcomes.values())
        return PARTLY if left and OK in self._codes else combine_codes(self._codes)

    @property
    def _is_stopping(self) -> bool:
        return self._session.interrupted or self._in_a_row >= REFUSALS_MOST

    def _take_report(self, report: Report) -> None:
        self._outcomes[report.outcome] += 1
        if report.outcome is Outcome.NOT_SENT and self._is_stopping:
            return
        code = exit_code_of_report(report)
        # A task that changed meanwhile is no sign of a server that says no.
        mild = code == OK or report.outcome is Outcome.CHANGED
        self._in_a_row = 0 if mild else self._in_a_row + 1
        if self._in_a_row == REFUSALS_MOST:
            report_error(f"Stopping: the last {REFUSALS_MOST} tasks were not deleted.")
            self._session.operations.stop_sending()
        self._codes.append(code)
        if self._prints_all or code != OK:
            self._printer.print_record(report_record(report, self._session.place))
        done = sum(self._outcomes.values())
        show_progress(f"{_draw_bar(done, self._total)} {done:,} of {self._total:,}")

    def _summarize(self, total: int) -> str:
        """Return what was done: `Deleted 500 tasks.`, `Deleted 480 of 500 tasks · 20 not sent`."""
        by_others = self._outcomes[Outcome.GONE] + self._outcomes[Outcome.GONE_MEANWHILE]
        deleted = self._outcomes[Outcome.DELETED] + by_others
        if deleted == total and not by_others:
            return f"Deleted {count_tasks(total)}."
        rest = total - sum(self._outcomes.values()) + self._outcomes[Outcome.NOT_SENT]
        others = [
            f"{number:,} {outcome.summary}"
            for outcome, number in self._outcomes.items()
            if not outcome.is_gone and outcome is not Outcome.NOT_SENT
        ]
        first = f"Deleted {deleted:,} of {count_tasks(total)}"
        first += f" ({by_others:,} perhaps by someone else)" if by_others else ""
        return " · ".join([first, *others, *([f"{rest:,} not sent"] if rest else [])])


def _draw_bar(done: int, total: int, width: int = 24) -> str:
    filled = width * done // max(1, total)
    return f"[{'#' * filled}{'.' * (width - filled)}]"

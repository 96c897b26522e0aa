"""`graphtop watch`: prints a line whenever a task changes, for a log or a pipe."""

from __future__ import annotations

import argparse
import asyncio
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.model import Millis, Task, change_task, is_different_task
from tui import text
from tui.cli.arguments import build_command_parser
from tui.cli.exit_codes import OK, PARTLY, combine_codes
from tui.cli.output.printed_ids import choose_ids
from tui.cli.output.printer import OutputOptions, Printer, add_output_flags
from tui.cli.output.records import (
    ChangeRecord,
    change_record,
    status_colour,
    status_words,
)
from tui.cli.output.standard_error import report_error
from tui.cli.output.table import Column, Layout, Style
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.connect import find_saved_view
from tui.cli.work.double_places import DoublesWatch
from tui.cli.work.kept_history import KeptHistory
from tui.cli.work.notify_flag import add_notify_flag, make_notifier
from tui.cli.work.reason_reader import ReasonReader
from tui.cli.work.session import Session, run_on_places
from tui.cli.work.session_set import SessionSet
from tui.cli.work.task_filter import list_view_terms, parse_filter, passes_filter
from tui.cli.work.waiter import LOST_FOR
from tui.fields import name_task_id
from tui.monitor.filters import Filter
from tui.monitor.health import Health, Phase
from tui.monitor.poller import Poller
from tui.monitor.store import Change
from tui.monitor.unreadable import describe_unreadable, is_unreadable
from tui.task_name import readable_name

if TYPE_CHECKING:
    from tui.cli.work.notifier import Notifier

PIPE_CHECK_SECONDS = 1.0
"""Seconds between two looks whether anybody still reads the output."""
WAITING_MOST = 50
"""With more lines than this waiting for a reason they are printed without one."""
NAME_BEFORE_REASON = 40
"""Cells of a name that stands before a reason."""
NAME_LEAST = 16
"""Cells that are left for a name and a reason, or the type is left out."""
_ABOUT = "Print a line whenever a task appears, changes its status or goes away, until Ctrl+C."
_EXAMPLES = (
    ("graphtop watch", "everything"),
    ("graphtop watch status=failed -o jsonl", "failures, as they come"),
    ("graphtop watch type=gremlin >> tasks.log", "each line is written at once"),
    ("graphtop watch --all", "in every profile"),
)
_NOTES = """\
Starts with the tasks that are unfinished now. If the server can't be reached, a message on standard
error says so, and graphtop keeps trying."""


def format_change_line(record: ChangeRecord, style: Style) -> str:
    """Return the line for a change."""
    gone = record.event == "gone"
    status = "gone" if gone else status_words(record.task.status, style, record.task.raw_status)
    took = f" after {text.format_exact_duration(record.took)}" if record.took is not None else ""
    why = record.task.decode_error or record.task.reason or ""
    fault = f" ({text.sanitize(why)})" if why else ""
    head = f"{record.time} {text.sanitize(name_task_id(record.task))} "
    middle, kind = f"{took}  ", f"{text.sanitize(record.task.type)}  "
    # A narrow line has no room for the type, as in `ls`.
    if text.cell_width(head + status + middle + kind) + NAME_LEAST <= style.width:
        middle += kind
    name = text.sanitize(readable_name(record.task))[:200]
    if record.task.reason and text.cell_width(name) > NAME_BEFORE_REASON:
        name = text.fit_cells(name, NAME_BEFORE_REASON, ascii=style.ascii).rstrip()
    name = style.fit_rest(head + status + middle, name + fault)
    return f"{head}{style.paint(status, '2' if gone else status_colour(record.task.status))}{middle}{name}"


def describe_in_notice(record: ChangeRecord) -> str:
    """Return a change in one line for a notice: its line without the time."""
    return format_change_line(record, Style()).removeprefix(f"{record.time} ")


class NotifyingPrinter(Printer[ChangeRecord]):
    """Prints changes, and tells a person of those that came after the first tasks."""

    def __init__(self, layout: Layout[ChangeRecord], options: OutputOptions, notifier: Notifier) -> None:
        super().__init__(layout, options)
        self._notifier = notifier

    def print_record(self, record: ChangeRecord) -> None:
        """Print a change, and tell of it."""
        super().print_record(record)
        if record.event != "seen":
            self._notifier.tell_soon(describe_in_notice(record))


CHANGE_LAYOUT = Layout[ChangeRecord](
    columns=(
        Column("TIME", lambda record: record.time),
        Column("ID", lambda record: name_task_id(record.task)),
        Column("EVENT", lambda record: record.event),
        Column("BEFORE", lambda record: record.before or "", plain=lambda record: record.before),
        Column("STATUS", lambda record: record.task.status.value),
        Column("TYPE", lambda record: record.task.type),
        Column("NAME", lambda record: record.task.name),
        Column("TOOK", lambda record: "", plain=lambda record: record.took),
    ),
    id=lambda record: name_task_id(record.task),
    line=format_change_line,
)


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop watch` was given."""

    filter: tuple[str, ...] = ()
    progress: bool = False
    """Whether a change of the progress alone is printed, too."""
    with_notices: bool = False
    """Whether a person is told of each change."""
    output: OutputOptions = OutputOptions()
    settings: SettingFlags = SettingFlags()


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop watch`."""
    # It ends by an error or a signal only.
    parser = build_command_parser(
        "watch",
        _ABOUT,
        examples=_EXAMPLES,
        notes=_NOTES,
        codes={OK: "", PARTLY: "several places ended with different codes"},
        several=True,
        view="the places, the filter and the status tab",
    )
    parser.add_argument("filter", nargs="*", metavar="FILTER", help="a filter as for `graphtop ls`")
    parser.add_argument(
        "--progress", action="store_true", help="also print a line for progress and other changes"
    )
    add_notify_flag(parser, "notify of each line after the first ones, of several at once together")
    add_output_flags(parser, "watch")
    return parser


def run(options: Options) -> int:
    """Watch until interrupted; returns the exit code."""
    view = find_saved_view(options.settings.view) if options.settings.view else None
    wanted = parse_filter([*(list_view_terms(view) if view else ()), *options.filter])
    history = KeptHistory()
    try:
        return run_on_places(
            options.settings,
            lambda session: _watch_tasks(session, options, wanted, history),
            lambda places: _watch_places(places, options, wanted, history),
        )
    finally:
        history.close()


async def _watch_places(places: SessionSet, options: Options, wanted: Filter, history: KeptHistory) -> int:
    """Watch all places until interrupted, or until each has ended by an error; returns the exit code."""
    printer = _make_printer(choose_ids(CHANGE_LAYOUT, places=True), options, places.sessions)
    doubles = DoublesWatch(places)
    await doubles.connect_unknown()
    doubles.note_lists()
    await places.run_each(
        lambda session: _watch_place(session, printer, options, wanted, history, doubles=doubles),
        at_once=len(places.sessions),
    )
    return combine_codes(places.codes)


async def _watch_tasks(
    session: Session, options: Options, wanted: Filter, history: KeptHistory | None = None
) -> int:
    layout = choose_ids(CHANGE_LAYOUT, places=False, colons=options.settings.names_one)
    printer = _make_printer(layout, options, [session])
    return await _watch_place(session, printer, options, wanted, history)


def _make_printer(
    layout: Layout[ChangeRecord], options: Options, sessions: Sequence[Session]
) -> Printer[ChangeRecord]:
    """Return what prints the changes, and tells a person of them where that is wanted."""
    if not (options.with_notices and sessions):
        return Printer(layout, options.output)
    # The settings of notices are the same for all places.
    return NotifyingPrinter(layout, options.output, make_notifier(sessions[0].settings))


async def _watch_place(
    session: Session,
    printer: Printer[ChangeRecord],
    options: Options,
    wanted: Filter,
    history: KeptHistory | None,
    *,
    doubles: DoublesWatch | None = None,
) -> int:
    log = ChangeLog(session, printer, wanted, every=options.progress)
    recorder = None if history is None else history.open_recorder(session)

    def follow_changes(changes: list[Change]) -> None:
        if recorder is not None:
            recorder.note_changes(changes)
        log.on_changes(changes)

    def follow_health(health: Health) -> None:
        if doubles is not None and not log.is_connected:
            doubles.note_lists()
        if recorder is not None:
            recorder.note_health(health)
        log.on_health(health)

    if doubles is not None:
        session.find_double_test = lambda: doubles.find_test(session, recorder)

    poller = Poller(
        session.backend,
        session.store,
        clock=session.clock,
        interval=session.settings.interval.value,
        on_changes=follow_changes,
        on_health=follow_health,
        visible=lambda: (),
    )
    polling, writing = asyncio.create_task(poller.run()), asyncio.create_task(log.write_waiting())
    try:
        await log.wait_for_end(polling, writing)
    finally:
        polling.cancel()
        writing.cancel()
        await asyncio.gather(polling, writing, return_exceptions=True)
        if recorder is not None:
            recorder.close()
    raise AssertionError("it ends by an error or a signal only")


class ChangeLog:
    """Writes the changes of tasks, and notes when the connection is lost or comes back."""

    def __init__(
        self, session: Session, printer: Printer[ChangeRecord], wanted: Filter, *, every: bool
    ) -> None:
        self._session = session
        self._printer = printer
        self._wanted = wanted
        self._every = every
        self._health = Health()
        self._horizon: Millis | None = None
        """When the newest of the first tasks was created: those that the first scan brings are older."""
        self._first: list[Change] = []
        """The first tasks, until all of them have come."""
        self._began = session.clock.now()
        self._refused_since = 0.0
        """When the server began to refuse what it had answered before, on the monotonic clock."""
        self._reader = ReasonReader(session, "all")
        self._waiting: deque[ChangeRecord] = deque()
        """The records that wait for the reason of the first of them."""
        self._has_waiting = asyncio.Event()
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def _began_by_server(self) -> Millis:
        """The time of the start by the server's clock: used where the first tasks may not be the newest."""
        return self._began + self._session.server_time.ahead

    @property
    def is_connected(self) -> bool:
        """Whether the server has told what it is."""
        return self._health.info is not None

    async def wait_for_end(self, *works: asyncio.Task[None]) -> None:
        """Wait until something ends the watch, and raise it: BackendError, BrokenPipeError or OutputError."""
        while True:
            done, _ = await asyncio.wait(
                (self._over, *works), timeout=PIPE_CHECK_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            for one in done:
                one.result()
            if self._printer.out.is_abandoned():
                raise BrokenPipeError

    def on_changes(self, changes: list[Change]) -> None:
        """Write the changes that are new; collect the first tasks until all of them have come."""
        if self._horizon is not None:
            self._write_changes(changes, first=False)
            return
        self._first += changes
        if self._health.begun:
            self._write_first()

    def _write_first(self) -> None:
        """Write which of the first tasks are unfinished, once all of them have come."""
        tasks = [change.new for change in self._first if change.new is not None]
        newest = max((task.created or 0 for task in tasks), default=0)
        # Of tasks that can't be read nobody knows when they were created.
        self._horizon = self._began_by_server if tasks and all(map(is_unreadable, tasks)) else newest
        self._write_changes(self._first, first=True)
        self._first = []

    def _write_changes(self, changes: list[Change], *, first: bool) -> None:
        now = self._session.store.now()
        for change in changes:
            for part in _split_by_task(change):
                record = self._find_record(part, now, first=first)
                if record is not None:
                    self._waiting.append(record)
        self._write_known()

    def _write_known(self) -> None:
        """Write the records up to the first one that waits for the reason of a failure."""
        while self._waiting and not self._needs_reason(self._waiting[0]):
            record = self._waiting.popleft()
            if passes_filter(self._wanted, record.task, record.now):
                self._printer.print_record(record)
        if self._waiting:
            self._has_waiting.set()

    def _needs_reason(self, record: ChangeRecord) -> bool:
        task = record.task
        if not task.lacks_reason or record.event == "gone":
            return False
        is_shown = self._printer.format not in ("tsv", "id") or self._wanted.searches_reasons
        return is_shown and len(self._waiting) <= WAITING_MOST

    async def write_waiting(self) -> None:
        """Read the reasons that lines wait for, and write these, until cancelled."""
        while True:
            await self._has_waiting.wait()
            self._has_waiting.clear()
            while self._waiting:
                record = self._waiting[0]
                if self._needs_reason(record):
                    reason = await self._reader.read_reason(record.task) or ""
                    if self._waiting and self._waiting[0] is record:
                        self._waiting[0] = replace(record, task=change_task(record.task, reason=reason))
                self._write_known()

    def _find_record(self, change: Change, now: Millis, *, first: bool) -> ChangeRecord | None:
        task, old = change.new or change.old, change.old
        if task is None or not self._may_pass(task, now):
            return None
        if change.new is None:
            return self._make_record(task, now, event="gone", before=old)
        if old is None:
            return self._find_new_record(task, now, first=first)
        if old.status is task.status and not self._every:
            return None
        return self._make_record(task, now, event="changed", before=old)

    def _may_pass(self, task: Task, now: Millis) -> bool:
        """Whether a task passes the filter; a failed one may do so once its reason is known."""
        if task.lacks_reason and self._wanted.searches_reasons:
            return self._wanted.may_match(task, now)
        return passes_filter(self._wanted, task, now)

    def _find_new_record(self, task: Task, now: Millis, *, first: bool) -> ChangeRecord | None:
        """Return the record of a task that was not known; None for an old one that the scan brings."""
        horizon = (
            max(self._horizon or 0, self._began_by_server) if self._health.scattered else self._horizon or 0
        )
        created = task.created or 0
        # Once all are known others are new too: a job that waits tells no time, and GES tells whole seconds.
        known = self._health.is_complete and (
            self._health.scattered or task.created is None or created >= horizon
        )
        fresh = known or (not first and created > horizon)
        if not fresh and (task.status.is_finished or is_unreadable(task)):
            return None
        return self._make_record(task, now, event="new" if fresh else "seen", before=None)

    def _make_record(self, task: Task, now: Millis, *, event: str, before: Task | None) -> ChangeRecord:
        seen, place = self._session.clock.now(), self._session.place
        return change_record(task, now, time=seen, event=event, before=before, place=place)

    def on_health(self, health: Health) -> None:
        """Print a note when the connection is lost and when it is back."""
        before, self._health = self._health, health
        if health.begun and self._first:
            self._write_first()
        elif health.is_complete and self._horizon is None:
            # There was nothing at all: whatever comes now is new.
            self._horizon = 0
        if health.scanned and not before.scanned:
            words = describe_unreadable(self._session.list_unreadable())
            report_error(self._session.describe_in_place(words))
        if health.partial and health.partial != before.partial:
            report_error(f"{self._session.where}: Not all tasks could be read. {health.partial}")
        if health.phase is Phase.BLOCKED and health.error is not None:
            now = self._session.clock.monotonic()
            self._refused_since = self._refused_since if before.phase is Phase.BLOCKED else now
            if health.retry_at is None or now - self._refused_since > LOST_FOR:
                self._end_with(health.error)
                return
        if health.phase is before.phase:
            return
        if health.phase in (Phase.OFFLINE, Phase.BLOCKED) and health.error is not None:
            report_error(f"{self._session.describe_error(health.error)} Retrying.")
        elif health.phase is Phase.LIVE and before.phase in (Phase.OFFLINE, Phase.BLOCKED):
            report_error(f"{self._session.where}: Connected again.")

    def _end_with(self, error: Exception) -> None:
        if not self._over.done():
            self._over.set_exception(error)


def _split_by_task(change: Change) -> list[Change]:
    """Return the change; if another task has the id now, one change for the old task and one for the new."""
    old, new = change.old, change.new
    replaced = old is not None and new is not None and is_different_task(old, new)
    return [Change(old, None), Change(None, new)] if replaced else [change]

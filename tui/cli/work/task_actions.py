"""Cancels and deletes tasks: looks them up, asks, sends each action once, and follows it to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.errors import Unsupported
from backend_adapters.model import Action, Source, Task, TaskId
from tui.cli.arguments import read_ids
from tui.cli.errors import CommandError, UsageError
from tui.cli.exit_codes import (
    FAILED,
    INTERRUPTED,
    NOT_ALLOWED,
    NOT_CONFIRMED,
    NOT_FOUND,
    OK,
    UNREACHABLE,
    combine_codes,
)
from tui.cli.output.printed_ids import choose_ids
from tui.cli.output.printer import OutputOptions, Printer
from tui.cli.output.records import REPORT_LAYOUT, ReportRecord, absent_record, report_record, unread_record
from tui.cli.output.standard_error import clear_progress, report_error, show_progress
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.confirmation import (
    NOTHING_SENT,
    ConfirmationOptions,
    check_allowed,
    confirm_action,
    count_tasks,
)
from tui.cli.work.placed_ids import run_on_ids
from tui.cli.work.session import Session
from tui.cli.work.session_set import SessionSet
from tui.monitor.outcomes import Outcome, Report
from tui.monitor.reappearance import REAPPEAR_AFTER
from tui.monitor.unreadable import is_unreadable
from tui.text import join_some

QUIET_SECONDS = 2.0
"""Seconds after which a person is told what is waited for."""

_CODES = {
    Outcome.CANCELLED: OK,
    Outcome.DELETED: OK,
    Outcome.GONE: OK,
    Outcome.GONE_MEANWHILE: OK,
    Outcome.ALREADY_CANCELLED: OK,
    Outcome.FINISHED_FIRST: FAILED,
    Outcome.CHANGED: FAILED,
    Outcome.CAME_BACK: FAILED,
    Outcome.REFUSED: NOT_ALLOWED,
    Outcome.UNCONFIRMED: NOT_CONFIRMED,
    Outcome.NOT_SENT: UNREACHABLE,
}


def exit_code_of_report(report: Report) -> int:
    """Return the exit code of one report: 0 only if its outcome is good."""
    if report.outcome is Outcome.NOT_SENT and not report.in_journal:
        return FAILED
    return _CODES[report.outcome]


class ActionOptions(Struct, frozen=True, kw_only=True):
    """What `cancel` and `delete` were given."""

    ids: tuple[str, ...]
    """Ids, and `-` for those on standard input."""
    confirmation: ConfirmationOptions = ConfirmationOptions()
    output: OutputOptions = OutputOptions()
    settings: SettingFlags = SettingFlags()


def run_action(action: Action, options: ActionOptions) -> int:
    """Do what `cancel` and `delete` do; returns the exit code. Raises CommandError and ConfigError."""
    return run_on_ids(
        options.ids,
        options.settings,
        lambda session, ids: act_on_ids(session, action, replace(options, ids=ids)),
        lambda places: act_in_places(places, action, options),
    )


async def act_on_ids(session: Session, action: Action, options: ActionOptions) -> int:
    """Act on tasks of one place; returns the exit code. Raises CommandError and BackendError."""
    check_allowed(session.settings, options.confirmation)
    ids = await read_ids(options.ids)
    printer = Printer(choose_ids(REPORT_LAYOUT, places=False), options.output)
    try:
        tasks, codes = await _find_tasks(session, action, ids, printer)
        if tasks:
            await confirm_action(session, action, tasks, options.confirmation)
            codes += await carry_out_action(session, action, tasks, printer)
    finally:
        printer.finish()
    return INTERRUPTED if session.interrupted else combine_codes(codes)


async def act_in_places(places: SessionSet, action: Action, options: ActionOptions) -> int:
    """Act on tasks of several places; returns the exit code. Raises CommandError.

    Every place is asked about before anything is sent to any; one that can't be acted on is left out.
    """
    check_each_place(places, options.confirmation)
    printer = Printer(choose_ids(REPORT_LAYOUT, places=True), options.output)
    try:
        found = await places.run_each(
            lambda session: _find_tasks(session, action, places.ids[session], printer)
        )
        codes = [code for _, some in found.values() for code in some]
        tasks = drop_repeated({session: tasks for session, (tasks, _) in found.items() if tasks})
        agreed = await confirm_each_place(places, action, tasks, options.confirmation)

        async def act(session: Session) -> list[int]:
            if not places.is_stopping:
                return await carry_out_action(session, action, tasks[session], printer)
            report_error(f"{session.where}: {NOTHING_SENT}")
            return [INTERRUPTED]

        acted = await places.run_each(act, agreed)
    finally:
        printer.finish()
    codes += [code for some in acted.values() for code in some]
    return INTERRUPTED if places.is_stopping else combine_codes([*codes, *places.codes])


def check_each_place(places: SessionSet, confirmation: ConfirmationOptions) -> None:
    """Leave out the places where nothing may be sent, and say why. Raises UsageError for a bare --yes."""
    for session in list(places.sessions):
        try:
            check_allowed(session.settings, confirmation)
        except UsageError:
            raise
        except CommandError as error:
            report_error(f"{session.where}: {error}")
            places.leave_out(session, error.code)


def drop_repeated(found: Mapping[Session, Sequence[Task]]) -> dict[Session, list[Task]]:
    """Return the tasks of each place without those that come again, under another name of their place."""
    seen: set[tuple[Source, TaskId]] = set()
    kept: dict[Session, list[Task]] = {}
    for session, tasks in found.items():
        source = replace(session.backend.source, profile="")
        kept[session] = [task for task in tasks if (source, task.id) not in seen]
        seen |= {(source, task.id) for task in tasks}
    return {session: tasks for session, tasks in kept.items() if tasks}


async def confirm_each_place(
    places: SessionSet,
    action: Action,
    found: Mapping[Session, Sequence[Task]],
    confirmation: ConfirmationOptions,
) -> list[Session]:
    """Ask about one place after the other; returns those with a yes."""
    agreed = []
    for session, tasks in found.items():
        try:
            await confirm_action(session, action, tasks, confirmation)
            agreed.append(session)
        except CommandError as error:
            report_error(f"{session.where}: {error}")
            places.leave_out(session, error.code)
    return agreed


async def _find_tasks(
    session: Session, action: Action, ids: Sequence[TaskId], printer: Printer[ReportRecord]
) -> tuple[list[Task], list[int]]:
    """Return the tasks that can be acted on, and the exit codes of the other ids, of which it is printed why.

    Raises BackendError.
    """
    ability = (await session.connect()).capabilities.ability_for(action)
    if not ability:
        raise Unsupported(ability.reason)
    looked = await session.refresh_tasks(ids)
    found = {task.id: task for task in looked.tasks}
    codes: list[int] = []
    for task_id in ids:
        if task_id not in found:
            gone = task_id in looked.missing
            missing = session.describe_missing_task(task_id) if gone else ""
            absent = absent_record(session.name_id(task_id), action.value, missing, session.place)
            printer.print_record(absent)
            codes.append(NOT_FOUND if gone else UNREACHABLE)
        elif _is_left_out(found[task_id], action):
            printer.print_record(unread_record(found[task_id], action.value, session.place))
            codes.append(UNREACHABLE)
    there = [found[task_id] for task_id in ids if task_id in found]
    return [task for task in there if not _is_left_out(task, action)], codes


def _is_left_out(task: Task, action: Action) -> bool:
    """Return whether nothing is sent for a task: one that can't be read can only be deleted."""
    return is_unreadable(task) and not action.is_deletion


async def carry_out_action(
    session: Session, action: Action, tasks: Sequence[Task], printer: Printer[ReportRecord]
) -> list[int]:
    """Act on these tasks and print each end; returns their exit codes."""
    outcomes: dict[TaskId, int] = {}

    def shown(report: Report) -> None:
        outcomes[report.task.id] = exit_code_of_report(report)
        printer.print_record(report_record(report, session.place))
        left = len(tasks) - len(outcomes)
        if left:
            show_progress(f"{action.value}: {count_tasks(left)} left")

    waiting = asyncio.create_task(_tell_of_waiting(session, tasks, outcomes))
    try:
        reports = await session.carry_out(action, tasks, shown)
    finally:
        waiting.cancel()
        clear_progress()
    forced = [report for report in reports if not report.task.status.is_finished]
    if action is Action.FORCE_DELETE and any(report.outcome.is_removed for report in forced):
        seconds = sum(REAPPEAR_AFTER)
        report_error(
            f"Watching for {seconds:.0f} s in case a running job recreates its record. Press Ctrl+C to leave."
        )
        await session.operations.watch_for_reappearance(forced)
    return list(outcomes.values())


async def _tell_of_waiting(session: Session, tasks: Sequence[Task], ended: Collection[TaskId]) -> None:
    """Say at a terminal what is waited for, once that takes long enough to be wondered about."""
    await session.clock.sleep(QUIET_SECONDS)
    left = [session.name_id(task.id) for task in tasks if task.id not in ended]
    if left:
        show_progress(f"Waiting until the server shows the end of {join_some(left, most=3)}.")

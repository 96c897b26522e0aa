"""Asks a person before anything is changed, and refuses what must not be sent at all."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
from collections.abc import Sequence

from msgspec import Struct

from backend_adapters.model import Action, Task
from tui import text
from tui.cli.errors import CommandError, UsageError
from tui.cli.exit_codes import FAILED, NOT_ALLOWED
from tui.cli.output.standard_error import clear_progress, print_stderr
from tui.cli.output.terminal import is_terminal
from tui.cli.setting_flags import add_setting_flags
from tui.cli.work.read_input import read_piece
from tui.cli.work.session import Session
from tui.config.resolved import ResolvedSettings, describe_read_only
from tui.fields import name_task_id
from tui.monitor.journal.file import default_journal_path
from tui.monitor.journal.reader import find_worker_refusal
from tui.monitor.outcomes import TASK_ACTIONS, describe_worker_refusal
from tui.task_name import readable_name

LISTED_MOST = 20
"""Tasks that are shown before a y is enough; for more the number has to be typed."""

FORCE_WARNING = (
    "A force delete removes the record but doesn't stop the job: one that is still running may recreate it."
    " Cancel it first if you can."
)
NOTHING_SENT = "Nothing was sent."


class ConfirmationOptions(Struct, frozen=True):
    """What a person has confirmed beforehand."""

    yes: bool = False
    in_production: bool = False
    """`--production`: the confirmation holds in production, too."""


def add_confirmation_flags(parser: argparse.ArgumentParser) -> None:
    """Add `--yes`, `--no-journal` and `--production`."""
    group = parser.add_argument_group("confirmation")
    group.add_argument(
        "-y", "--yes", action="store_true", help="don't ask for confirmation; required without a terminal"
    )
    add_setting_flags(group, "journal")
    # Not `production`: a flag with the name of a setting sets it.
    group.add_argument(
        "--production",
        dest="in_production",
        action="store_true",
        help="with --yes: confirm on a production server, too",
    )


def check_allowed(
    settings: ResolvedSettings, confirmation: ConfirmationOptions, *, always: bool = True
) -> None:
    """Raise CommandError if nothing may be sent: read-only, a bare --yes in production, or nobody to ask.

    With `always=False` only production asks.
    """
    if settings.read_only.value:
        raise CommandError(f"{describe_read_only(settings.read_only.origin)} {NOTHING_SENT}", NOT_ALLOWED)
    if confirmation.yes and settings.production.value and not confirmation.in_production:
        set_by = settings.production.origin.attribution
        raise UsageError(
            f"Use --yes --production to confirm: this is a production server (set by {set_by})."
            f" {NOTHING_SENT}"
        )
    asks = always or settings.production.value
    if asks and not confirmation.yes and not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        flags = "--yes --production" if settings.production.value else "--yes"
        raise UsageError(f"Use {flags} to confirm: there is no terminal to ask on. {NOTHING_SENT}")


async def confirm_action(
    session: Session,
    action: Action,
    tasks: Sequence[Task],
    confirmation: ConfirmationOptions,
    *,
    listed: bool = True,
) -> None:
    """Ask whether to act on exactly these tasks, unless `--yes` was given. Raises CommandError for a no."""
    if confirmation.yes:
        return
    ascii = not (sys.stderr.encoding or "").lower().startswith("utf")
    if listed:
        for task in tasks[:LISTED_MOST]:
            _print_row(_describe_task(task, ascii=ascii))
        if len(tasks) > LISTED_MOST:
            _print_row(f"  and {len(tasks) - LISTED_MOST} more")
    if action is Action.FORCE_DELETE:
        print_stderr(FORCE_WARNING)
    refused = find_worker_refusal(default_journal_path(os.environ), session.backend.source, TASK_ACTIONS)
    if refused is not None:
        print_stderr(describe_worker_refusal(refused.action))
    production = session.settings.production.value or confirmation.in_production
    verb = action.value.capitalize()
    what = f"{verb} {count_tasks(len(tasks))} on {session.where}"
    await ask_to_agree(
        f"PRODUCTION: {what}" if production else what,
        number=len(tasks)
        if production or action is Action.FORCE_DELETE or len(tasks) > LISTED_MOST
        else None,
    )


async def ask_to_agree(what: str, *, number: int | None = None) -> None:
    """Ask for a y, or for a number to be typed. Raises CommandError for any other answer."""
    question = f"{what}? [y/N] " if number is None else f"{what}? Type {number} to confirm: "
    clear_progress()
    sys.stderr.write(question)
    sys.stderr.flush()
    answer = (await _read_line()).strip().lower()
    wanted = ("y", "yes") if number is None else (str(number),)
    if answer not in wanted:
        raise CommandError(NOTHING_SENT, FAILED)


def count_tasks(number: int, noun: str = "task") -> str:
    """`1 task`, `3 tasks`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


async def _read_line() -> str:
    """Return the next line that is typed; Ctrl+C ends the question."""
    try:
        return (await read_piece()).decode(errors="replace")
    except asyncio.CancelledError:
        sys.stderr.write("\n")
        raise


def _describe_task(task: Task, *, ascii: bool) -> str:
    status = f"{text.status_glyph(task.status, ascii=ascii)} {text.sanitize_label(task.raw_status)}"
    kind, name = text.sanitize_label(task.type), text.sanitize_label(readable_name(task))
    return f"  {text.sanitize(name_task_id(task)):>6}  {status:<12}  {kind}  {name[:100]}"


def _print_row(line: str) -> None:
    """Print one row, cut to the width of the terminal."""
    clear_progress()
    width = min(text.cell_width(line), shutil.get_terminal_size().columns)
    sys.stderr.write(f"{text.fit_cells(line, width).rstrip()}\n")

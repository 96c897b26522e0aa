"""`graphtop submit`: starts a gremlin job, and prints its id."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Mapping

from msgspec import Struct

from backend_adapters.errors import BackendError, Unsupported, may_have_started
from backend_adapters.model import Millis, TaskId
from backend_adapters.redaction import mask_secrets
from tui.cli.arguments import FROM_STDIN, build_command_parser
from tui.cli.commands.wait import add_timeout, format_wait_line, make_wait_record, to_seconds
from tui.cli.error_handler import end_with_error
from tui.cli.errors import CommandError, OutputError, UsageError
from tui.cli.exit_codes import FAILED, INTERRUPTED, NOT_CONFIRMED, OK, combine_codes
from tui.cli.output.standard_error import print_stderr, report_error
from tui.cli.output.standard_output import StandardOutput
from tui.cli.output.table import Style
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.confirmation import ConfirmationOptions, add_confirmation_flags, ask_to_agree, check_allowed
from tui.cli.work.read_input import read_file, read_stdin
from tui.cli.work.session import Session, run_with_session
from tui.cli.work.waiter import TaskWaiter, WaitResult
from tui.monitor.outcomes import JOB_MAY_RUN

SCRIPT_LANGUAGE = "gremlin-groovy"

_ABOUT = "Start a gremlin job from a file, and print the new task's id."
_EXAMPLES = (
    ("id=$(graphtop submit rebuild.groovy --wait --timeout 1h)", ""),
    ("graphtop input 42 | graphtop submit -", "the same script again"),
)
_NOTES = """\
Prints only the id on standard output. With --wait, the exit code says how the job ended. The output
of `graphtop input` for a gremlin task starts the same script again, with its bindings."""

_CODES = {
    FAILED: "with --wait, the job failed or was cancelled; you answered no; or internal error",
    NOT_CONFIRMED: "the job may have been started, or it runs and --timeout is over",
}


class Script(Struct, frozen=True):
    """A gremlin script and the values of its variables."""

    text: str
    bindings: Mapping[str, object] = {}


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop submit` was given."""

    script: str
    """The file that holds the script; `-` for standard input."""
    wait: bool = False
    timeout: Millis | None = None
    confirmation: ConfirmationOptions = ConfirmationOptions()
    settings: SettingFlags = SettingFlags()


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop submit`."""
    parser = build_command_parser("submit", _ABOUT, examples=_EXAMPLES, notes=_NOTES, codes=_CODES)
    parser.add_argument("script", metavar="FILE", help="the script; - reads it from standard input")
    parser.add_argument("--wait", action="store_true", help="wait until the job has finished")
    add_timeout(parser)
    add_confirmation_flags(parser)
    return parser


def run(options: Options) -> int:
    """Start a job; returns the exit code."""
    if options.timeout is not None and not options.wait:
        raise UsageError("--timeout needs --wait", shows_usage=True)
    return run_with_session(options.settings, lambda session: _submit_script(session, options))


async def read_script(name: str) -> Script:
    """Return the script in a file or on standard input. Raises UsageError."""
    called = "standard input" if name == FROM_STDIN else name
    try:
        data = await (read_stdin() if name == FROM_STDIN else read_file(name))
        text = data.decode()
    except OSError as error:
        raise UsageError(f"Can't read {called}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{called} is not UTF-8 text.") from None
    if not text.strip():
        raise UsageError(f"{called} is empty.")
    return parse_script(text, called)


def parse_script(text: str, called: str) -> Script:
    """Return the script that a text is, or that is in it if it is the input of a task. Raises UsageError."""
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        # A script may begin with a brace too.
        return Script(text)
    if not isinstance(found, dict):
        return Script(text)
    script, bindings = found.get("gremlin"), found.get("bindings") or {}
    if not isinstance(script, str) or not isinstance(bindings, dict):
        raise UsageError(f"{called} is JSON, but not the input of a gremlin task. Use a script instead.")
    if found.get("language", SCRIPT_LANGUAGE) != SCRIPT_LANGUAGE:
        raise UsageError(
            f"{called} holds a script in another language. Only {SCRIPT_LANGUAGE} can be started."
        )
    return Script(script, bindings)


def _first_line(script: str) -> str:
    """Return the name of a script in the journal. A secret may span lines, so all of it is masked first."""
    return mask_secrets(script).strip().partition("\n")[0]


async def _submit_script(session: Session, options: Options) -> int:
    check_allowed(session.settings, options.confirmation, always=False)
    script = await read_script(options.script)
    info = await session.connect()
    if not info.capabilities.submit:
        raise Unsupported(info.capabilities.submit.reason)
    if session.settings.production.value and not options.confirmation.yes:
        await ask_to_agree(f"PRODUCTION: Start a gremlin job on {session.where}", number=1)
    task_id = await _start_job(session, script)
    _print_id(session, task_id)
    if session.interrupted:
        return INTERRUPTED
    return await _wait_for_job(session, task_id, options) if options.wait else OK


def _print_id(session: Session, task_id: TaskId) -> None:
    """Print the id. Raises CommandError if it can't: the job runs, and must not be started again."""
    try:
        out = StandardOutput()
        out.write(f"{task_id}\n")
        out.flush()
    except (BrokenPipeError, OutputError) as error:
        end_with_error(error)
        words = f"{session.where}: Task {task_id} was started, but its id could not be written."
        raise CommandError(words, NOT_CONFIRMED) from None


async def _start_job(session: Session, script: Script) -> TaskId:
    """Start the job and return its id. Raises BackendError, or CommandError if it may have been started."""
    try:
        return await session.start_job(
            "submit",
            "gremlin",
            _first_line(script.text),
            lambda: session.backend.submit(script.text, script.bindings),
        )
    except BackendError as error:
        if not may_have_started(error):
            raise
        # A script that tries again on "can't reach" would start the job twice.
        raise CommandError(f"{session.describe_error(error)} {JOB_MAY_RUN}", NOT_CONFIRMED) from None
    except asyncio.CancelledError:
        report_error(f"{session.where}: Stopped waiting for the answer. {JOB_MAY_RUN}")
        raise


async def _wait_for_job(session: Session, task_id: TaskId, options: Options) -> int:
    def ended(what: WaitResult) -> None:
        print_stderr(format_wait_line(make_wait_record(what), Style()))

    try:
        codes = await TaskWaiter(session, [task_id], "success", ended).run(to_seconds(options.timeout))
    except BackendError as error:
        words = f"{session.describe_error(error)} Task {task_id} was started, but its outcome is unknown."
        raise CommandError(words, NOT_CONFIRMED) from None
    return combine_codes(codes)

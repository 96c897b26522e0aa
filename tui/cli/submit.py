"""`graphtop submit`: starts a gremlin job, and prints its id."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from backend_adapters.errors import TimedOut, Unreachable, Unsupported
from backend_adapters.redaction import mask
from tui.cli import asking
from tui.cli.codes import NOT_CONFIRMED, OK, USAGE, GiveUp, together
from tui.cli.command import FROM_STDIN, guarded, parser, perform
from tui.cli.output import Out, Style, say_line
from tui.cli.session import Session
from tui.cli.wait import add_timeout, line, record_of, seconds_of
from tui.cli.waiting import Ended, Waiting

ABOUT = """\
Start a gremlin job from a file, or - for standard input; prints the new task's id on standard
output and nothing else. With --wait the exit code says how the job ended.

  id=$(graphtop submit rebuild.groovy --wait --timeout 1h)"""


def flags() -> argparse.ArgumentParser:
    """The flags of `graphtop submit`."""
    made = parser("submit", ABOUT, takes="FILE")
    made.add_argument("script", metavar="FILE", help="the script; - reads it from standard input")
    made.add_argument("--wait", action="store_true", help="wait until the job has ended")
    add_timeout(made)
    asking.add_flags(made)
    return made


@guarded
def run(arguments: list[str]) -> int:
    """Start a job; returns the exit code."""
    made = flags()
    chosen = made.parse_args(arguments)
    if chosen.timeout is not None and not chosen.wait:
        made.error("--timeout goes with --wait")
    return perform(chosen, lambda session: _submit(session, chosen))


def script_of(name: str) -> str:
    """The script in a file, or on standard input. Raises GiveUp."""
    try:
        data = sys.stdin.buffer.read() if name == FROM_STDIN else Path(name).read_bytes()
        script = data.decode()
    except OSError as error:
        raise GiveUp(f"can't read {name}: {error.strerror}.", USAGE) from None
    except UnicodeDecodeError:
        raise GiveUp(f"{name} is no text in UTF-8.", USAGE) from None
    if not script.strip():
        raise GiveUp(f"{'standard input' if name == FROM_STDIN else name} is empty.", USAGE)
    return script


def _first_line(script: str) -> str:
    """What the journal calls a script, whose secrets may begin on one line and end on another."""
    return mask(script).strip().partition("\n")[0]


async def _submit(session: Session, chosen: argparse.Namespace) -> int:
    asking.check(session.place, chosen, always=False)
    script = script_of(chosen.script)
    info = await session.connect()
    if not info.capabilities.submit:
        raise Unsupported(info.capabilities.submit.reason)
    if session.place.production and not chosen.yes:
        await asking.agree(f"PRODUCTION: start a gremlin job at {session.where}", number=1)
    try:
        task_id = await session.operations.start(
            "submit", "gremlin", _first_line(script), lambda: session.backend.submit(script)
        )
    except (TimedOut, Unreachable) as error:
        if not error.sent:
            raise
        # A script that tries again on "can't reach" would start the job twice.
        words = f"{session.told(error)} The job may run all the same: look before you start it again."
        raise GiveUp(words, NOT_CONFIRMED) from None
    out = Out()
    out.write(f"{task_id}\n")
    out.flush()
    return await _wait(session, task_id, chosen) if chosen.wait else OK


async def _wait(session: Session, task_id: str, chosen: argparse.Namespace) -> int:
    def ended(what: Ended) -> None:
        say_line(line(record_of(what), Style()))

    codes = await Waiting(session, [task_id], "success", ended).run(seconds_of(chosen))
    return together(codes)

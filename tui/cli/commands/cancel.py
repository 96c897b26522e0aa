"""`graphtop cancel`: asks the server to stop tasks, and follows each until it has stopped."""

from __future__ import annotations

import argparse

from backend_adapters.model import Action
from tui.cli.arguments import add_ids_argument, build_command_parser
from tui.cli.exit_codes import FAILED, NOT_CONFIRMED, PARTLY
from tui.cli.output.printer import add_output_flags
from tui.cli.work.confirmation import add_confirmation_flags
from tui.cli.work.task_actions import ActionOptions, run_action

_ABOUT = "Cancel tasks, and follow each one until the server shows how it ended."
_EXAMPLES = (
    ("graphtop cancel 42", "asks first"),
    ("graphtop cancel prod:DEFAULT/hugegraph/12 dev:hugegraph/7", "in two places"),
    ("graphtop ls status=active type=gremlin -o id | graphtop cancel -y -", ""),
)
_NOTES = """\
Prints a line for each task as its outcome is known: it is cancelled, has finished first, or the
server refuses."""
_CODES = {
    FAILED: "a task finished first, you answered no, or internal error",
    NOT_CONFIRMED: "not confirmed in time",
    PARTLY: "tasks with different outcomes",
}


class Options(ActionOptions, frozen=True, kw_only=True):
    """What `graphtop cancel` was given."""


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop cancel`."""
    parser = build_command_parser("cancel", _ABOUT, examples=_EXAMPLES, notes=_NOTES, codes=_CODES)
    add_ids_argument(parser)
    add_confirmation_flags(parser)
    add_output_flags(parser, "cancel")
    return parser


def run(options: Options) -> int:
    """Cancel tasks; returns the exit code."""
    return run_action(Action.CANCEL, options)

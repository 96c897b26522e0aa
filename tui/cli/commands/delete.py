"""`graphtop delete`: asks the server to remove tasks, and follows each until it is gone."""

from __future__ import annotations

import argparse

from backend_adapters.model import Action
from tui.cli.arguments import add_ids_argument, build_command_parser
from tui.cli.exit_codes import FAILED, NOT_CONFIRMED, PARTLY
from tui.cli.output.printer import add_output_flags
from tui.cli.work.confirmation import add_confirmation_flags
from tui.cli.work.task_actions import ActionOptions, run_action

_ABOUT = "Delete tasks, and follow each one until the server shows that it is gone."
_EXAMPLES = (
    ("graphtop delete 42 43", "asks first"),
    ("graphtop ls status=failed 'age>7d' -o id | graphtop delete -y -", ""),
)
_NOTES = """\
Prints a line for each task as its outcome is known: it is gone, or the server refuses. An unfinished
task must be cancelled first."""
_CODES = {
    FAILED: "a task changed first or came back, you answered no, or internal error",
    NOT_CONFIRMED: "not confirmed in time",
    PARTLY: "tasks with different outcomes",
}


class Options(ActionOptions, frozen=True, kw_only=True):
    """What `graphtop delete` was given."""

    force: bool = False
    """Whether the record of a task that can't end is removed, too."""


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop delete`."""
    parser = build_command_parser("delete", _ABOUT, examples=_EXAMPLES, notes=_NOTES, codes=_CODES)
    add_ids_argument(parser)
    parser.add_argument(
        "--force",
        action="store_true",
        help="remove the record, even while the job runs; this doesn't stop the job",
    )
    add_confirmation_flags(parser)
    add_output_flags(parser, "delete")
    return parser


def run(options: Options) -> int:
    """Delete tasks; returns the exit code."""
    action = Action.FORCE_DELETE if options.force else Action.DELETE
    return run_action(action, options)

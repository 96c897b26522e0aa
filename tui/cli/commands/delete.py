"""`graphtop delete`: asks the server to remove tasks, and looks until they are gone."""

from __future__ import annotations

import argparse

from backend_adapters.model import Action
from tui.cli.arguments import add_ids, guarded, parser, perform
from tui.cli.output import printer as output
from tui.cli.work import confirmation as asking
from tui.cli.work.task_actions import act_on_ids

ABOUT = """\
Delete tasks. Each is followed until the server shows that it is gone, or says no; one line for
each, as it ends. A task that has not ended is to be cancelled first."""


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop delete`."""
    made = parser("delete", ABOUT, takes="ID…")
    add_ids(made)
    made.add_argument(
        "--force",
        action="store_true",
        help="remove the record of a task that can't end, too; its work is not stopped by that",
    )
    asking.add_flags(made)
    output.add_flags(made, "delete")
    return made


@guarded
def run(arguments: list[str]) -> int:
    """Delete tasks; returns the exit code."""
    chosen = build_parser().parse_args(arguments)
    action = Action.FORCE_DELETE if chosen.force else Action.DELETE
    return perform(chosen, lambda session: act_on_ids(session, action, chosen))

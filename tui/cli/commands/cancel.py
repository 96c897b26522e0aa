"""`graphtop cancel`: asks the server to stop tasks, and looks until they have stopped."""

from __future__ import annotations

import argparse

from backend_adapters.model import Action
from tui.cli.arguments import add_ids, guarded, parser, perform
from tui.cli.output import printer as output
from tui.cli.work import confirmation as asking
from tui.cli.work.task_actions import act_on_ids

ABOUT = """\
Cancel tasks. Each is followed until the server itself shows that it is cancelled, or has finished
first, or says no; one line for each, as it ends."""


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop cancel`."""
    made = parser("cancel", ABOUT, takes="ID…")
    add_ids(made)
    asking.add_flags(made)
    output.add_flags(made, "cancel")
    return made


@guarded
def run(arguments: list[str]) -> int:
    """Cancel tasks; returns the exit code."""
    chosen = build_parser().parse_args(arguments)
    return perform(chosen, lambda session: act_on_ids(session, Action.CANCEL, chosen))

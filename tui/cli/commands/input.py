"""`graphtop input`: what a task was given to do."""

from __future__ import annotations

import argparse

from tui.cli.arguments import guarded
from tui.cli.work.text_download import flags_of, run_part

ABOUT = "Give a task's input whole: the script with its bindings, or the job's parameters."


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop input`."""
    return flags_of("input", ABOUT)


@guarded
def run(arguments: list[str]) -> int:
    """Give the input; returns the exit code."""
    return run_part("input", ABOUT, arguments)

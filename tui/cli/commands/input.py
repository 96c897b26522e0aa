"""`graphtop input`: prints the whole input of a task."""

from __future__ import annotations

import argparse

from tui.cli.work.text_download import TextOptions, build_text_parser, run_text_command

_ABOUT = "Print the full input of a task: the script with its bindings, or the job's parameters."
_EXAMPLES = (
    ("graphtop input 42 -o script.groovy", "into a new file"),
    ("graphtop input 42 | graphtop submit -", "starts the same script again"),
)


class Options(TextOptions, frozen=True, kw_only=True):
    """What `graphtop input` was given."""


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop input`."""
    return build_text_parser("input", _ABOUT, _EXAMPLES)


def run(options: Options) -> int:
    """Give the input; returns the exit code."""
    return run_text_command("input", options)

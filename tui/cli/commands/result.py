"""`graphtop result`: prints the whole result of a task, or its error."""

from __future__ import annotations

import argparse

from tui.cli.work.text_download import TextOptions, build_text_parser, run_text_command

_ABOUT = "Print the full result of a task, however long it is; for a failed task, its error."
_EXAMPLES = (
    ("graphtop result 42", "on the terminal, with secrets hidden"),
    ("graphtop result 42 -o result.json", "into a new file, as the server has it"),
)


class Options(TextOptions, frozen=True, kw_only=True):
    """What `graphtop result` was given."""


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop result`."""
    return build_text_parser("result", _ABOUT, _EXAMPLES)


def run(options: Options) -> int:
    """Give the result; returns the exit code."""
    return run_text_command("result", options)

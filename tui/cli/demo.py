"""`graphtop demo`: the screen on the built-in server, with no port and no network."""

from __future__ import annotations

import argparse

from backend_adapters.transport.target import Target
from tui.cli.screen import add_flags, open_screen, options

DEMO_URL = "http://demo"
"""Nobody listens there: the simulated server is called within the process."""


def run(arguments: list[str]) -> int:
    """Open the demo; returns the exit code."""
    parser = argparse.ArgumentParser(prog="graphtop demo", description=__doc__, allow_abbrev=False)
    parser.add_argument("--seed", type=int, default=7, help="another seed is another world (7)")
    add_flags(parser)
    chosen = parser.parse_args(arguments)
    target = Target(url=DEMO_URL, profile="demo", demo=chosen.seed)
    return open_screen(target, options(chosen))

"""`graphtop demo`: the screen on the built-in server, with no port and no network."""

from __future__ import annotations

import argparse

from backend_adapters.registry import COMPUTER_DEMO_URL, DEMO_URL
from backend_adapters.transport.target import Target
from tui.cli.screen import add_flags, open_screen, options

DIALECTS = ("hugegraph", "computerdis", "ges", "ges-v2")
"""What the built-in servers speak."""


def run(arguments: list[str]) -> int:
    """Open the demo; returns the exit code."""
    parser = argparse.ArgumentParser(prog="graphtop demo", description=__doc__, allow_abbrev=False)
    parser.add_argument("--seed", type=int, default=7, help="another seed is another world (7)")
    parser.add_argument(
        "--dialect",
        choices=DIALECTS,
        default="hugegraph",
        help="what the server is: HugeGraph, its computer jobs, or Huawei's GES (hugegraph)",
    )
    add_flags(parser)
    chosen = parser.parse_args(arguments)
    url = COMPUTER_DEMO_URL if chosen.dialect == "computerdis" else DEMO_URL
    target = Target(url=url, profile="demo", dialect=chosen.dialect, demo=chosen.seed)
    return open_screen(target, options(chosen))

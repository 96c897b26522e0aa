"""The flag `--notify` of commands that wait, and what it starts."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.cli.work.notifier import Notifier
    from tui.config.resolved import ResolvedSettings


def add_notify_flag(parser: argparse.ArgumentParser, about: str) -> None:
    """Add `--notify`; the settings `notify` and `notify_command` say how."""
    parser.add_argument("--notify", dest="with_notices", action="store_true", help=about)


def make_notifier(settings: ResolvedSettings) -> Notifier:
    """What tells a person of something."""
    # Imported here: most commands are run without it.
    from tui.cli.work.notifier import Notifier

    return Notifier(settings)

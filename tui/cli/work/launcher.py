"""Opens the screen: its flags, the check for a terminal, and the start."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.cli.errors import UsageError
from tui.cli.exit_codes import FAILED
from tui.cli.setting_flags import add_setting_flags
from tui.config.options import ScreenOptions
from tui.config.settings import SETTINGS_BY_NAME, InvalidValue, parse_interval

if TYPE_CHECKING:
    from backend_adapters.transport.target import Target
    from tui.connection.profile_source import Destination
    from tui.connection.profile_switcher import ProfileSwitcher
    from tui.monitor.saved_views import SavedView

SCREEN_EXIT_CODES_HELP = """\
exit codes: 0 success; 1 internal error; 2 wrong usage, or a mistake in the config file; 129 the
terminal was closed, or SIGHUP; 130 SIGINT; 143 SIGTERM. On the screen Ctrl+C is an ordinary key;
press q or Ctrl+Q to quit."""

FLAT_TERMINALS = ("", "dumb", "unknown")
"""Values of TERM that mean: text can't be placed on the screen."""


def add_screen_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say how the screen looks and behaves."""
    group = parser.add_argument_group("screen")
    group.add_argument(
        "--interval", type=parse_interval_flag, metavar="SECONDS", help=SETTINGS_BY_NAME["interval"].about
    )
    add_setting_flags(
        group, "read_only", "production", "journal", "cache", "history", "utc", "ascii", "theme"
    )
    add_setting_flags(group, "notify", metavar="HOW")
    add_setting_flags(group, "notify_command", metavar="COMMAND")
    add_setting_flags(group, "title")
    group.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")


def parse_interval_flag(text: str) -> float:
    """Read an interval; raises ArgumentTypeError outside of 0.2 to 3600."""
    try:
        return parse_interval(text)
    except InvalidValue as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def open_screen(
    target: Target | None,
    chosen: ScreenOptions,
    profile_source: ProfileSwitcher | None = None,
    *,
    view: SavedView | None = None,
    destinations: tuple[Destination, ...] = (),
    notes: Sequence[str] = (),
) -> int:
    """Run the screen until the person quits, from the welcome on without a target; returns the exit code.

    The tasks are shown as `view` says, where one is given. With `destinations` these are watched together,
    with what guards each; `target` is not needed then, and `chosen` says how the screen looks. `notes` are
    sentences to begin with, such as on a place that is left out.
    """
    if reason := find_screen_obstacle():
        raise UsageError(reason)
    # First of all: it must come before Textual.
    from tui.textual_ext.left_out import leave_out_palette

    leave_out_palette()
    from tui.app import Graphtop
    from tui.monitor.clock import Clock
    from tui.monitor.history.set_up import make_history_writer
    from tui.monitor.rows_file import default_rows_folder
    from tui.textual_ext.driver import TerminalDriver

    history = make_history_writer(
        os.environ, Clock().now, days=chosen.history_days, megabytes=chosen.history_megabytes
    )
    app = Graphtop(
        target,
        chosen,
        profile_source=profile_source,
        rows_folder=default_rows_folder(),
        history=history,
        destinations=destinations,
    )
    if view is not None:
        app.begin_with_view(view)
    app.begin_with_notes(notes)
    if chosen.theme and chosen.theme not in app.available_themes:
        known = ", ".join(sorted(app.available_themes))
        raise UsageError(f'Unknown theme "{chosen.theme}". Use one of {known}.')
    app.driver_class = TerminalDriver
    try:
        app.run(mouse=chosen.mouse)
    finally:
        history.close()
    # A crash in Textual's own threads ends the program without any code.
    return FAILED if app.return_code is None else app.return_code


def find_screen_obstacle() -> str:
    """Return a sentence on why there can be no screen here; empty if there can."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "The screen needs a terminal, but standard input or output is not one."
    kind = os.environ.get("TERM", "")
    if kind in FLAT_TERMINALS:
        now = f"TERM is {kind}" if kind else "TERM is not set"
        return f"The screen needs a terminal that can place text, but {now}. Try TERM=xterm-256color."
    return ""

"""`graphtop demo`: the screen on the built-in server, with no port and no network."""

from __future__ import annotations

import argparse
import os

from msgspec import Struct

from tui.cli.argument_parser import Parser
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.launcher import SCREEN_EXIT_CODES_HELP, add_screen_flags, open_screen
from tui.config.options import make_screen_options
from tui.config.profiles import Config, load_config
from tui.connection.demo import DEMO_DIALECTS, DEMO_SEED, make_demo_target
from tui.connection.profile_switcher import ProfileSwitcher
from tui.connection.resolve import resolve_flags

_ABOUT = "Open the screen on a simulated live server inside graphtop, without a port or a network."
_EXAMPLES = (
    ("graphtop demo", "a HugeGraph server"),
    ("graphtop demo --dialect ges --production", "Huawei's GES, marked as production"),
)


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop demo` was given."""

    seed: int = DEMO_SEED
    demo_dialect: str = "hugegraph"
    no_mouse: bool = False
    settings: SettingFlags = SettingFlags()


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop demo`."""
    parser = Parser(
        prog="graphtop demo", description=_ABOUT, examples=_EXAMPLES, epilog=SCREEN_EXIT_CODES_HELP
    )
    parser.add_argument(
        "--seed", type=int, default=DEMO_SEED, help="a different seed gives different tasks (default 7)"
    )
    parser.add_argument(
        "--dialect",
        # Not `dialect`: that is a setting, of which a demo takes none but how the screen looks.
        dest="demo_dialect",
        choices=DEMO_DIALECTS,
        default="hugegraph",
        help="the kind of server: HugeGraph, its computer jobs, or Huawei's GES (default hugegraph)",
    )
    add_screen_flags(parser)
    return parser


def run(options: Options) -> int:
    """Open the demo; returns the exit code."""
    config = load_config(os.environ)
    # A demo must work whatever is configured: of the file it takes how the screen looks, and that is all.
    bare = Config(path=config.path, screen=config.screen)
    looks = {
        name: os.environ[name]
        for name in ("GRAPHTOP_THEME", "GRAPHTOP_UTC", "GRAPHTOP_ASCII")
        if name in os.environ
    }
    settings = resolve_flags(options.settings.values, None, looks, bare)
    target = make_demo_target(options.seed, options.demo_dialect)
    return open_screen(target, make_screen_options(settings, mouse=not options.no_mouse), ProfileSwitcher())

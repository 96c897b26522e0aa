"""`graphtop demo`: the screen on the built-in server, with no port and no network."""

from __future__ import annotations

import argparse
import os

from msgspec import Struct
from msgspec.structs import replace

from tui.cli.argument_parser import Parser
from tui.cli.errors import UsageError
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.launcher import SCREEN_EXIT_CODES_HELP, add_screen_flags, open_screen
from tui.config.options import ScreenOptions, make_screen_options
from tui.config.profiles import Config, load_config
from tui.config.resolved import OriginKind, ValueOrigin
from tui.connection.demo import (
    DEMO_DIALECTS,
    DEMO_SEED,
    DemoPlace,
    make_company_targets,
    make_demo_target,
)
from tui.connection.profile_source import Destination
from tui.connection.profile_switcher import ProfileSwitcher
from tui.connection.resolve import resolve_flags

_ABOUT = "Open the screen on a simulated live server inside graphtop, without a port or a network."
_EXAMPLES = (
    ("graphtop demo", "a HugeGraph server"),
    ("graphtop demo --all", "all servers of a made-up company"),
    ("graphtop demo --dialect ges --production", "Huawei's GES, marked as production"),
)


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop demo` was given."""

    seed: int = DEMO_SEED
    demo_dialect: str = ""
    """Empty where none was given."""
    all_places: bool = False
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
        "--all",
        dest="all_places",
        action="store_true",
        help="the places of a made-up company: production, staging, development, GES, and one that is down",
    )
    parser.add_argument(
        "--dialect",
        # Not `dialect`: that is a setting, of which a demo takes none but how the screen looks.
        dest="demo_dialect",
        choices=DEMO_DIALECTS,
        default="",
        help="the kind of server: HugeGraph, its computer jobs, or Huawei's GES (default hugegraph)",
    )
    add_screen_flags(parser)
    return parser


def run(options: Options) -> int:
    """Open the demo; returns the exit code. Raises UsageError."""
    if options.all_places and options.demo_dialect:
        raise UsageError("Use --all or --dialect, not both: the company's places have several dialects.")
    config = load_config(os.environ)
    # A demo must work whatever is configured: of the file it takes how the screen looks, and that is all.
    bare = Config(path=config.path, screen=config.screen)
    looks = {
        name: os.environ[name]
        for name in ("GRAPHTOP_THEME", "GRAPHTOP_UTC", "GRAPHTOP_ASCII")
        if name in os.environ
    }
    settings = resolve_flags(options.settings.values, None, looks, bare)
    chosen = make_screen_options(settings, mouse=not options.no_mouse)
    if options.all_places:
        places = tuple(list_company_destinations(options.seed, chosen))
        return open_screen(None, chosen, ProfileSwitcher(), destinations=places)
    target = make_demo_target(options.seed, options.demo_dialect or "hugegraph")
    return open_screen(target, chosen, ProfileSwitcher())


def list_company_destinations(seed: int, chosen: ScreenOptions) -> list[Destination]:
    """The places of the made-up company, each with the options of the screen and its mark of production."""
    return [
        Destination(place.target, _mark_production(chosen, place)) for place in make_company_targets(seed)
    ]


def _mark_production(chosen: ScreenOptions, place: DemoPlace) -> ScreenOptions:
    """The options with the mark that a profile of this place would set, unless a flag has set it already."""
    if chosen.production or not place.production:
        return chosen
    origin = ValueOrigin(OriginKind.PROFILE, "the demo", place.target.profile)
    return replace(chosen, production=True, production_origin=origin)

"""graphtop on several places together: `python -m tests.bench.joint_graphtop NAME=URL[/GRAPH] …`.

Without a graph all graphs of the server are watched.
"""

from __future__ import annotations

import sys

from backend_adapters.transport.target import Target
from tui.cli.work.launcher import open_screen
from tui.config.options import ScreenOptions
from tui.connection.profile_source import Destination
from tui.connection.profile_switcher import ProfileSwitcher

OPTIONS = ScreenOptions(cache=False, journal=False)


def _read_place(word: str) -> Destination:
    profile, _, address = word.partition("=")
    url, slash, graph = address.partition("/graphs/")
    target = Target(url=url, profile=profile, dialect="hugegraph", graph=graph or None)
    return Destination(target, OPTIONS, graphs=() if slash else ("*",))


if __name__ == "__main__":
    places = tuple(map(_read_place, sys.argv[1:]))
    sys.exit(open_screen(None, OPTIONS, ProfileSwitcher(), destinations=places))

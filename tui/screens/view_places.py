"""Leads from the places of a saved view to what is opened."""

from __future__ import annotations

from msgspec.structs import replace

from tui.config.options import ScreenOptions
from tui.connection.profile_source import Destination
from tui.connection.profile_switcher import ProfileSwitcher, keep_look_and_guards
from tui.monitor.saved_views import ViewPlace


async def find_view_destination(
    source: ProfileSwitcher, place: ViewPlace, options: ScreenOptions
) -> Destination:
    """The server of a place, and the options for it. Raises CannotOpen.

    A profile is read as it is now; an address has no login, and its certificate is checked.
    """
    if place.profile:
        destination = await source.open_profile(place.profile, options)
    else:
        target = source.parse_target(place.url)
        usual = ScreenOptions(interval=options.interval, mouse=options.mouse)
        destination = Destination(target, source.add_guards(target, keep_look_and_guards(usual, options)))
    target = replace(
        destination.target,
        dialect=place.dialect,
        graphspace=place.graphspace,
        graph=destination.target.graph if place.graph is None else place.graph or None,
        project=place.project or destination.target.project,
    )
    return replace(destination, target=target, graphs=place.graphs)

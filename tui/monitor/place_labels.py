"""Names the places that are watched together by the shortest texts that tell them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from backend_adapters.model import Place, Source, qualify_graph
from tui.text import sanitize_label


def _name_graph(place: Place) -> str:
    return place.graph or place.profile


def _name_with_graphspace(place: Place) -> str:
    return qualify_graph(place.graph, place.graphspace) or place.profile


def _name_with_profile(place: Place) -> str:
    return f"{place.profile}:{place.graph}" if place.graph else place.profile


def _name_whole(place: Place) -> str:
    return place.name


_OF_ONE_PROFILE = (_name_graph, _name_with_graphspace, _name_whole)
"""The forms of a label from the shortest to the longest."""
_OF_SEVERAL = (_name_graph, _name_with_profile, _name_whole)
"""The same where there are several profiles, whose graphspaces say nothing of where a graph is."""


def label_places(places: Sequence[Place]) -> bool:
    """Give each place the shortest label that no other has; true where any has changed.

    All of them have the same form. Where also the whole names are the same, as of tasks and computer jobs of
    one graph, it is added what the list is of.
    """
    names = {place.name for place in places}
    forms = _OF_ONE_PROFILE if len({place.profile for place in places}) == 1 else _OF_SEVERAL
    for form in forms:
        labels = [form(place) for place in places]
        if len(set(labels)) == len(names):
            break
    counts, has_changed = Counter(labels), False
    for place, name in zip(places, labels, strict=True):
        label = name if counts[name] == 1 else f"{name} {place.noun or place.dialect}"
        has_changed = has_changed or label != place.label
        place.label = label
    return has_changed


def name_place(place: Place | Source) -> str:
    """What a place is called in sentences: `prod · DEFAULT/hugegraph`."""
    graph = qualify_graph(place.graph, place.graphspace)
    return sanitize_label(" · ".join(filter(None, (place.profile, graph))))


def count_places(number: int) -> str:
    """So many places, in words."""
    return f"{number} place" if number == 1 else f"{number} places"

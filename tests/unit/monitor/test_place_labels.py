"""The names by which places are told apart: as short as they can be, and all of one form."""

from __future__ import annotations

import pytest

from backend_adapters.model import Place
from tui.monitor.place_labels import count_places, label_places


def make_places(*names: str) -> list[Place]:
    """Places of these names, `prod:DEFAULT/social` or `dev:social computerdis`."""
    places = []
    for number, words in enumerate(names, 1):
        name, _, dialect = words.partition(" ")
        profile, _, graph = name.partition(":")
        space, slash, graph = graph.rpartition("/")
        places.append(
            Place(
                number=number,
                profile=profile,
                dialect=dialect or "hugegraph",
                graph=graph,
                graphspace=space if slash else None,
            )
        )
    return places


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        ("prod:DEFAULT/social", "social"),
        ("prod:DEFAULT/social prod:DEFAULT/movies", "social movies"),
        ("prod:a/social prod:b/social prod:b/movies", "a/social b/social b/movies"),
        ("prod:a/social dev:a/social dev:movies", "prod:social dev:social dev:movies"),
        ("prod:a/social prod:b/social dev:a/social", "prod:a/social prod:b/social dev:a/social"),
        ("prod:DEFAULT/social dev:social", "prod:social dev:social"),
        ("prod:social cloud:", "social cloud"),
        ("prod: dev:", "prod dev"),
    ],
)
def test_the_shortest_form_that_tells_all_apart(names: str, labels: str) -> None:
    places = make_places(*names.split())
    assert label_places(places)
    assert [place.label for place in places] == labels.split()
    assert not label_places(places), "nothing has changed"


def test_two_lists_of_one_graph_say_what_they_are_of() -> None:
    places = make_places("dev:social", "dev:social computerdis", "dev:movies")
    label_places(places)
    assert [place.label for place in places] == ["social hugegraph", "social computerdis", "movies"]
    places[0].noun, places[1].noun = "tasks", "computer jobs"
    assert label_places(places)
    assert [place.label for place in places] == [
        "social tasks",
        "social computer jobs",
        "movies",
    ]


def test_it_is_told_whether_any_label_has_changed() -> None:
    places = make_places("prod:social", "dev:movies")
    label_places(places)
    assert label_places([*places, *make_places("test:social")])
    assert places[1].label == "dev:movies"
    assert label_places(places)
    assert places[1].label == "movies"
    assert not label_places([])


def test_places_are_counted_in_words() -> None:
    assert [count_places(number) for number in (0, 1, 12)] == ["0 places", "1 place", "12 places"]

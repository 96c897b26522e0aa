"""The places of very many tasks in a few lines, however many there are and however narrow it is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from tui.screens.dialogs.place_counts_text import draw_place_counts
from tui.screens.tasks.action_plan import PlaceTasks
from tui.text import cell_width

PROD = PlaceTasks(name="prod · DEFAULT/hugegraph", label="prod:hugegraph", number=895, production=True)
DEV = PlaceTasks(name="dev · DEFAULT/social", label="dev:social", number=12)
RISK = PlaceTasks(name="prod · DEFAULT/risk", label="prod:risk", number=1_204, production=True)


def draw(places: Sequence[PlaceTasks], width: int, lines: int, *, ascii: bool = False) -> list[str]:
    return draw_place_counts(places, width, lines, ascii=ascii).plain.split("\n")


def test_each_place_has_its_mark_and_its_count() -> None:
    assert draw([PROD, RISK, DEV], 70, 3) == ["▲ prod:hugegraph 895 · ▲ prod:risk 1204 · dev:social 12"]
    assert draw([PROD, DEV], 70, 3, ascii=True) == ["! prod:hugegraph 895 - dev:social 12"]


def test_no_place_is_broken_over_two_lines() -> None:
    assert draw([PROD, RISK, DEV], 40, 2) == ["▲ prod:hugegraph 895 · ▲ prod:risk 1204", "dev:social 12"]
    assert draw([PROD, RISK, DEV], 38, 2) == ["▲ prod:hugegraph 895", "▲ prod:risk 1204 · dev:social 12"]


def test_those_without_room_are_counted_together() -> None:
    assert draw([PROD, RISK, DEV], 38, 1) == ["3 more places (2 production) 2111"]
    assert draw([PROD, RISK, DEV, DEV], 56, 1) == ["▲ prod:hugegraph 895 · 3 more places (1 production) 1228"]
    assert draw([PROD, DEV, DEV], 40, 1) == ["▲ prod:hugegraph 895 · 2 more places 24"]
    long = replace(DEV, label="staging:recommendations")
    assert draw([PROD, DEV, long], 56, 1) == ["▲ prod:hugegraph 895 · dev:social 12 · 1 more place 12"]


@pytest.mark.parametrize("number", [2, 50, 2_000])
@pytest.mark.parametrize("width", [12, 36, 70])
def test_all_tasks_are_counted_within_the_room(number: int, width: int) -> None:
    places = [PlaceTasks(name=f"p · g{n}", label=f"供应链_华东:graph-{n}", number=n) for n in range(number)]
    lines = draw(places, width, 3)
    assert len(lines) <= 3 or width == 12
    assert all(cell_width(line) <= width for line in lines)

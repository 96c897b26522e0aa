"""Pictures of a made-up company in one table, at the sizes that they must look right at."""

from __future__ import annotations

import pytest

from tests.ui.joint_app import company_app
from tests.ui.test_snapshots import ROOMY, USUAL, WALL, steps

SIZES = pytest.mark.parametrize("size", [USUAL, ROOMY, WALL], ids=lambda size: f"{size[0]}x{size[1]}")


@SIZES
def test_the_company(snap_compare, size: tuple[int, int]) -> None:
    assert snap_compare(company_app(), terminal_size=size, run_before=steps())


def test_the_company_in_the_light(snap_compare) -> None:
    assert snap_compare(company_app(theme="graphtop-light"), terminal_size=ROOMY, run_before=steps())


def test_the_company_in_ascii(snap_compare) -> None:
    assert snap_compare(company_app(ascii=True), terminal_size=USUAL, run_before=steps())


@SIZES
def test_tasks_by_place(snap_compare, size: tuple[int, int]) -> None:
    keys = steps("B", *"place", "enter", "j", "enter")
    assert snap_compare(company_app(), terminal_size=size, run_before=keys)


def test_a_task_beside_those_of_other_places(snap_compare) -> None:
    assert snap_compare(company_app(), terminal_size=ROOMY, run_before=steps("v"))


def test_all_columns_of_the_company(snap_compare) -> None:
    assert snap_compare(
        company_app(utc=True), terminal_size=WALL, run_before=steps("w", "space", "j", "space")
    )

"""Pictures of a made-up company in one table, at the sizes that they must look right at."""

from __future__ import annotations

import pytest

from tests.ui.joint_app import company_app
from tests.ui.picture_app import ROOMY, SMALL, USUAL, WALL, steps
from tui.monitor.request_rate import RequestRate
from tui.screens.dialogs import place_lines

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


@pytest.fixture
def steady_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many requests and failed tries there are by now depends on how fast the machine is."""
    monkeypatch.setattr(RequestRate, "count_per_minute", lambda self: 24)
    monkeypatch.setattr(place_lines, "read_retry_delay", lambda health, clock: 12_000)


@SIZES
@pytest.mark.usefixtures("steady_rates")
def test_the_places_at_a_glance(snap_compare, size: tuple[int, int]) -> None:
    keys = steps("A", "j", "space", "end")
    assert snap_compare(company_app(), terminal_size=size, run_before=keys)


@pytest.mark.usefixtures("steady_rates")
def test_the_places_in_the_light(snap_compare) -> None:
    app = company_app(theme="graphtop-light")
    assert snap_compare(app, terminal_size=ROOMY, run_before=steps("A", "j"))


@pytest.mark.usefixtures("steady_rates")
def test_the_places_in_ascii(snap_compare) -> None:
    keys = steps("A", "space", "end")
    assert snap_compare(company_app(ascii=True), terminal_size=SMALL, run_before=keys)


def test_the_company_with_a_hidden_place(snap_compare) -> None:
    keys = steps("A", "end", "space", "escape")
    assert snap_compare(company_app(), terminal_size=USUAL, run_before=keys)

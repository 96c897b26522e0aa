"""Pictures of what needs a person: the tab, the marks, the lines above the table, and the detail."""

from __future__ import annotations

import pytest

from tests.ui.picture_app import ROOMY, SMALL, USUAL
from tests.ui.problem_app import problem_app, problem_company, problem_steps


@pytest.mark.parametrize("size", [SMALL, USUAL, ROOMY], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_mark_and_the_tab_among_all_tasks(snap_compare, size) -> None:
    assert snap_compare(problem_app(), terminal_size=size, run_before=problem_steps())


@pytest.mark.parametrize("size", [USUAL, ROOMY], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_problems_of_one_place(snap_compare, size) -> None:
    assert snap_compare(problem_app(), terminal_size=size, run_before=problem_steps("6"))


@pytest.mark.parametrize("size", [USUAL, ROOMY], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_problem_in_the_detail(snap_compare, size) -> None:
    keys = problem_steps("exclamation_mark", "enter")
    assert snap_compare(problem_app(), terminal_size=size, run_before=keys)


def test_the_problems_of_several_places(snap_compare) -> None:
    assert snap_compare(problem_company(), terminal_size=ROOMY, run_before=problem_steps("6"))


def test_a_problem_of_a_place_is_chosen(snap_compare) -> None:
    keys = problem_steps("exclamation_mark")
    assert snap_compare(problem_company(), terminal_size=ROOMY, run_before=keys)


@pytest.mark.parametrize("options", [{"ascii": True}, {"theme": "ansi-dark"}, {"theme": "graphtop-light"}])
def test_a_problem_in_other_looks(snap_compare, options) -> None:
    keys = problem_steps("6", "exclamation_mark")
    assert snap_compare(problem_company(**options), terminal_size=USUAL, run_before=keys)


def test_what_is_set_aside_can_be_chosen(snap_compare) -> None:
    keys = problem_steps("exclamation_mark", "z", "Z")
    assert snap_compare(problem_app(), terminal_size=USUAL, run_before=keys)

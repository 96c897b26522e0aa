"""Which tasks are problems now: by their tasks, as long as these are as they were when it was found."""

from __future__ import annotations

from tests.unit.fakes import S, task
from tui.monitor.findings.finding import Finding, NextStep
from tui.monitor.problem_index import ProblemIndex


def find(rule: str, row=None) -> Finding:
    return Finding(rule=rule, title=rule, evidence=(), step=NextStep(text=""), subject=rule, task=row)


def test_a_task_is_a_problem_until_its_status_changes() -> None:
    index, row = ProblemIndex(), task(7, S.RUNNING)
    index.replace_all([find("slow", row)])
    assert index.find_rule(row) == "slow"
    assert not index.has_problem(task(7, S.SUCCESS))
    assert not index.has_problem(task(8, S.RUNNING))


def test_it_tells_which_tasks_have_come_and_gone() -> None:
    index, one, two = ProblemIndex(), task(1, S.RUNNING), task(2, S.RUNNING)
    assert index.replace_all([find("slow", one), find("no_answer")]) == ["1"]
    assert [one.rule for one in index.of_places] == ["no_answer"]
    assert index.replace_all([find("slow", one)]) == []
    assert index.replace_all([find("stuck", one), find("slow", two)]) == ["1", "2"]
    assert index.replace_all([]) == ["1", "2"]

"""Which tasks are problems now: by their tasks, as long as these are as they were when it was found."""

from __future__ import annotations

from msgspec.structs import replace

from tests.unit.fakes import S, task
from tui.monitor.cooperative import run_at_once
from tui.monitor.findings.finding import Finding, NextStep
from tui.monitor.problem_index import ProblemIndex


def find(rule: str, row=None) -> Finding:
    return Finding(rule=rule, title=rule, evidence=(), step=NextStep(text=""), subject=rule, task=row)


def take(index: ProblemIndex, findings: list[Finding]) -> list[str]:
    return run_at_once(index.replace_all(findings))


def test_a_task_is_a_problem_until_its_status_changes() -> None:
    index, row = ProblemIndex(), task(7, S.RUNNING)
    take(index, [find("slow", row)])
    assert index.find_rule(row) == "slow"
    assert not index.has_problem(task(7, S.SUCCESS))
    assert not index.has_problem(task(8, S.RUNNING))


def test_it_tells_which_tasks_have_come_and_gone() -> None:
    index, one, two = ProblemIndex(), task(1, S.RUNNING), task(2, S.RUNNING)
    assert take(index, [find("slow", one), find("no_answer")]) == ["1"]
    assert [one.rule for one in index.of_places] == ["no_answer"]
    assert take(index, [find("slow", one)]) == []
    assert take(index, [find("stuck", one), find("slow", two)]) == ["1", "2"]
    assert take(index, []) == ["1", "2"]


def test_all_tasks_of_one_finding_are_problems_but_of_failures_the_newest() -> None:
    index, rows = ProblemIndex(), [task(number, S.CANCELLING) for number in range(3)]
    many = replace(find("stuck", rows[0]), keys=tuple(row.key for row in rows))
    take(index, [many])
    assert [index.has_problem(row) for row in rows] == [True] * 3
    assert not index.has_problem(task(2, S.CANCELLED))
    failed = [task(number, S.FAILED) for number in range(3)]
    take(index, [replace(find("failures", failed[0]), keys=many.keys)])
    assert [index.has_problem(row) for row in failed] == [True, False, False]

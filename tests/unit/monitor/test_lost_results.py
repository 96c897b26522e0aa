"""What a result says that was read: that it is missing, or that a script perhaps did nothing."""

from __future__ import annotations

import json

import pytest

from backend_adapters.model import TaskDetail
from tests.unit.fakes import START, S, task
from tui.config.finding_settings import FindingLimits
from tui.monitor.findings.lost_results import STORED_WITHIN, find_lost_result

LATE = START + STORED_WITHIN


def make_detail(result: bytes | None, script: str = "", status=S.SUCCESS, **more) -> TaskDetail:
    row = task(7, status, updated=START)
    return TaskDetail(task=row, raw=b"", result=result, input=json.dumps({"gremlin": script}), **more)


def find(detail: TaskDetail, now: int = LATE, **limits) -> str | None:
    found = find_lost_result(detail, FindingLimits(**limits), now)
    return found and found.rule


def test_a_success_has_a_result() -> None:
    assert find(make_detail(None)) == "no_result"
    assert find(make_detail(b"[1]")) is None
    assert find(make_detail(None, status=S.FAILED)) is None
    assert find(make_detail(None), no_result=False) is None


def test_it_may_be_stored_a_moment_later_or_not_have_been_read() -> None:
    assert find(make_detail(None), LATE - 1) is None
    assert find(make_detail(None, truncated=True)) is None
    assert find(make_detail(None, result_left_out=True)) is None


NOTHING = "g.addV('person').property('name', 'x')\n'done'"


@pytest.mark.parametrize("result", [b"[]", b'"[]"', b"null", b'"null"', b'""', b" [] ", b"[null]"])
def test_an_empty_result_of_a_script_that_runs_nothing(result: bytes) -> None:
    assert find(make_detail(result, NOTHING)) == "empty_result"
    assert find(make_detail(result, NOTHING), empty_result=False) is None
    assert find(make_detail(b"[1]", NOTHING)) is None


@pytest.mark.parametrize(
    ("script", "runs"),
    [
        ("g.V().drop()", True),
        ("g.V().drop().iterate(); null", True),
        ("g.V().drop(); null", False),
        ("list.each { g.addV(it) }", False),
        ("list.each { g.addV(it).iterate() }", True),
        ("for (x in 1..3) {\n  g.addV('p').\n    property('n', x)\n}", False),
        ("for (x in 1..3) {\n  g.addV('p')\n    .property('n', x)\n    .next()\n}", True),
        ("t = g.V().drop()\nt.iterate()\nnull", True),
        ("println 'g.addV(1);'\nnull", True),
        ("// g.addV('x');\nnull", True),
        ("g.V().count(); null", True),
        ("graph.addVertex('x'); null", True),
    ],
)
def test_only_a_change_that_nothing_runs_is_told_of(script: str, runs: bool) -> None:
    assert find(make_detail(b"[]", script)) == (None if runs else "empty_result")


def test_another_input_is_no_script() -> None:
    row = task(7, S.SUCCESS, updated=START)
    assert find(TaskDetail(task=row, raw=b"", result=b"[]", input="{}")) is None
    assert find(TaskDetail(task=row, raw=b"", result=b"[]")) is None

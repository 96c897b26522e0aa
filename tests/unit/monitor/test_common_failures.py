"""Failures that share a cause are one finding, whatever places they are in."""

from __future__ import annotations

from backend_adapters.model import Place
from tests.unit.fakes import START, S, task
from tests.unit.monitor.findings_facts import MINUTE, tell
from tui.config.finding_settings import FindingLimits
from tui.monitor.findings.common_failures import CommonFailures

DAY = 24 * 60 * MINUTE
LIMITS = FindingLimits()


def failed(number: int, reason: str = "HugeException: no index 17", minutes: int = 0, **more):
    return task(number, S.FAILED, reason=reason, updated=START + minutes * MINUTE, **more)


def note(*tasks) -> CommonFailures:
    failures = CommonFailures()
    for one in tasks:
        failures.note_change(None, one)
    return failures


def test_three_alike_are_a_problem() -> None:
    failures = note(failed(1), failed(2, "HugeException: no index 18", 5), failed(3, "another"))
    assert failures.find_all(LIMITS, START) == []
    failures.note_change(task(4), failed(4, "HugeException: no index 19", 9))
    (found,) = failures.find_all(LIMITS, START + DAY - 1)
    assert found.title == "3 tasks failed alike: HugeException: no index #"
    assert tell(found) == "The first at 0s, the last at 540s."
    assert (found.task.id, found.keys, found.since) == ("4", ("4", "2", "1"), START)
    assert (found.step.key, found.step.command) == ("o", "graphtop result 4")
    assert failures.find_all(FindingLimits(failures_alike=4), START) == []
    assert failures.find_all(FindingLimits(failures=False), START) == []


def test_old_ones_do_not_count() -> None:
    failures = note(failed(1), failed(2, minutes=1), failed(3, minutes=1))
    assert failures.find_all(LIMITS, START + DAY)
    assert not failures.find_all(LIMITS, START + DAY + MINUTE)


def test_what_is_deleted_begun_again_or_not_read_does_not_count() -> None:
    rows = [failed(1), failed(2), failed(3)]
    failures = note(*rows, task(4, S.FAILED, updated=START), task(5, S.FAILED, reason="", updated=START))
    (found,) = failures.find_all(LIMITS, START)
    assert found.numbers == {"tasks": 3, "graphs": 1}
    failures.note_change(rows[0], None)
    assert failures.find_all(LIMITS, START) == []
    failures.note_change(None, rows[0])
    assert failures.find_all(LIMITS, START)
    failures.note_change(rows[1], task(2, S.NEW))
    assert failures.find_all(LIMITS, START) == []


def test_they_are_counted_over_all_places_and_forgotten_with_them() -> None:
    places = [Place(number=n, profile="p", dialect="hugegraph", graph=f"g{n}") for n in (1, 2, 3)]
    failures = note(*(failed(7, place=place) for place in places))
    (found,) = failures.find_all(LIMITS, START)
    assert tell(found).endswith(", in 3 graphs.")
    assert (found.place, found.keys) == (None, ("1/7", "2/7", "3/7"))
    failures.forget_place("2/")
    assert failures.find_all(LIMITS, START) == []


def test_one_more_is_something_new() -> None:
    failures = note(failed(1), failed(2), failed(3))
    (before,) = failures.find_all(LIMITS, START)
    failures.note_change(None, failed(4))
    (after,) = failures.find_all(LIMITS, START)
    assert before.identity == after.identity
    assert before.fingerprint != after.fingerprint


def test_the_last_ones_that_ran_out_of_memory_are_at_hand() -> None:
    row = failed(1, "java.lang.OutOfMemoryError: Java heap space")
    failures = note(row, failed(2))
    assert list(failures.out_of_memory) == ["1"]
    failures.note_change(row, None)
    assert not failures.out_of_memory

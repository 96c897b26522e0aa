"""What is told of ends and matches: one harmless line each."""

from __future__ import annotations

from backend_adapters.model import Place
from tests.unit.fakes import START, S, task
from tui.monitor.end_watch import EndKind, TaskEnd
from tui.screens.tasks.notice_texts import describe_ends, describe_new_matches

DONE = TaskEnd(task(1, S.SUCCESS, name="rebuild"), EndKind.ENDED, 2_282_000)
FAILED = TaskEnd(task(2, S.FAILED, name="x\x1b[2J", reason="HugeException: \x07no"), EndKind.ENDED, 850)


def test_one_end_is_told_with_how_long_it_took_and_why_it_failed() -> None:
    assert describe_ends([DONE]) == "1 (rebuild): success after 38m 2s"
    assert describe_ends([FAILED]) == "2 (x␛[2J): failed after 850ms: HugeException: ␇no"


def test_what_is_not_known_is_not_told_as_a_success() -> None:
    going = task(3, name="g")
    assert describe_ends([TaskEnd(going, EndKind.GONE)]) == (
        "3 (g): gone from the server; how it ended is not known"
    )
    assert describe_ends([TaskEnd(going, EndKind.REPLACED)]) == "3 (g): gone; another task has its id now"
    left = describe_ends([TaskEnd(going, EndKind.LEFT)])
    assert left == "3 (g): its place is no longer watched, so nobody sees it end"


def test_several_are_counted_and_the_first_that_went_wrong_is_told() -> None:
    gone = TaskEnd(task(3, name="g"), EndKind.GONE)
    assert describe_ends([DONE, DONE, FAILED, gone]) == (
        "4 tasks have ended: 2 success, 1 failed, 1 gone. 2 (x␛[2J): failed after 850ms: HugeException: ␇no"
    )
    assert describe_ends([DONE, DONE]) == "2 tasks have ended: 2 success"


def test_a_task_of_several_places_is_told_with_its_place() -> None:
    place = Place(number=1, profile="prod", dialect="hugegraph", graph="g", label="prod:g")
    end = TaskEnd(task(1, S.SUCCESS, name="n", place=place), EndKind.ENDED)
    assert describe_ends([end]) == "prod:g 1 (n): success"


def test_what_matches_is_told_behind_the_filter() -> None:
    new = [task(7, S.FAILED, name="n", reason="boom", created=START), task(8)]
    assert describe_new_matches("status=failed", new[:1]) == "status=failed: 7 (n) failed: boom"
    assert describe_new_matches("status=failed", new) == "status=failed: 2 tasks, first 7 (n) failed: boom"

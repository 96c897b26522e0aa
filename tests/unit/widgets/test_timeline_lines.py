"""What the timeline of a task reads like, line by line."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.unit.fakes import S, task
from tui.widgets.timeline_lines import (
    RunMark,
    Stage,
    TimelineEvent,
    TimelineState,
    describe_rank,
    share_cells,
    timeline_lines,
)

NOON = 1_795_435_200_000  # 2026-11-23 12:00:00 UTC
HOUR = 3_600_000
RUNNING = task(7, name="count", created=NOON - HOUR, updated=NOON - 5_000)
ENDED = replace(RUNNING, status=S.SUCCESS, raw_status="success", updated=NOON)
STAGES = (Stage(S.QUEUED, "queued", 600_000), Stage(S.RUNNING, "running", HOUR - 600_000))


def read(shown: TimelineState, width: int = 60) -> list[str]:
    made = timeline_lines(shown, width)
    assert all(line.cell_length <= width for line in made), [line.plain for line in made]
    return [line.plain.rstrip() for line in made]


def make(shown=RUNNING, **more) -> TimelineState:
    return TimelineState(task=shown, now=NOON, utc=True, **{"stages": STAGES, **more})


def test_a_running_task_reads_like_this() -> None:
    events = (
        TimelineEvent(words="created", at=NOON - HOUR),
        TimelineEvent(words="queued", at=NOON - HOUR, seen=NOON - HOUR + 1000, status=S.QUEUED),
        TimelineEvent(words="not watched until 11:40:00", at=NOON - 2_000_000, is_gap=True),
        TimelineEvent(
            words="running", at=NOON - 3_000_000, seen=NOON - 1_200_000, status=S.RUNNING, note="seen late"
        ),
        TimelineEvent(words="cancel by ann@host: refused", at=NOON - 1000),
    )
    runs = (RunMark(S.SUCCESS, HOUR), RunMark(S.FAILED, 60_000), RunMark(S.RUNNING, HOUR * 2, is_this=True))
    sentences = ("about 12m left; usually 38m–51m", "same kind: 23 ok, 2 failed")
    assert read(make(events=events, runs=runs, sentences=sentences)) == [
        "created 11:00:00" + " " * 31 + "now 12:00:00",
        "├" + "╌" * 9 + "┼" + "━" * 47 + "▶",
        "queued 10m · running 50m",
        "",
        "about 12m left; usually 38m–51m",
        "same kind: 23 ok, 2 failed",
        "last 3   ✓✗▶",
        "took     ▅▂█  1m–2h",
        "           ▲ this one: longer than all 2 others",
        "",
        "TIME      SEEN      EVENT",
        "11:00:00  –         created",
        "11:00:00  11:00:01  ◦ queued",
        "11:26:40  –         not watched until 11:40:00",
        "11:10:00  11:40:00  ▶ running · seen late",
        "11:59:59  –         cancel by ann@host: refused",
    ]


def test_an_ended_one_reads_like_this_in_ascii() -> None:
    assert read(make(ENDED, ascii=True, runs=(RunMark(S.SUCCESS, HOUR), RunMark(S.SUCCESS, 1))), 40) == [
        "created 11:00:00         ended 12:00:00",
        "|......|==============================|",
        "queued 10m - running 50m - + success",
        "",
        "last 2   ++",
        "took     #.  0s-1h",
    ]


@pytest.mark.parametrize("width", [20, 30, 37, 44, 52, 78, 120, 200])
@pytest.mark.parametrize("ascii", [False, True])
def test_no_line_is_wider_than_its_room(width: int, ascii: bool) -> None:
    far = task(7, name="数据", created=NOON - 400 * 24 * HOUR, raw_status="läuft\x1b[31m" * 9)
    events = tuple(
        TimelineEvent(words=words, at=NOON - HOUR, seen=seen, note="seen late, retried 2×")
        for words in ("created", "数据" * 40, "x" * 90)
        for seen in (None, NOON)
    )
    runs = tuple(RunMark(S.SUCCESS, HOUR * n, is_this=n == 5) for n in range(1, 13))
    stages = tuple(Stage(S.RUNNING, "läuft" * n, n) for n in range(30))
    for shown in (far, replace(far, created=None), replace(far, status=S.FAILED, updated=NOON)):
        lines = read(make(shown, stages=stages, events=events, runs=runs, ascii=ascii), width)
        assert "\x1b" not in "".join(lines)
        if ascii:
            assert not any(sign in "".join(lines) for sign in "├┤━╌▶▲·✓✗")


def test_what_is_not_known_of_a_life_is_said() -> None:
    assert read(make(replace(RUNNING, created=None)))[0] == "When the task was created is not known."
    unknown = read(make(ENDED, end_unknown=True, stages=()))
    assert unknown[0].endswith("ended, when is not known")
    assert unknown[1:] == ["├" + "╌" * 57 + "┤", "✓ success"]
    assert read(make(goes_on=False, stages=()))[0] == "created 11:00:00"


def test_events_that_nobody_saw_have_no_column_of_when_they_were_seen() -> None:
    events = (TimelineEvent(words="created", at=NOON - HOUR), TimelineEvent(words="success", at=NOON))
    assert read(make(ENDED, events=events))[-3:] == [
        "TIME      EVENT",
        "11:00:00  created",
        "12:00:00  success",
    ]


@pytest.mark.parametrize(
    ("lengths", "cells", "shares"),
    [
        ([], 10, []),
        ([5], 10, [10]),
        ([1, 1], 10, [5, 5]),
        ([1, 1_000_000], 10, [1, 9]),
        ([0, 0], 10, [9, 1]),
        ([1, 1, 1], 2, [1, 1]),
        ([1, 1, 1, 97], 4, [1, 1, 1, 1]),
    ],
)
def test_each_stage_has_a_cell_and_its_share(lengths: list[int], cells: int, shares: list[int]) -> None:
    assert share_cells(lengths, cells) == shares
    assert not lengths or sum(share_cells(lengths, cells)) == min(cells, max(cells, len(lengths)))


@pytest.mark.parametrize(
    ("own", "others", "words"),
    [
        (None, [1], ""),
        (5, [], ""),
        (5, [None], ""),
        (5, [1], "longer than the other one"),
        (5, [9], "shorter than the other one"),
        (5, [1, 2], "longer than all 2 others"),
        (5, [7, 9], "shorter than all 2 others"),
        (5, [1, 9, None], "longer than 1 of 2 others"),
        (5, [5, 9], "longer than none of the others"),
    ],
)
def test_the_place_of_a_run_among_the_others(own, others, words: str) -> None:
    runs = [RunMark(S.SUCCESS, took) for took in others] + [RunMark(S.RUNNING, own, is_this=True)]
    assert describe_rank(runs) == words

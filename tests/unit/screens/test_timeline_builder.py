"""What the timeline is made of: stages, events in order, and others of the same kind."""

from __future__ import annotations

from msgspec.structs import replace

from backend_adapters.model import TaskStatus
from tests.unit.fakes import START, S, task
from tui.monitor.history.records import Transition, WatchSpan
from tui.monitor.journal.line import JournalLine
from tui.monitor.kind_record import KindRecord, PastRun
from tui.monitor.task_past import TaskPast
from tui.screens.tasks.timeline_builder import TaskSights, build_timeline, find_stages, join_transitions

MINUTE = 60_000
RUNNING = task(7, created=START, updated=START + 3_000)
ENDED = replace(RUNNING, status=S.SUCCESS, raw_status="success", updated=START + 10 * MINUTE)


def seen(status: TaskStatus, minutes: float, **more) -> Transition:
    """A transition that was seen so long after the creation, and came a second before."""
    moment = START + round(minutes * MINUTE)
    return Transition(
        **{"status": status, "raw_status": status.value, "seen": moment, "at": moment - 1000, **more}
    )


def sights(minutes: float = 20, **more) -> TaskSights:
    return TaskSights(now=START + round(minutes * MINUTE), utc=True, **more)


def stages(shown, steps, **more) -> list[tuple[str, float]]:
    return [
        (stage.word, round(stage.length / MINUTE, 3))
        for stage in find_stages(shown, steps, sights(20, **more))
    ]


def events(shown, **more) -> list[str]:
    made = build_timeline(shown, sights(**more)).events
    return [f"{one.words}{f' ({one.note})' if one.note else ''}" for one in made]


QUEUED, RUN, DONE = seen(S.QUEUED, 0.5), seen(S.RUNNING, 2), seen(S.SUCCESS, 10, at=ENDED.updated)


def test_each_status_is_a_stage_from_when_the_server_wrote_it() -> None:
    wait = 1.983
    assert stages(ENDED, [QUEUED, RUN, DONE]) == [("queued", wait), ("running", round(10 - wait, 3))]
    assert stages(RUNNING, [QUEUED, RUN]) == [("queued", wait), ("running", round(20 - wait, 3))]
    assert stages(RUNNING, [QUEUED, RUN], goes_on=False) == []
    assert stages(replace(RUNNING, created=None), [RUN]) == []
    assert stages(ENDED, [QUEUED], end_unknown=True) == []


def test_a_status_that_the_server_gives_no_time_for_begins_when_it_was_seen() -> None:
    steps = [replace(QUEUED, at=None), replace(RUN, at=None)]
    assert stages(ENDED, steps) == [("queued", 2), ("running", 8)]
    same = [replace(RUN, at=START), seen(S.CANCELLING, 15, at=START)]
    assert stages(RUNNING, same) == [("running", 15), ("cancelling", 5)], "the server dates no such change"
    late = [QUEUED, replace(RUN, at=START - MINUTE)]
    assert stages(ENDED, late, ahead=MINUTE) == [("queued", 3), ("running", 7)]


def test_a_wait_that_nobody_saw_is_told_where_the_record_shows_it() -> None:
    assert stages(RUNNING, [replace(RUN, at=START + MINUTE)]) == [("waiting", 1), ("running", 19)]
    assert stages(RUNNING, [replace(RUN, at=START + 900)]) == [("running", 20)], "servers need a moment"
    counts = replace(RUNNING, progress=500)
    assert stages(counts, [seen(S.RUNNING, 9)]) == [("running", 20)], "its update may be of a count"
    assert stages(counts, [seen(S.RUNNING, 9)], past=TaskPast(waited=2 * MINUTE))[0] == ("waiting", 2)


def test_without_any_sight_there_is_one_stage() -> None:
    assert stages(ENDED, []) == [("in all", 10)]
    assert stages(RUNNING, []) == [("running", 20)]


def test_the_events_stand_in_the_order_in_which_they_were_seen() -> None:
    past = TaskPast(
        transitions=(
            QUEUED,
            RUN,
            seen(S.RESTORING, 9, unwatched_since=START + 3 * MINUTE),
            seen(S.RUNNING, 9.5, retries=1),
        ),
        gaps=(WatchSpan(START + 3 * MINUTE, START + 9 * MINUTE),),
        actions=(
            JournalLine(
                when="2027-01-15T08:02:30.000Z",
                by="ann@host",
                profile="p",
                url="u",
                graph="g",
                id="7",
                action="cancel",
                outcome="refused",
            ),
            JournalLine(
                when="never", by="b", profile="p", url="u", graph="g", id="7", action="delete", outcome="gone"
            ),
        ),
    )
    assert events(ENDED, past=past) == [
        "created",
        "delete by b: gone",
        "queued",
        "running",
        "cancel by ann@host: refused",
        "not watched until 08:09:00",
        "restoring (seen late)",
        "running (retried 1×)",
        "success",
    ]


def test_what_was_there_when_graphtop_came_is_told_so() -> None:
    assert events(RUNNING, seen=(seen(S.RUNNING, 15),)) == ["created", "running (when first seen)"]
    assert events(RUNNING, seen=(seen(S.RUNNING, 0.5),)) == ["created", "running"]
    again = events(RUNNING, seen=(seen(S.RUNNING, 15, retries=2),))
    assert again == ["created", "running (when first seen, retried 2×)"]
    assert events(replace(RUNNING, created=None), seen=()) == []


def test_the_time_of_a_count_is_not_told_as_that_of_the_status() -> None:
    sight = seen(S.RUNNING, 15)

    def times(progress: int | None) -> list[int | None]:
        shown = replace(RUNNING, progress=progress)
        return [one.at for one in build_timeline(shown, sights(seen=(sight,))).events]

    assert times(None) == [START, sight.at]
    assert times(500) == [START, None]


def test_gaps_of_this_session_are_told_only_while_the_task_went_on() -> None:
    gaps = [WatchSpan(START + n * MINUTE, START + (n + 1) * MINUTE) for n in (0, 5, 15)]
    assert events(ENDED, seen=(RUN, DONE), seen_gaps=gaps)[2:] == [
        "not watched until 08:06:00",
        "success",
    ]
    assert len(events(RUNNING, seen=(QUEUED,), seen_gaps=gaps)) == 2 + 3


def test_the_history_and_this_session_tell_each_transition_once() -> None:
    again = replace(RUN, seen=RUN.seen + 700)
    assert join_transitions([QUEUED, RUN], [QUEUED, again, DONE]) == [QUEUED, RUN, DONE]
    assert join_transitions([], [QUEUED]) == [QUEUED]
    later = replace(RUN, seen=RUN.seen + 60 * MINUTE)
    assert join_transitions([QUEUED, RUN], [later]) == [QUEUED, RUN], "as this session found it"
    assert join_transitions([QUEUED, RUN], [later, DONE])[2:] == [DONE]


def record(**more) -> KindRecord:
    lengths = [n * MINUTE for n in range(1, 13)]
    last = tuple(PastRun(str(100 + n), S.SUCCESS, START, START + n, n * MINUTE) for n in range(1, 13))
    return KindRecord(succeeded=12, lengths=lengths, last=last, **more)


def test_a_running_task_is_the_last_of_twelve_and_its_end_is_estimated() -> None:
    made = build_timeline(RUNNING, sights(6, kind=record()))
    assert len(made.runs) == 12
    assert [run.is_this for run in made.runs] == [False] * 11 + [True]
    assert made.runs[-1].took == 6 * MINUTE
    assert made.sentences == ("about 3m left; usually 2m–11m", "same kind: 12 ok")
    gone = build_timeline(RUNNING, sights(6, kind=record(), goes_on=False))
    assert not any(run.is_this for run in gone.runs)
    assert gone.sentences == ("same kind: 12 ok",)


def test_an_ended_one_is_found_among_the_last_or_compared_with_all() -> None:
    made = build_timeline(replace(ENDED, id="103"), sights(kind=record()))
    assert [run.is_this for run in made.runs].index(True) == 2
    assert made.sentences == ("same kind: 12 ok",)
    other = build_timeline(ENDED, sights(kind=record()))
    assert not any(run.is_this for run in other.runs)
    assert other.sentences[-1] == "This one took 10m: longer than 9 of 12 that succeeded."

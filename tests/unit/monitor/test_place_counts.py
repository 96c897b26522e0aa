"""What one place is told of beside others: its counts, and the requests that it was sent."""

from __future__ import annotations

from tests.unit.fakes import START, S, run_until_idle, task
from tests.unit.joint_monitor import run_joint_monitor
from tui.monitor.place_counts import PlaceCounter, PlaceCounts
from tui.monitor.request_rate import RequestRate
from tui.monitor.store import Store

HOUR = 3_600_000


class HandClock:
    """Seconds that the test sets."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


def test_what_runs_waits_and_failed_of_late_is_counted() -> None:
    moment = [START]
    store = Store(lambda: moment[0])
    counter = PlaceCounter(store)
    assert counter.count_tasks() == PlaceCounts(running=0, waiting=0, failed=0, longest_run=None)
    tasks = [
        task(1, created=START - 3 * HOUR),
        task(2, S.CANCELLING, created=START - HOUR),
        task(3, S.QUEUED, created=START - 9 * HOUR),
        task(4, S.FAILED, updated=START - HOUR),
        task(5, S.PARTIAL, updated=START - 23 * HOUR),
        task(6, S.FAILED, updated=START - 25 * HOUR),
        task(7, S.FAILED, updated=None),
        task(8, S.SUCCESS, updated=START),
    ]
    store.apply_answer(tasks, asked=store.take_ticket())
    assert counter.count_tasks() == PlaceCounts(running=2, waiting=1, failed=2, longest_run=3 * HOUR)
    store.apply_answer([task(9, S.FAILED, updated=START)], asked=store.take_ticket())
    assert counter.count_tasks().failed == 3
    moment[0] += 2 * HOUR
    assert counter.count_tasks() == PlaceCounts(running=2, waiting=1, failed=2, longest_run=5 * HOUR)


def test_requests_are_those_of_the_last_minute() -> None:
    clock, sent = HandClock(), [0]
    rate = RequestRate(clock, lambda: sent[0])  # type: ignore[arg-type]
    assert rate.count_per_minute() == 0
    for _ in range(30):
        clock.seconds += 1
        sent[0] += 2
        rate.note_count()
    assert rate.count_per_minute() == 60, "all that were sent, before a minute is over"
    for _ in range(120):
        clock.seconds += 1
        sent[0] += 1
        rate.note_count()
    assert 58 <= rate.count_per_minute() <= 61
    clock.seconds += 500
    assert rate.count_per_minute() <= 7, "it has not been asked for long"
    rate.note_count()
    clock.seconds += 61
    assert rate.count_per_minute() == 0


async def test_each_place_counts_its_own_requests() -> None:
    async with run_joint_monitor() as rig:
        prod, dev = rig.add("prod:g", task(1)), rig.add("dev:g", task(1))
        await rig.start()
        rig.backend(prod).request_count = 12
        rig.backend(dev).request_count = 3
        await run_until_idle()
        assert (prod.request_rate.count_per_minute(), dev.request_rate.count_per_minute()) == (12, 3)

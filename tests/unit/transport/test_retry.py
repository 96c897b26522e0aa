from __future__ import annotations

from itertools import accumulate

from backend_adapters.transport.retry import backoff_seconds, next_pause


def test_pauses_double_from_the_first_to_the_longest():
    assert [backoff_seconds(failures, 60, 300) for failures in range(1, 6)] == [60, 120, 240, 300, 300]
    assert backoff_seconds(10_000, 1, 30) == 30


def test_step_by_step_they_are_the_same():
    steps = accumulate(
        range(4), lambda pause, _: next_pause(pause, 60, 300), initial=next_pause(None, 60, 300)
    )
    assert list(steps) == [60, 120, 240, 300, 300]

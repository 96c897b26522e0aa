"""A server counts as restarted where nothing listened or it was starting, not where the way to it was cut."""

from __future__ import annotations

import pytest

from backend_adapters.errors import Starting, TimedOut, Unreachable
from tui.monitor.findings.outages import Outage, OutageWatch
from tui.monitor.health import Health

REFUSED = Unreachable("nothing is listening")
REFUSED.is_refused = True


@pytest.mark.parametrize(
    ("error", "is_outage"),
    [(REFUSED, True), (Starting("x"), True), (Unreachable("no route"), False), (TimedOut("x"), False)],
)
def test_only_a_server_that_was_not_there(error, is_outage: bool) -> None:
    watch = OutageWatch()
    watch.note_health(Health(last_ok=1), 2)
    watch.note_health(Health(error=error, last_ok=1), 5)
    watch.note_health(Health(error=REFUSED if is_outage else error, last_ok=1), 6)
    assert watch.last is None
    watch.note_health(Health(last_ok=9), 9)
    assert watch.last == (Outage(5, 9) if is_outage else None)


def test_it_must_answer_and_the_last_outage_counts() -> None:
    watch = OutageWatch()
    for now, health in enumerate([Health(error=REFUSED), Health(), Health(last_ok=2), Health(last_ok=3)]):
        watch.note_health(health, now)
    assert watch.last == Outage(0, 2)
    watch.note_health(Health(error=Starting("x"), last_ok=3), 7)
    watch.note_health(Health(last_ok=8), 8)
    assert watch.last == Outage(7, 8)

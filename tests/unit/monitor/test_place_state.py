"""What is wrong with a whole place: on both sides of each threshold."""

from __future__ import annotations

from collections import Counter

import pytest
from msgspec.structs import replace

from backend_adapters.errors import NotLoggedIn, TimedOut, Unreachable
from backend_adapters.model import Place
from tests.unit.fakes import START, S, task
from tests.unit.monitor.findings_facts import SOURCE, make_facts, tell
from tui.config.finding_settings import FindingLimits
from tui.monitor.findings.place_state import (
    count_kinds,
    find_full_queue,
    find_many_finished,
    find_silent_place,
    find_wrong_clock,
)
from tui.monitor.health import Health

DOWN = Unreachable("prod:8080 refused the connection: nothing is listening on this port.")


def test_a_place_that_does_not_answer() -> None:
    health = Health(error=DOWN, last_ok=START)
    assert find_silent_place(make_facts(now=START + 9_999, health=health), None) is None
    found = find_silent_place(make_facts(now=START + 10_000, health=health), None)
    assert (found.title, found.since) == ("prod does not answer", START)
    assert tell(found) == "prod:8080 refused the connection: nothing is listening on this port."
    assert found.step.text == "Check the address and the port, and that the server is running."
    assert found.step.command == "graphtop doctor"
    assert find_silent_place(make_facts(now=START + 99_999, health=Health(last_ok=START)), None) is None


def test_a_place_that_never_answered_and_one_that_wants_a_login() -> None:
    health = Health(error=NotLoggedIn("prod wants a login."))
    place = Place(number=1, profile="prod", dialect="hugegraph", graph="g x", graphspace="s")
    facts = make_facts(now=START + 60_000, health=health, place=place)
    assert find_silent_place(facts, None) is None
    found = find_silent_place(facts, START + 50_000)
    assert found.title == "prod:s/g x needs a login"
    assert found.step.command == "graphtop doctor -p prod --graph 'g x' --graphspace s"
    assert find_silent_place(facts, START + 50_001) is None


def test_another_error_is_something_new() -> None:
    one = make_facts(now=START + 60_000, health=Health(error=DOWN, last_ok=START))
    other = make_facts(now=START + 60_000, health=Health(error=TimedOut("x"), last_ok=START))
    first, second = find_silent_place(one, None), find_silent_place(other, None)
    assert first.identity == second.identity
    assert first.fingerprint != second.fingerprint


@pytest.mark.parametrize(("ahead", "way"), [(30_000, "ahead of"), (-30_000, "behind")])
def test_a_clock_that_is_off(ahead: int, way: str) -> None:
    found = find_wrong_clock(make_facts(ahead=ahead))
    assert found.title == f"The server's clock is 30s {way} this machine's"
    assert found.numbers == {"ahead_ms": ahead}
    assert find_wrong_clock(make_facts(ahead=ahead * 29_999 // 30_000)) is None
    assert find_wrong_clock(make_facts(ahead=ahead, limits=FindingLimits(clock_off=31))) is None


def test_a_queue_near_its_limit_says_who_fills_it() -> None:
    rows = [task(n, S.QUEUED, name=f"import {n}") for n in range(6)]
    rows += [task(n, S.NEW, name="rebuild", type="algorithm") for n in range(6, 8)]
    limits = FindingLimits(queue_tasks=8)
    assert find_full_queue(make_facts(*rows[1:], limits=limits), Counter()) is None
    facts = make_facts(*rows, task(9, S.RUNNING), limits=limits)
    found = find_full_queue(facts, count_kinds(facts.store.list_tasks()))
    assert found.title == "8 tasks wait, near the limit of 10,000"
    assert "They are: 6 gremlin import #, 2 algorithm rebuild." in tell(found)
    assert found.step.command == "graphtop ls status=waiting"
    cloud = replace(facts, source=replace(SOURCE, dialect="ges"))
    assert find_full_queue(cloud, Counter()) is None, "only HugeGraph has that limit"


def test_very_many_finished_tasks() -> None:
    rows = [task(n, S.SUCCESS) for n in range(2)] + [task(3, S.FAILED), task(4, S.RUNNING)]
    assert find_many_finished(make_facts(*rows, limits=FindingLimits(finished_tasks=4))) is None
    found = find_many_finished(make_facts(*rows, limits=FindingLimits(finished_tasks=3)))
    assert (found.title, found.numbers) == ("3 finished tasks are kept", {"finished_tasks": 3})
    assert found.step.command == "graphtop purge --older-than 30d --dry-run"

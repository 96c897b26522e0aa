"""One finding for all tasks of a place that the server fails over, and one for those that stop it."""

from __future__ import annotations

from tests.unit.fakes import unreadable_task
from tests.unit.monitor.findings_facts import make_facts, tell
from tui.monitor.findings.unreadable_tasks import find_heavy_tasks, find_unreadable_tasks


def test_without_one_nothing_is_said() -> None:
    assert find_unreadable_tasks(make_facts()) is None
    assert find_heavy_tasks(make_facts(unreadable_task(1))) is None
    assert find_unreadable_tasks(make_facts(unreadable_task(1, stops_server=True))) is None


def test_one_can_be_deleted_at_once() -> None:
    found = find_unreadable_tasks(make_facts(unreadable_task(450)))
    assert (found.title, found.keys) == ("1 task that the server can't read", ("450",))
    assert tell(found) == "1 task can't be read: 450 (Server error 500: Invalid status code: 9)."
    assert (found.step.key, found.step.command) == ("^D", "graphtop delete 450")


def test_several_are_one_finding_that_changes_with_them() -> None:
    found = find_unreadable_tasks(make_facts(*(unreadable_task(n) for n in range(1, 8))))
    assert found.title == "7 tasks that the server can't read"
    assert tell(found).startswith("7 tasks can't be read: 1, 2, 3, 4, 5 and 2 more")
    assert found.step.command == "graphtop ls status=unreadable"
    fewer = find_unreadable_tasks(make_facts(*(unreadable_task(n) for n in range(1, 7))))
    assert (found.identity == fewer.identity, found.fingerprint == fewer.fingerprint) == (True, False)


def test_one_that_stops_the_server_is_another_finding() -> None:
    facts = make_facts(unreadable_task(1), unreadable_task(2, stops_server=True))
    assert find_unreadable_tasks(facts).keys == ("1",)
    found = find_heavy_tasks(facts)
    assert (found.title, found.keys) == ("1 task too heavy for the server to list", ("2",))

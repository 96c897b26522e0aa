"""The store: what is known, from answers that come late, twice, in part or not at all."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_adapters.model import TaskStatus, is_different_task
from tests.unit.fakes import START, S, task, unreadable_task
from tui.monitor.finish_rate import _MINUTE, MINUTES_KEPT, FinishRate
from tui.monitor.id_order import natural_key
from tui.monitor.store import Change, Store
from tui.monitor.unreadable import last_read_status, tab_status


def put(store: Store, *tasks, missing=()):
    return store.apply_answer(tasks, missing, asked=store.take_ticket())


def check(store: Store) -> None:
    rows = store.tasks.values()
    assert +store.counts == Counter(tab_status(row) for row in rows)
    going = {row.id for row in rows if not row.status.is_finished and row.status is not S.UNREADABLE}
    assert store.unfinished == going
    assert all((row.status_before is None) or row.status is S.UNREADABLE for row in rows)
    assert all(key == row.id for key, row in store.tasks.items())


def test_of_what_is_gone_only_the_newest_is_remembered(monkeypatch):
    monkeypatch.setattr("tui.monitor.store.GONE_MOST", 10)
    store = Store()
    put(store, task(1), task(2))
    for number in range(100, 1100):
        put(store, missing=[str(number)])
    assert len(store._asked) <= 22
    late = store.take_ticket()
    put(store, missing=["1100"])
    assert store.apply_answer([task(1100)], asked=late) == [], "an older answer still does not bring it back"
    put(store, task(1, S.SUCCESS))
    assert store.tasks.get("1").status is S.SUCCESS
    check(store)


def test_of_the_history_only_the_newest_minutes_are_kept():
    history = FinishRate()
    for minute in range(10_000):
        history.count_tasks([task(1, S.SUCCESS, updated=minute * _MINUTE)])
    assert len(history._minutes) <= 2 * MINUTES_KEPT
    assert history.count_per_minute(10_000 * _MINUTE, 3) == (1, 1, 1)


def test_natural_orders_numbers_as_numbers():
    ids = ["10", "9", "1", "-3", "-20", "4294967296", "200", "-1", "-12", "-9"]
    assert sorted(ids, key=natural_key) == sorted(ids, key=int)
    assert len({natural_key(one) for one in ids}) == len(ids)


def test_a_new_task_is_a_change_without_an_old_one():
    store = Store()
    (change,) = put(store, row := task(7, S.NEW))
    assert (change.old, change.new) == (None, row)
    assert (len(store), store.tasks.get("7"), store.tasks.get("8"), store.newest) == (1, row, None, "7")
    check(store)


def test_an_equal_task_changes_nothing_and_keeps_the_known_object():
    store = Store()
    put(store, row := task(7))
    assert put(store, task(7)) == []
    assert store.tasks.get("7") is row
    assert store.apply_scan([task(7)], began=store.take_ticket()) == []
    assert store.tasks.get("7") is row


def test_the_answer_to_an_older_request_does_not_overwrite_that_of_a_newer_one():
    store = Store()
    first, second = store.take_ticket(), store.take_ticket()
    store.apply_answer([task(1, S.SUCCESS)], asked=second)
    assert store.apply_answer([task(1, S.RUNNING)], asked=first) == []
    assert store.tasks.get("1").status is S.SUCCESS
    assert store.apply_answer([], ["1"], asked=first) == []
    assert store.tasks.get("1") is not None
    check(store)


def test_a_late_answer_does_not_bring_a_deleted_task_back():
    store = Store()
    put(store, task(1))
    first, second = store.take_ticket(), store.take_ticket()
    (change,) = store.apply_answer([], ["1"], asked=second)
    assert change.old is not None
    assert change.new is None
    assert store.apply_answer([task(1, progress=5)], asked=first) == []
    assert len(store) == 0
    check(store)


def test_late_answers_are_late_for_each_task_by_itself():
    store = Store()
    first, second = store.take_ticket(), store.take_ticket()
    store.apply_answer([task(1, S.SUCCESS)], asked=second)
    (change,) = store.apply_answer([task(1), task(2)], asked=first)
    assert change.new.id == "2"


def test_the_same_ticket_may_speak_twice_of_a_task():
    store = Store()
    ticket = store.take_ticket()
    changes = store.apply_answer([task(1, S.RUNNING), task(1, S.SUCCESS)], asked=ticket)
    assert [(c.old and c.old.status, c.new.status) for c in changes] == [
        (None, S.RUNNING),
        (S.RUNNING, S.SUCCESS),
    ]
    check(store)


def test_missing_of_what_is_not_known_is_no_change():
    store = Store()
    assert put(store, missing=["5"]) == []
    check(store)


def test_a_scan_does_not_undo_what_was_looked_at_since_it_began():
    store = Store()
    put(store, task(1, S.RUNNING), task(2, S.RUNNING), task(3, S.RUNNING))
    began = store.take_ticket()
    put(store, task(1, S.SUCCESS), missing=["2"])
    changes = store.apply_scan([task(1, S.RUNNING), task(2, S.RUNNING), task(3, S.FAILED)], began=began)
    assert [change.new.id for change in changes] == ["3"]
    assert store.tasks.get("1").status is S.SUCCESS
    assert store.tasks.get("2") is None
    check(store)


def test_a_scan_overwrites_what_was_known_before_it_began():
    store = Store()
    put(store, task(1, S.RUNNING))
    (change,) = store.apply_scan([task(1, S.SUCCESS)], began=store.take_ticket())
    assert change.new.status is S.SUCCESS


@pytest.mark.parametrize("gone", [False, True])
def test_an_older_answer_stays_late_after_a_scan_is_complete(gone):
    store = Store()
    put(store, task(1, S.RUNNING))
    slow, quick, began = store.take_ticket(), store.take_ticket(), store.take_ticket()
    store.apply_answer([task(1, S.SUCCESS)], asked=quick)
    store.apply_scan([task(1, S.SUCCESS)], began=began)
    store.finish_scan(began)
    assert store.apply_answer([] if gone else [task(1, S.RUNNING)], ["1"] if gone else [], asked=slow) == []
    assert store.tasks.get("1").status is S.SUCCESS


def test_an_older_answer_after_the_end_of_a_scan_revives_no_deleted_task():
    store = Store()
    put(store, task(1), task(2))
    began, slow, quick = store.take_ticket(), store.take_ticket(), store.take_ticket()
    store.apply_answer([], ["1"], asked=quick)
    store.finish_scan(began)
    assert store.apply_answer([task(1), task(2, progress=5)], asked=slow) == [
        Change(task(2), task(2, progress=5))
    ], "and only of what was told since is it late"
    assert "1" not in store.tasks
    check(store)


def test_the_newest_id_counts_as_a_number_and_survives_the_tasks_deletion():
    store = Store()
    put(store, task(9), task(10), task(2))
    assert store.newest == "10"
    put(store, missing=["10"])
    assert store.newest == "10", "ids count up: the next one is above it all the same"
    put(store, task(11))
    assert store.newest == "11"


def test_the_newest_id_follows_when_ids_began_anew():
    store = Store()
    put(store, *[task(n, S.SUCCESS) for n in range(1, 101)])
    began = store.take_ticket()
    store.apply_scan([task(1, created=START + 1), task(2, created=START + 1)], began=began)
    put(store, missing=[str(n) for n in range(3, 101)])
    assert store.newest == "100"
    store.finish_scan(began)
    assert store.newest == "2"
    put(store, task(3))
    assert store.newest == "3"
    check(store)


def test_the_newest_id_is_none_again_when_a_scan_found_nothing():
    store = Store()
    put(store, task(4))
    began = store.take_ticket()
    put(store, missing=["4"])
    store.finish_scan(began)
    assert store.newest is None


def test_the_history_counts_each_end_once_in_its_minute():
    store = Store()
    put(store, task(1), task(2), task(3, S.FAILED, updated=START + 1000))
    put(store, task(1, S.SUCCESS, updated=START + 2000))
    put(store, task(1, S.SUCCESS, updated=START + 2000, retries=1))
    put(store, task(2, S.CANCELLED, updated=START + 60_000))
    assert store.finish_rate.count_per_minute(START + 120_000, 3) == (0, 2, 1)
    assert store.finish_rate.count_per_minute(START + 119_999, 1) == (2,), (
        "the minute that is not over is left out"
    )


def test_the_history_leaves_out_ends_at_no_known_time():
    history = FinishRate()
    history.count_tasks([task(1, S.SUCCESS, updated=None)])
    assert history.count_per_minute(START, 5) == (0,) * 5


IDS = st.integers(1, 12)
ROWS = st.lists(st.builds(task, IDS, st.sampled_from(TaskStatus), progress=st.integers(0, 2)), max_size=8)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("apply"), ROWS, st.lists(IDS.map(str), max_size=4), st.integers(0, 5)),
        st.tuples(st.just("scan"), ROWS, st.integers(0, 5)),
        st.tuples(st.just("settle"), st.integers(0, 5)),
    ),
    max_size=25,
)


@settings(max_examples=80, deadline=None)
@given(STEPS)
def test_counts_and_unfinished_are_right_and_changes_tell_the_whole_story(steps):
    store, told = Store(), {}
    tickets = [store.take_ticket() for _ in range(6)]
    for step in steps:
        before = dict(store.tasks)
        changes = []
        if step[0] == "apply":
            changes = store.apply_answer(step[1], step[2], asked=tickets[step[3]])
        elif step[0] == "scan":
            changes = store.apply_scan(step[1], began=tickets[step[2]])
        else:
            store.finish_scan(tickets[step[1]])
            if store.newest not in store.tasks:
                assert store.newest is None
                assert all(last_read_status(row) is None for row in store.tasks.values())
            continue
        for change in changes:
            row = change.new or change.old
            assert told.get(row.id) is change.old
            told[row.id] = change.new
        assert {key: row for key, row in told.items() if row} == store.tasks
        named = {(change.new or change.old).id for change in changes}
        assert all(row is before[key] for key, row in store.tasks.items() if key not in named)
        check(store)
    read = [int(key) for key, row in store.tasks.items() if last_read_status(row) is not None]
    assert all(int(store.newest) >= key for key in read)


@pytest.mark.parametrize(("kept", "other"), [("type", "schema"), ("name", "job 2"), ("created", START + 1)])
@pytest.mark.parametrize("unknown", [(), ("created",), ("type", "name")])
def test_two_records_are_of_different_tasks_where_one_thing_that_a_task_keeps_differs(kept, other, unknown):
    blank = {name: None if name == "created" else "" for name in unknown if name != kept}
    one = task(1, **blank)
    assert is_different_task(one, task(1, **blank | {kept: other}))
    assert not is_different_task(
        one, task(1, S.SUCCESS, **blank, updated=START + 5, progress=3, server="s", retries=1)
    )


def test_what_a_record_does_not_tell_proves_nothing():
    assert not is_different_task(task(1), unreadable_task(1))
    assert not is_different_task(task(1, name="", type=""), task(1))
    assert not is_different_task(task(1, name="a\ufffd"), task(1, name="a\ufffd\ufffd"))
    assert not is_different_task(task(1, name="gremlin"), task(1)), (
        "a name that repeats the type stands in for one"
    )


@pytest.mark.parametrize("kept", [{"type": "schema"}, {"name": "rebuild"}, {"created": START + 1}])
def test_a_task_that_took_another_ones_id_begins_anew(kept):
    now = START
    store = Store(lambda: now)
    put(store, task(1, S.QUEUED))
    put(store, task(1, S.RUNNING), task(2, S.SUCCESS, updated=START + 1))
    assert store.watched == {"1"}
    now += 5_000
    put(store, task(1, S.RUNNING, **kept), task(2, S.FAILED, updated=START + 2, **kept))
    assert (store.since["1"], store.watched) == (now, set())
    assert store.finish_rate.count_per_minute(START + 60_000, 1) == (2,), "both ends count"
    check(store)


def test_two_records_are_of_different_tasks_only_when_both_times_of_creation_are_known():
    one, later, unknown = task(1), task(1, created=START + 1), task(1, created=None)
    assert is_different_task(one, later)
    assert not is_different_task(one, task(1, S.SUCCESS))
    assert not is_different_task(one, unknown)
    assert not is_different_task(unknown, one)
    assert not is_different_task(unknown, unknown)


def test_a_record_without_its_time_of_creation_does_not_begin_the_status_anew():
    now = START
    store = Store(lambda: now)
    put(store, task(1, S.CANCELLING))
    now += 5_000
    put(store, task(1, S.CANCELLING, created=None))
    assert store.since["1"] == START
    put(store, task(1, S.CANCELLING, created=START + 9))
    assert store.since["1"] == START, "what was unknown proves nothing"
    put(store, task(1, S.CANCELLING, created=START + 10))
    assert store.since["1"] == now


def test_a_scanned_record_without_its_time_of_creation_does_not_replace_a_fresher_one():
    store = Store()
    put(store, row := task(1, S.RUNNING, progress=5))
    assert store.apply_scan([task(1, S.RUNNING, created=None)], began=store.take_ticket()) == []
    assert store.tasks.get("1") is row


SCANNED = st.lists(
    st.builds(
        lambda number, status, took: task(
            number, status, updated=None if took is None else START + took, name=f"{took}"
        ),
        st.integers(-2, 30),
        st.sampled_from([S.SUCCESS, S.FAILED, S.PARTIAL, S.CANCELLED, S.RUNNING, S.QUEUED, S.UNREADABLE]),
        st.sampled_from([None, 0, 5, 90_000]),
    ),
    max_size=12,
)


@given(SCANNED, SCANNED, SCANNED)
def test_a_scan_takes_many_tasks_in_at_once_as_it_does_one_by_one(known, looked_at, scanned):
    stores = Store(), Store()
    changes = []
    for store, size in zip(stores, (len(scanned) or 1, 1), strict=True):
        put(store, *known)
        began = store.take_ticket()
        put(store, *looked_at, missing=["3", "4"])
        told = [
            change
            for start in range(0, len(scanned), size)
            for change in store.apply_scan(scanned[start : start + size], began=began)
        ]
        check(store)
        changes.append(
            sorted(told, key=lambda change: (change.new.id, change.old is not None, str(change.new)))
        )
    together, singly = stores
    assert changes[0] == changes[1]
    assert together.tasks == singly.tasks
    assert +together.counts == +singly.counts
    assert (together.unfinished, together.unreadable) == (singly.unfinished, singly.unreadable)
    assert (together.newest, together.unread_reasons) == (singly.newest, singly.unread_reasons)
    ends = [store.last_end.find_task(store.tasks) for store in stores]
    assert len({None if end is None else end.updated for end in ends}) == 1
    assert together.finish_rate._minutes == singly.finish_rate._minutes


@given(SCANNED)
def test_a_first_scan_says_what_an_answer_says(rows):
    scanned, answered = Store(), Store()
    told = scanned.apply_scan(rows, began=scanned.take_ticket())
    assert sorted(map(str, told)) == sorted(map(str, put(answered, *rows)))
    assert scanned.tasks == answered.tasks
    assert +scanned.counts == +answered.counts
    assert (scanned.newest, scanned.unread_reasons) == (answered.newest, answered.unread_reasons)
    ends = [store.last_end.find_task(store.tasks) for store in (scanned, answered)]
    assert len({None if end is None else end.updated for end in ends}) == 1
    assert scanned.finish_rate._minutes == answered.finish_rate._minutes

"""Tasks that the server fails over: what is kept of them, where they stand, and what is asked of them."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from backend_adapters.model import Action, change_task
from tests.unit.fakes import (
    START,
    WORDS,
    AnsweringServer,
    DistributedServer,
    FakeBackend,
    FakeClock,
    FakeServer,
    S,
    make_answer,
    run_until_idle,
    task,
    unreadable_task,
)
from tests.unit.monitor_parts import OperationsWithStore, run_poller
from tui.field_rules import CellContext
from tui.monitor.failure_headlines import FailureHeadlines
from tui.monitor.filters import compile_filter
from tui.monitor.outcomes import Outcome
from tui.monitor.store import Store
from tui.monitor.unreadable import describe_unreadable
from tui.screens.dialogs.confirm_text import ConfirmRequest, describe_change, list_cautions
from tui.screens.tasks.task_facts import action_blocked_reason
from tui.text import cell_width
from tui.widgets.columns import row_cells
from tui.widgets.overview import overview_lines
from tui.widgets.overview_text import OverviewState
from tui.widgets.wrapping import wrap_sentence

CANCEL, DELETE, FORCE = Action.CANCEL, Action.DELETE, Action.FORCE_DELETE


def put(store: Store, *rows, missing=()):
    return store.apply_answer(rows, missing, asked=store.take_ticket())


def known(status: S = S.RUNNING, **more) -> Store:
    """A store that knows a task in this status, which can't be read now."""
    store = Store(lambda: START)
    put(store, task(450, status, name="rebuild", progress=7, **more))
    put(store, unreadable_task(450))
    return store


# The store.


def test_what_was_known_stays_with_the_servers_words_and_the_status_before():
    row = known(server="s1").tasks.get("450")
    assert row == change_task(
        task(450, S.RUNNING, name="rebuild", progress=7, server="s1"),
        status=S.UNREADABLE,
        raw_status="unreadable",
        decode_error=WORDS,
        status_before=S.RUNNING,
    )


def test_the_status_before_is_kept_while_only_the_words_change():
    store = known(S.SUCCESS)
    assert put(store, unreadable_task(450)) == []
    (change,) = put(store, unreadable_task(450, "Timed out."))
    new = change.new
    assert (new.status_before, new.decode_error, new.name) == (S.SUCCESS, "Timed out.", "rebuild")


def test_polls_leave_it_out_and_an_id_that_was_never_read_is_not_the_newest():
    store = known()
    assert store.unfinished == set()
    put(store, unreadable_task(900))
    assert (store.newest, store.tasks.get("900").status_before) == ("450", None)
    began = store.take_ticket()
    put(store, missing=["450"])
    store.finish_scan(began)
    assert store.newest is None
    put(store, task(900, S.SUCCESS))
    assert store.newest == "900", "now it was read"


def test_it_is_an_ordinary_task_once_it_can_be_read_again_and_gone_when_it_is_missing():
    store = known()
    put(store, task(450, S.RUNNING))
    assert (store.unfinished, store.tasks.get("450").status_before, store.tasks.get("450").decode_error) == (
        {"450"},
        None,
        None,
    )
    put(store, unreadable_task(450), missing=["450"])
    assert len(store) == 0
    assert not +store.counts


def test_since_when_it_runs_is_not_forgotten_by_a_hiccup_but_is_new_with_a_new_status():
    now = START
    store = Store(lambda: now)
    put(store, task(1, S.QUEUED))
    now += 1_000
    put(store, task(1, S.CANCELLING))
    now += 5_000
    put(store, unreadable_task(1))
    put(store, task(1, S.CANCELLING))
    assert store.since["1"] == START + 1_000
    assert "1" in store.watched
    put(store, unreadable_task(1))
    put(store, task(1, S.RUNNING))
    assert store.since["1"] == now
    assert "1" not in store.watched, "nobody saw when it changed"


def test_an_end_is_counted_once_whatever_comes_between():
    store = Store()
    put(store, task(1, S.SUCCESS, updated=START))
    put(store, unreadable_task(1))
    put(store, task(1, S.SUCCESS, updated=START))
    put(store, unreadable_task(2))
    put(store, task(2, S.SUCCESS, updated=START))
    assert store.finish_rate.count_per_minute(START + 60_000, 1) == (2,)


def test_the_rows_that_can_not_be_read_are_named_the_first_few():
    assert describe_unreadable([]) == ""
    assert describe_unreadable([unreadable_task(450)]) == (
        "1 task can't be read: 450 (Server error 500: Invalid status code: 9)."
    )
    assert describe_unreadable([unreadable_task(n, "No.") for n in range(1, 1008)]) == (
        "1,007 tasks can't be read: 1, 2, 3, 4, 5 and 1,002 more (No)."
    )


# Filters and rows.


@pytest.mark.parametrize(
    ("words", "before"),
    [
        ("status=unreadable", {S.RUNNING, S.QUEUED, S.SUCCESS, None}),
        ("status=active", {S.RUNNING, S.QUEUED}),
        ("status=finished", {S.SUCCESS}),
        ("status=waiting", set()),
        ("status=failed", set()),
        ("status=running,success", set()),
        ("took>0s", set()),
        ("invalid", {S.RUNNING, S.QUEUED, S.SUCCESS, None}),
    ],
)
def test_groups_go_by_what_it_was_and_single_statuses_do_not(words, before):
    for one in (S.RUNNING, S.QUEUED, S.SUCCESS, None):
        row = unreadable_task(450) if one is None else known(one).tasks.get("450")
        assert compile_filter(words)(row, START + 60_000) is (one in before), one


def test_the_row_shows_its_sign_its_word_and_why():
    row = known().tasks.get("450")
    keys = ("status", "name", "took")
    status, name, took = row_cells(row, None, keys, CellContext(now=START + 9_000))
    assert (status.text, status.style) == ("▒ unreadable", "stuck")
    assert (name.text, name.note) == ("rebuild", WORDS)
    assert took.text == "–", "whether it goes on is not known"


# The refresh.


async def test_polls_and_glances_ask_for_the_others_only_and_its_return_is_seen():
    async with run_poller(task(1, S.RUNNING), task(2, S.SUCCESS)) as rig:
        rig.visible = ["2", "1"]
        await rig.start()
        rig.backend.failing = {"1": WORDS}
        await rig.go(2)
        assert rig.store.tasks.get("1").status is S.UNREADABLE
        rig.backend.calls.clear()
        await rig.go(60)
        assert all("1" not in about.unfinished for name, about in rig.backend.calls if name == "changes")
        assert {about for name, about in rig.backend.calls if name == "look"} == {("2",)}
        rig.backend.failing.clear()
        rig.poller.refresh_all()
        await rig.go(2)
        assert rig.store.tasks.get("1").status is S.RUNNING
        assert rig.store.unfinished == {"1"}


async def test_a_scan_without_it_drops_it_only_if_a_look_says_that_it_is_gone():
    async with run_poller(task(1, S.SUCCESS), task(2, S.SUCCESS)) as rig:
        rig.backend.failing = {"1": WORDS}
        await rig.start()
        rig.backend.unreadable = {"1"}
        rig.poller.refresh_all()
        await rig.go(2)
        assert rig.ids == "1 2"
        rig.backend.unreadable.clear()
        rig.backend.drop(1)
        rig.poller.refresh_all()
        await rig.go(2)
        assert rig.ids == "2"


async def test_reasons_leave_it_alone_and_ask_once_for_one_that_fails_while_it_is_read():
    clock = FakeClock()
    backend = FakeBackend(clock, [failed := task(1, S.FAILED)])
    backend.failing = {"1": WORDS}
    store = Store()
    store.apply_answer([failed, unreadable_task(2)], asked=store.take_ticket())
    reasons = FailureHeadlines(backend, store, clock=clock, on_changes=lambda _: None)
    work = asyncio.create_task(reasons.run())
    reasons.set_wanted([unreadable_task(2), known(S.FAILED).tasks.get("450")])
    await clock.advance(5)
    assert backend.count("detail") == 0
    for _ in range(3):
        reasons.set_wanted([failed])
        await clock.advance(5)
    assert [about for name, about in backend.calls if name == "detail"] == ["1"]
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    await run_until_idle()


# Acting on it.


@pytest.mark.parametrize(
    ("action", "before", "reason"),
    [
        (CANCEL, S.RUNNING, ""),
        (CANCEL, None, ""),
        (CANCEL, S.SUCCESS, "Task 450 has already finished (success)."),
        (DELETE, S.RUNNING, ""),
        (DELETE, S.SUCCESS, ""),
        (DELETE, None, ""),
    ],
)
def test_an_action_is_offered_as_for_what_it_was(action, before, reason):
    assert action_blocked_reason(action, [unreadable_task(450, status_before=before)]) == reason


def test_the_dialog_says_that_the_end_may_not_be_seen_and_what_became_of_it():
    row = known().tasks.get("450")
    unseen = "Its record can't be read. The server may refuse, and the outcome may stay unknown."
    assert list(list_cautions(ConfirmRequest(action=DELETE, tasks=(unreadable_task(450),), place="p"))) == [
        unseen
    ]
    assert list(list_cautions(ConfirmRequest(action=DELETE, tasks=(row,), place="p"))) == [
        "It has not finished. The server may refuse, or stop it first.",
        unseen,
    ]
    assert describe_change(row, replace(row, status=S.SUCCESS)) == "readable again: success"
    assert describe_change(replace(row, status=S.RUNNING), row) == "now unreadable"


def rig_with(server: FakeServer, status: S = S.SUCCESS) -> OperationsWithStore:
    rig = OperationsWithStore(server, task(1, status))
    rig.backend.failing = {"1": WORDS}
    put(rig.store, unreadable_task(1))
    return rig


async def test_a_delete_of_this_very_record_is_sent_and_seen_when_it_is_gone():
    report = await rig_with(FakeServer()).one(DELETE)
    assert (report.outcome, report.code, report.last) == (Outcome.DELETED, 204, None)


@pytest.mark.parametrize("action", [DELETE, FORCE])
async def test_what_stays_unreadable_is_not_confirmed_and_never_called_a_success(action):
    rig = rig_with(AnsweringServer(make_answer(500, "Invalid status code: 9.")))
    report = await rig.one(action)
    assert report.outcome is Outcome.UNCONFIRMED
    assert report.words == (
        f"The server answered the {action.value} of task 1 with 500: Invalid status code: 9. "
        f"The outcome is unknown: after 30 s the record can't be read. The server's message: {WORDS}"
    )
    assert report.last.status is S.UNREADABLE


async def test_a_cancel_of_which_nobody_sees_the_end_is_not_confirmed():
    report = await rig_with(DistributedServer(), S.RUNNING).one(CANCEL)
    assert report.outcome is Outcome.UNCONFIRMED
    assert "the record can't be read" in report.words


async def test_a_cancel_is_confirmed_once_the_record_can_be_read_again():
    rig = rig_with(FakeServer(), S.RUNNING)
    rig.backend.later(5, rig.backend.failing.clear)
    report = await rig.one(CANCEL)
    assert (report.outcome, report.last.status) == (Outcome.CANCELLED, S.CANCELLED)


async def test_what_can_not_be_read_any_more_since_it_was_shown_is_not_sent():
    rig = OperationsWithStore(FakeServer(), task(1, S.SUCCESS))
    rig.backend.failing = {"1": WORDS}
    report = await rig.one(DELETE, task(1, S.SUCCESS))
    assert (report.outcome, rig.backend.acts) == (Outcome.NOT_SENT, {})
    assert report.words == f"Its record can't be read, so nothing was sent. {WORDS}"


@pytest.mark.parametrize(("now", "outcome"), [(S.SUCCESS, Outcome.DELETED), (S.FAILED, Outcome.CHANGED)])
async def test_one_that_can_be_read_again_is_deleted_if_it_is_as_it_was(now, outcome):
    rig = rig_with(FakeServer())
    shown = rig.store.tasks.get("1")
    rig.backend.failing.clear()
    rig.backend.set(1, now)
    assert (await rig.one(DELETE, shown)).outcome is outcome


async def test_a_record_that_fails_after_a_force_delete_is_not_said_to_have_come_back():
    rig = OperationsWithStore(FakeServer(), task(1, S.RUNNING))
    rig.backend.later(4, lambda: rig.backend.put(task(1)))
    rig.backend.later(4, lambda: rig.backend.failing.update({"1": WORDS}))
    assert (await rig.one(FORCE)).outcome is Outcome.DELETED


# The overview.


def read(row, width: int = 50, **more) -> list[str]:
    made = overview_lines(OverviewState(task=row, now=START, utc=True, **more), width)
    assert all(line.cell_length <= width for line in made)
    return [line.plain for line in made]


def test_the_overview_of_one_over_which_the_server_stops_answering_says_what_asking_does():
    said = read(unreadable_task(450, "The server stops answering about all its tasks.", stops_server=True))
    assert said[1] == "The server stops answering about all its tasks."
    assert said[3:8] == [
        "It has never been read. Reading it can block the",
        "server for minutes, so graphtop seldom does; press",
        "r to read it now. Check the server's log.",
        "",
        "id          450",
    ]


def test_the_overview_of_one_that_was_never_read_has_the_words_and_what_to_do_and_nothing_made_up():
    assert read(unreadable_task(450)) == [
        "▒ unreadable",
        "The server can't read this record: Server error",
        "500: Invalid status code: 9.",
        "",
        "It has never been read. graphtop retries it from",
        "time to time; press r to retry now. You can still",
        "delete it. Check the server's log.",
        "",
        "id          450",
    ]


def test_the_overview_of_one_that_is_known_shows_what_is_known():
    shown = read(known().tasks.get("450"), 100)
    assert "rebuild" in shown
    assert "When last read, it was running; the fields below are from then." in " ".join(shown)
    assert "type        gremlin" in shown
    assert "progress    7" in shown
    assert not any("▶" in line or line.startswith("unreadable  ") for line in shown)


@pytest.mark.parametrize("words", [" ".join(f"w{n}" for n in range(700)), "记录损坏，" * 200])
def test_long_words_of_the_server_are_wrapped_whole(words: str):
    shown = "".join(read(unreadable_task(450, words))).replace(" ", "")
    assert words.replace(" ", "") in shown


def test_words_of_the_server_are_harmless_and_hide_their_secrets():
    shown = "\n".join(read(unreadable_task(450, "bad \x1b[31m password=hunter2")))
    assert "\x1b" not in shown
    assert "hunter2" not in shown


def test_rows_of_a_sentence_end_at_blanks():
    assert wrap_sentence("only two.three four", 10) == ["only", "two.three", "four"]
    assert wrap_sentence("one two", 7) == ["one two"]
    assert wrap_sentence("one two ", 7) == ["one two"]
    assert wrap_sentence("onetwothree", 4) == ["onet", "woth", "ree"]


@pytest.mark.parametrize("width", [2, 7, 40, 200])
def test_a_sentence_is_broken_into_rows_that_hold_all_of_it(width: int):
    sentence = "The server fails: 记录损坏. Look into its log."
    rows = wrap_sentence(sentence, width)
    assert all(cell_width(row) <= width for row in rows)
    assert "".join(rows).replace(" ", "") == sentence.replace(" ", "")
    assert wrap_sentence("", width) == [""]


def test_the_store_knows_which_can_not_be_read():
    store = Store()
    store.apply_answer(
        [task(1), unreadable_task("2", WORDS), unreadable_task("3", WORDS)], asked=store.take_ticket()
    )
    assert store.unreadable == {"2", "3"}
    store.apply_answer([task(2)], missing=["3"], asked=store.take_ticket())
    assert store.unreadable == set()

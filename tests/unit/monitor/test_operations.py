"""Cancel and delete against servers that say one thing and do another: what is sent, what is reported."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from backend_adapters.errors import Busy, NotAllowed, NotLoggedIn, Refused, TimedOut, Unreachable, Unsupported
from backend_adapters.model import ODD_ID, Action
from tests.unit.fakes import (
    START,
    AnsweringServer,
    DistributedServer,
    FakeServer,
    LostNode,
    S,
    make_answer,
    run_until_idle,
    task,
    unreadable_task,
)
from tests.unit.monitor_parts import OperationsWithStore
from tui.monitor.outcomes import Outcome

CANCEL, DELETE, FORCE = Action.CANCEL, Action.DELETE, Action.FORCE_DELETE
LOST = TimedOut("No answer within 30 s.")
DOWN = Unreachable("No connection to fake.")


# The standard scheduler.


@pytest.mark.parametrize("status", [S.RUNNING, S.QUEUED, S.NEW])
async def test_cancelled_is_said_only_when_the_task_says_so(status):
    rig = OperationsWithStore(FakeServer(), task(1, status))
    report = await rig.one(CANCEL)
    assert (report.outcome, report.code, report.last.status) == (Outcome.CANCELLED, 202, S.CANCELLED)
    assert 1.3 <= report.elapsed < 4
    assert rig.store.tasks.get("1").status is S.CANCELLED
    assert report.outcome.is_success


@pytest.mark.parametrize("action", Action)
async def test_of_what_is_no_id_nothing_is_sent_and_the_others_go_on(action):
    rig = OperationsWithStore(FakeServer(), task(1, S.RUNNING), task(".."), task("--yes"))
    reports = {report.task.id: report for report in await rig.run(action)}
    assert rig.backend.acts.keys() == {"1"}
    for odd in ("..", "--yes"):
        assert (reports[odd].outcome, reports[odd].words) == (Outcome.NOT_SENT, ODD_ID)


async def test_while_it_is_under_way_the_overlay_says_so_and_the_servers_state_is_not_touched():
    rig = OperationsWithStore(FakeServer(), task(1))
    work = asyncio.create_task(rig.operations.run_action(CANCEL, [task(1)]))
    await run_until_idle()
    overlay = rig.store.overlays["1"]
    assert (overlay.action, overlay.since, rig.operations.under_way) == (CANCEL, START, 1)
    assert rig.store.tasks.get("1").status is S.RUNNING
    await rig.clock.advance(0.5)
    assert rig.store.tasks.get("1").status is S.CANCELLING
    assert "1" in rig.store.overlays
    await rig.clock.wait_for(work)
    rig.ended()


async def test_deleted_is_said_when_the_task_is_gone():
    rig = OperationsWithStore(FakeServer(), task(1, S.SUCCESS))
    report = await rig.one(DELETE)
    assert (report.outcome, report.code, report.last) == (Outcome.DELETED, 204, None)
    assert "1" not in rig.store.tasks


async def test_a_running_task_is_not_deleted_and_the_servers_words_are_told():
    rig = OperationsWithStore(FakeServer(), task(1))
    report = await rig.one(DELETE)
    assert (report.outcome, report.code) == (Outcome.REFUSED, 400)
    assert report.words == "Can't delete incomplete task '1' in status RUNNING"
    assert report.last.status is S.RUNNING
    assert not report.outcome.is_success


async def test_a_task_that_is_being_cancelled_already_is_followed_all_the_same():
    rig = OperationsWithStore(FakeServer(), task(1, S.CANCELLING))
    rig.backend.later(3, lambda: rig.backend.set(1, S.CANCELLED))
    report = await rig.one(CANCEL)
    assert (report.outcome, report.code) == (Outcome.CANCELLED, 400)


async def test_the_tasks_own_end_wins_against_the_cancel():
    class Races(FakeServer):
        def carry_out(self, backend, row):
            backend.later(1, lambda: backend.set(row.id, S.SUCCESS))

    report = await OperationsWithStore(Races(), task(1)).one(CANCEL)
    assert (report.outcome, report.last.status) == (Outcome.FINISHED_FIRST, S.SUCCESS)


async def test_a_400_because_it_ended_just_before_is_finished_first():
    server = AnsweringServer(
        make_answer(400, "Can't cancel task '1' in status SUCCESS"), lambda b, i: b.set(i, S.SUCCESS)
    )
    report = await OperationsWithStore(server, task(1)).one(CANCEL)
    assert report.outcome is Outcome.FINISHED_FIRST


async def test_a_task_of_a_node_that_is_gone_stays_cancelling_and_is_not_confirmed():
    report = await OperationsWithStore(LostNode(), task(1, server="server-9")).one(CANCEL)
    assert (report.outcome, report.code, report.last.status) == (Outcome.UNCONFIRMED, 202, S.CANCELLING)
    assert 30 < report.elapsed < 34
    assert "202" in report.words
    assert "still cancelling" in report.words
    assert "server-9" in report.words
    assert "force delete" in report.words


async def test_it_is_looked_at_soon_and_then_more_and_more_seldom():
    rig = OperationsWithStore(AnsweringServer(make_answer(202)), task(1))
    looks = timed_looks(rig)
    await rig.one(CANCEL)
    assert looks[0] == 0, "before"
    assert looks[1:9] == pytest.approx([0.2, 0.5, 0.95, 1.625, 2.6375, 4.15625, 6.15625, 8.15625])
    assert {round(later - earlier, 6) for earlier, later in pairwise(looks[6:])} == {2.0}


async def test_while_others_are_still_to_be_sent_the_looks_do_not_become_more_seldom():
    rig = OperationsWithStore(AnsweringServer(make_answer(202)), *[task(number) for number in range(1, 6)])
    rig.backend.delays["act"] = 0.9
    looks = timed_looks(rig)
    await rig.run(CANCEL)
    assert looks[:7] == pytest.approx([0, 1.0, 1.2, 1.4, 1.6, 1.8, 2.1]), "none before the first answer"


def timed_looks(rig: OperationsWithStore) -> list[float]:
    """The seconds at which the tasks are looked at from now on."""
    began, looks, look = rig.clock.time, [], rig.backend.look

    async def timed(ids, **how):
        looks.append(rig.clock.time - began)
        return await look(ids, **how)

    rig.backend.look = timed
    return looks


async def test_an_accepted_cancel_that_never_shows_is_not_confirmed():
    report = await OperationsWithStore(AnsweringServer(make_answer(202)), task(1)).one(CANCEL)
    assert (report.outcome, report.last.status) == (Outcome.UNCONFIRMED, S.RUNNING)
    assert "force delete" not in report.words, "a running task needs no such thing"


# The distributed scheduler: 400 to what it accepts.


@pytest.mark.parametrize("status", [S.RUNNING, S.NEW])
async def test_a_400_to_a_cancel_that_was_accepted_is_cancelled(status):
    report = await OperationsWithStore(DistributedServer(), task(1, status)).one(CANCEL)
    assert (report.outcome, report.code) == (Outcome.CANCELLED, 400)


@pytest.mark.parametrize("status", [S.SUCCESS, S.RUNNING])
async def test_a_400_to_a_delete_that_was_accepted_is_gone_though_it_does_not_tell_by_whom(status):
    report = await OperationsWithStore(DistributedServer(), task(1, status)).one(DELETE)
    assert (report.outcome, report.code, report.last) == (Outcome.GONE_MEANWHILE, 400, None)


@pytest.mark.parametrize("action", [DELETE, FORCE])
async def test_of_several_that_delete_the_same_tasks_one_has_deleted_each(action):
    rows = [task(number, S.SUCCESS) for number in (1, 2, 3)]
    rigs = [OperationsWithStore(FakeServer(), *rows) for _ in range(4)]
    for rig in rigs:
        rig.backend.tasks = rigs[0].backend.tasks
        rig.backend.delays["act"] = 1
    # All have looked before the first one sends.
    works = [asyncio.create_task(rig.operations.run_action(action, rows)) for rig in rigs]
    await run_until_idle()
    reports = [await rig.clock.wait_for(work) for rig, work in zip(rigs, works, strict=True)]
    assert {report.outcome for report in reports[0]} == {Outcome.DELETED}
    others = [report for by_process in reports[1:] for report in by_process]
    assert {(report.outcome, report.code) for report in others} == {(Outcome.GONE_MEANWHILE, 404)}
    assert len(others) == 9


async def test_a_400_that_shows_only_just_within_its_patience_is_not_taken_for_a_refusal():
    server = AnsweringServer(
        make_answer(400, "no", patience=12), lambda b, i: b.later(11.5, lambda: b.set(i, S.CANCELLED))
    )
    assert (await OperationsWithStore(server, task(1)).one(CANCEL)).outcome is Outcome.CANCELLED


async def test_a_400_that_never_shows_is_refused_after_its_patience():
    report = await OperationsWithStore(AnsweringServer(make_answer(400, "no", patience=12)), task(1)).one(
        CANCEL
    )
    assert (report.outcome, report.words) == (Outcome.REFUSED, "no")
    assert 12 < report.elapsed < 15


async def test_a_slow_look_does_not_use_up_the_patience():
    """What a look found is as old as its request: a slow answer is no proof that nothing happened."""
    server = AnsweringServer(
        make_answer(400, "no", patience=2), lambda b, i: b.later(1.5, lambda: b.set(i, S.CANCELLING))
    )
    rig = OperationsWithStore(server, task(1))
    look = rig.backend.look

    async def slow(ids, **how):
        looked = await look(ids, **how)
        if rig.backend.acts:
            await rig.clock.sleep(6)
        return looked

    rig.backend.look = slow
    rig.backend.later(20, lambda: rig.backend.set(1, S.CANCELLED))
    assert (await rig.one(CANCEL)).outcome is Outcome.CANCELLED


# Before anything is sent.


async def test_what_is_no_longer_as_shown_is_left_alone():
    rig = OperationsWithStore(FakeServer(), task(1), task(2), task(3), task(4), task(5, S.QUEUED))
    shown = list(rig.store.tasks.values())
    rig.backend.set(1, S.SUCCESS)
    rig.backend.drop(2)
    rig.backend.put(task(3, created=START + 99))
    rig.backend.set(5, S.RUNNING)
    by_id = {report.task.id: report for report in await rig.run(CANCEL, shown)}
    assert {key: report.outcome for key, report in by_id.items()} == {
        "1": Outcome.FINISHED_FIRST,
        "2": Outcome.GONE,
        "3": Outcome.CHANGED,
        "4": Outcome.CANCELLED,
        "5": Outcome.CANCELLED,
    }
    assert set(rig.backend.acts) == {"4", "5"}
    assert by_id["1"].words == "It finished before your request was sent; it is success now."
    assert by_id["2"].words == "Already gone; nothing sent."
    assert by_id["3"].words == "Another task has this id now; nothing sent."
    assert (by_id["1"].last.status, by_id["2"].last, by_id["3"].last) == (S.SUCCESS, None, None)
    assert not by_id["1"].outcome.is_success


@pytest.mark.parametrize("action", [DELETE, FORCE])
async def test_a_delete_wants_the_status_as_shown(action):
    rig = OperationsWithStore(FakeServer(), task(1, S.QUEUED))
    rig.backend.set(1, S.RUNNING)
    assert (await rig.one(action)).outcome is Outcome.CHANGED
    assert not rig.backend.acts


async def test_when_the_tasks_can_not_be_read_nothing_is_sent():
    rig = OperationsWithStore(FakeServer(), task(1), task(2))
    rig.backend.always["look"] = DOWN
    reports = await rig.run(CANCEL)
    assert {report.outcome for report in reports} == {Outcome.NOT_SENT}
    assert [report.words for report in reports] == ["Nothing was sent. No connection to fake."] * 2
    assert not rig.backend.acts


async def test_nothing_to_do_is_done_at_once():
    assert await OperationsWithStore(FakeServer()).run(CANCEL, []) == []


@pytest.mark.parametrize(("status", "outcome", "words"), [
    (S.SUCCESS, Outcome.FINISHED_FIRST, "It had already finished (success); nothing was sent."),
    (S.FAILED, Outcome.FINISHED_FIRST, "It had already finished (failed); nothing was sent."),
    (S.CANCELLED, Outcome.ALREADY_CANCELLED, "Already cancelled; nothing sent."),
])  # fmt: skip
async def test_a_cancel_of_what_was_shown_finished_is_not_sent_and_not_called_our_doing(
    status, outcome, words
):
    rig = OperationsWithStore(FakeServer(), task(1, status))
    report = await rig.one(CANCEL)
    assert (report.outcome, report.words, report.last.status) == (outcome, words, status)
    assert report.outcome.is_success is (status is S.CANCELLED), "what was asked for is so"
    assert not rig.backend.acts


@pytest.mark.parametrize("action", [CANCEL, DELETE, FORCE])
async def test_a_record_that_can_not_be_read_is_not_gone_and_nothing_is_sent(action):
    rig = OperationsWithStore(FakeServer(), task(1, S.SUCCESS), task(2, S.SUCCESS))
    rig.backend.unreadable = {"1"}
    report = await rig.one(action, task(1, S.SUCCESS))
    assert report.outcome is Outcome.NOT_SENT
    assert report.words == "Its record can't be read, so nothing was sent."
    assert report.last == task(1, S.SUCCESS)
    assert not rig.backend.acts


@pytest.mark.parametrize("action", [CANCEL, DELETE])
async def test_a_record_that_can_not_be_read_for_a_while_is_looked_at_until_it_can(action):
    def unreadable(backend, task_id):
        backend.unreadable.add(task_id)
        backend.later(8, backend.unreadable.clear)
        backend.later(7, lambda: backend.set(1, S.CANCELLED) if action is CANCEL else backend.drop(1))

    rig = OperationsWithStore(AnsweringServer(make_answer(202), unreadable), task(1))
    report = await rig.one(action)
    assert report.outcome is (Outcome.CANCELLED if action is CANCEL else Outcome.DELETED)
    assert report.elapsed >= 8


@pytest.mark.parametrize("action", [CANCEL, DELETE])
async def test_a_record_that_stays_unreadable_is_not_confirmed(action):
    rig = OperationsWithStore(AnsweringServer(make_answer(202), lambda b, i: b.unreadable.add(i)), task(1))
    report = await rig.one(action)
    assert (report.outcome, report.last) == (Outcome.UNCONFIRMED, task(1))
    assert 30 < report.elapsed < 34
    unread = "The outcome is unknown: after 30 s the record can't be read."
    assert report.words == f"The server accepted the {action.value} of task 1 (202). {unread}"


@pytest.mark.parametrize("action", [CANCEL, DELETE, FORCE])
async def test_one_over_which_the_server_stops_answering_is_not_asked_for_before(action):
    shown = unreadable_task(1, stops_server=True)
    rig = OperationsWithStore(
        AnsweringServer(make_answer(204), lambda b, i: b.drop(1)), task(1), task(2, S.SUCCESS)
    )
    report = await rig.one(action, shown)
    assert report.outcome is (Outcome.GONE if action is CANCEL else Outcome.DELETED)
    before = [name for name, _ in rig.backend.calls]
    assert before.index("act") < before.index("look")


async def test_a_record_that_lost_its_time_of_creation_is_still_the_same_task():
    def forgets(backend, task_id):
        backend.set(1, S.SUCCESS, created=None)
        backend.later(4, lambda: backend.drop(1))

    report = await OperationsWithStore(AnsweringServer(make_answer(204), forgets), task(1, S.SUCCESS)).one(
        DELETE
    )
    assert report.outcome is Outcome.DELETED
    assert report.elapsed >= 4, "not before it was gone"
    rig = OperationsWithStore(FakeServer(), task(1))
    rig.backend.set(1, S.RUNNING, created=None)
    assert (await rig.one(CANCEL, task(1))).outcome is Outcome.CANCELLED
    row = task(1)
    rig = OperationsWithStore(
        AnsweringServer(make_answer(204), lambda b, i: (b.drop(i), b.later(3, lambda: b.put(nameless)))), row
    )
    nameless = task(1, created=None)
    assert (await rig.one(FORCE)).outcome is Outcome.CAME_BACK


# Refusals without a look.


@pytest.mark.parametrize(
    "error", [NotAllowed("You may not."), NotLoggedIn("Who are you?"), Unsupported("It has no such call.")]
)
async def test_a_refusal_that_can_not_have_acted_is_told_at_once(error):
    report = await OperationsWithStore(AnsweringServer(error), task(1)).one(CANCEL)
    assert (report.outcome, report.words, report.elapsed) == (Outcome.REFUSED, str(error), 0)


async def test_what_certainly_did_not_reach_the_server_is_not_sent_and_not_looked_for():
    error = Unreachable("No connection to fake.")
    error.sent = False
    rig = OperationsWithStore(AnsweringServer(error), task(1), task(2))
    reports = await rig.run(CANCEL)
    assert {(r.outcome, r.words, r.code, r.elapsed) for r in reports} == {
        (Outcome.NOT_SENT, "Nothing was sent. No connection to fake.", None, 0)
    }
    assert [report.last for report in reports] == [task(1), task(2)]
    assert rig.backend.count("look") == 1, "only before"


@pytest.mark.parametrize("error", [Busy("The server is too busy."), Refused("Not support action 'x'")])
async def test_what_the_server_said_instead_of_an_answer_is_told_with_what_was_seen(error):
    report = await OperationsWithStore(AnsweringServer(error), task(1)).one(CANCEL)
    assert report.outcome is Outcome.UNCONFIRMED
    assert str(error) in report.words
    assert "did not answer" not in report.words


# No answer.


@pytest.mark.parametrize("error", [LOST, DOWN])
async def test_without_an_answer_the_task_itself_tells_that_it_was_cancelled(error):
    report = await OperationsWithStore(
        AnsweringServer(error, lambda b, i: b.set(i, S.CANCELLED)), task(1)
    ).one(CANCEL)
    assert (report.outcome, report.code) == (Outcome.CANCELLED, None)


async def test_without_an_answer_the_task_itself_tells_that_it_is_gone():
    report = await OperationsWithStore(AnsweringServer(LOST, lambda b, i: b.drop(i)), task(1, S.SUCCESS)).one(
        DELETE
    )
    assert report.outcome is Outcome.GONE_MEANWHILE


async def test_what_a_force_delete_without_an_answer_removed_is_watched_for_its_return():
    row = task(1)
    rig = OperationsWithStore(
        AnsweringServer(LOST, lambda b, i: (b.drop(i), b.later(3, lambda: b.put(row)))), row
    )
    assert (await rig.one(FORCE)).outcome is Outcome.CAME_BACK


@pytest.mark.parametrize("error", [LOST, DOWN])
async def test_without_an_answer_and_without_an_effect_it_is_not_confirmed_and_not_sent_again(error):
    report = await OperationsWithStore(AnsweringServer(error), task(1)).one(CANCEL)
    assert (report.outcome, report.code) == (Outcome.UNCONFIRMED, None)
    assert 20 < report.elapsed < 24
    assert str(error) in report.words
    assert "still running" in report.words


async def test_an_act_that_times_out_late_still_gets_its_time_to_show():
    rig = OperationsWithStore(
        AnsweringServer(LOST, lambda b, i: b.later(10, lambda: b.set(i, S.CANCELLED))), task(1)
    )
    rig.backend.delays["act"] = 30
    report = await rig.one(CANCEL)
    assert report.outcome is Outcome.CANCELLED
    assert report.elapsed >= 40


async def test_a_server_that_goes_away_afterwards_is_asked_until_it_is_back():
    rig = OperationsWithStore(FakeServer(), task(1))
    rig.backend.faults["look"] = [None, DOWN, DOWN, DOWN, DOWN]
    assert (await rig.one(CANCEL)).outcome is Outcome.CANCELLED


async def test_a_server_that_stays_away_leaves_it_not_confirmed():
    rig = OperationsWithStore(FakeServer(), task(1))
    rig.backend.faults["look"] = [None]
    rig.backend.always["look"] = DOWN
    report = await rig.one(CANCEL)
    assert report.outcome is Outcome.UNCONFIRMED
    unread = "The outcome is unknown: after 30 s the record can't be read."
    assert report.words == f"The server accepted the cancel of task 1 (202). {unread} No connection to fake."
    assert 30 < report.elapsed < 34


# Gone, reused, back again.


async def test_an_id_that_is_used_again_means_that_the_deleted_task_is_gone():
    def replaced(backend, task_id):
        backend.put(task(task_id, S.NEW, created=START + 99))

    deleted = await OperationsWithStore(AnsweringServer(make_answer(204), replaced), task(1, S.SUCCESS)).one(
        DELETE
    )
    assert deleted.outcome is Outcome.DELETED
    assert (
        await OperationsWithStore(AnsweringServer(LOST, replaced), task(1)).one(CANCEL)
    ).outcome is Outcome.GONE


async def test_a_task_that_others_delete_while_it_is_cancelled_is_gone():
    rig = OperationsWithStore(LostNode(), task(1))
    rig.backend.later(3, lambda: rig.backend.drop(1))
    assert (await rig.one(CANCEL)).outcome is Outcome.GONE


async def test_a_404_to_a_delete_is_as_good_as_a_204_but_another_has_deleted_it():
    report = await OperationsWithStore(
        AnsweringServer(make_answer(404, "not found"), lambda b, i: b.drop(i)), task(1, S.FAILED)
    ).one(DELETE)
    assert (report.outcome, report.code) == (Outcome.GONE_MEANWHILE, 404)
    assert report.outcome.is_success


async def test_a_force_delete_that_lasts():
    rig = OperationsWithStore(FakeServer(), task(1))
    assert (await rig.one(FORCE)).outcome is Outcome.DELETED
    assert [report.outcome for report in rig.reports] == [Outcome.DELETED]


async def test_a_force_deleted_task_whose_job_writes_its_record_again_came_back():
    row = task(1)
    rig = OperationsWithStore(
        AnsweringServer(make_answer(204), lambda b, i: (b.drop(i), b.later(3, lambda: b.put(row)))), row
    )
    report = await rig.one(FORCE)
    assert (report.outcome, report.last) == (Outcome.CAME_BACK, row)
    assert [told.outcome for told in rig.reports] == [Outcome.DELETED, Outcome.CAME_BACK]
    assert "Cancel it, then delete it again" in report.words
    assert rig.store.tasks.get("1") == row


@pytest.mark.parametrize(("action", "outcome"), [(DELETE, Outcome.DELETED), (CANCEL, Outcome.GONE)])
async def test_another_task_under_the_id_is_not_what_was_last_seen_of_it(action, outcome):
    shown, other = task(1), task(1, S.SUCCESS, created=START + 99)
    rig = OperationsWithStore(AnsweringServer(make_answer(204), lambda b, i: b.put(other)), shown)
    report = await rig.one(action)
    assert (report.outcome, report.last) == (outcome, None)


async def test_another_task_under_the_id_of_a_force_deleted_one_did_not_come_back():
    other = task(1, created=START + 99)
    rig = OperationsWithStore(
        AnsweringServer(make_answer(204), lambda b, i: (b.drop(i), b.later(3, lambda: b.put(other)))), task(1)
    )
    assert (await rig.one(FORCE)).outcome is Outcome.DELETED


async def test_a_force_delete_is_deleted_even_if_the_second_look_fails():
    rig = OperationsWithStore(FakeServer(), task(1))
    rig.backend.faults["look"] = [None, None, DOWN]
    assert (await rig.one(FORCE)).outcome is Outcome.DELETED
    assert rig.backend.count("look") == 3, "and it is not looked at again"


async def test_a_force_deleted_task_is_looked_at_twice_for_its_return():
    rig = OperationsWithStore(FakeServer(), task(1))
    looks = timed_looks(rig)
    await rig.one(FORCE)
    assert looks == pytest.approx([0, 0.2, 5.2, 35.2])


@pytest.mark.parametrize(
    ("action", "server"),
    [(CANCEL, FakeServer()), (DELETE, FakeServer()), (FORCE, AnsweringServer(make_answer(400, "No.")))],
)
async def test_only_what_was_force_deleted_is_watched_for_its_return(action, server):
    rig = OperationsWithStore(server, task(1, S.RUNNING if action is CANCEL else S.SUCCESS))
    reports = await rig.clock.wait_for(rig.operations.run_action(action, list(rig.store.tasks.values())))
    looks, before = rig.backend.count("look"), rig.clock.time
    assert await rig.clock.wait_for(rig.operations.watch_for_reappearance(reports)) == []
    assert (rig.backend.count("look"), rig.clock.time) == (looks, before)


async def test_one_that_came_back_is_told_once_and_the_others_are_still_watched():
    rows = [task(1), task(2)]
    rig = OperationsWithStore(FakeServer(), *rows)
    reports = await rig.clock.wait_for(rig.operations.run_action(FORCE, rows))
    rig.backend.later(1, lambda: rig.backend.put(rows[0]))
    rig.backend.later(20, lambda: rig.backend.put(rows[1]))
    returned = await rig.clock.wait_for(rig.operations.watch_for_reappearance(reports))
    assert [report.task.id for report in returned] == ["1", "2"]
    assert rig.reports[2:] == returned
    assert [asked for name, asked in rig.backend.calls if name == "look"][-2:] == [("1", "2"), ("2",)]

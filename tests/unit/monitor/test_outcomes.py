"""What is said of an action: from the task as shown and as it is now, the answer, and the time since."""

from __future__ import annotations

import pytest

from backend_adapters.errors import TimedOut
from backend_adapters.model import Action
from tests.unit.fakes import START, S, make_answer, task
from tui.monitor.outcomes import (
    Outcome,
    Report,
    check_unchanged,
    describe_unconfirmed,
    judge_outcome,
    name_request,
    report_reappearance,
)

CANCEL, DELETE, FORCE = Action.CANCEL, Action.DELETE, Action.FORCE_DELETE
YES, NO = make_answer(202), make_answer(400, patience=12.0)


def test_each_outcome_has_its_word_and_only_what_was_asked_for_is_good():
    assert {outcome.value: outcome.is_success for outcome in Outcome} == {
        "cancelled": True,
        "deleted": True,
        "gone already": True,
        "gone, perhaps by another": True,
        "already cancelled": True,
        "finished first": False,
        "changed meanwhile, nothing sent": False,
        "refused": False,
        "not confirmed": False,
        "came back": False,
        "not sent": False,
    }


@pytest.mark.parametrize(
    ("action", "now", "answer", "waits", "then"),
    [
        (CANCEL, S.RUNNING, None, 20.0, Outcome.UNCONFIRMED),
        (DELETE, S.RUNNING, None, 20.0, Outcome.UNCONFIRMED),
        (CANCEL, S.CANCELLING, None, 20.0, Outcome.UNCONFIRMED),
        (CANCEL, S.RUNNING, YES, 30.0, Outcome.UNCONFIRMED),
        (CANCEL, S.CANCELLING, YES, 30.0, Outcome.UNCONFIRMED),
        (CANCEL, S.CANCELLING, NO, 30.0, Outcome.UNCONFIRMED),
        (CANCEL, S.DELETING, NO, 12.0, Outcome.REFUSED),
        (CANCEL, S.RUNNING, NO, 12.0, Outcome.REFUSED),
        (DELETE, S.DELETING, NO, 30.0, Outcome.UNCONFIRMED),
        (FORCE, S.DELETING, NO, 30.0, Outcome.UNCONFIRMED),
        (DELETE, S.CANCELLING, NO, 12.0, Outcome.REFUSED),
        (DELETE, S.SUCCESS, NO, 12.0, Outcome.REFUSED),
        (DELETE, S.SUCCESS, YES, 30.0, Outcome.UNCONFIRMED),
    ],
)
def test_it_waits_just_so_long_for_what_was_asked_to_show(action, now, answer, waits, then):
    shown = task(1)
    assert judge_outcome(action, shown, task(1, now), answer, waits) is None
    assert judge_outcome(action, shown, task(1, now), answer, waits + 0.001) is then


@pytest.mark.parametrize("answer", [YES, NO, None])
@pytest.mark.parametrize(
    ("action", "now", "outcome"),
    [
        (CANCEL, task(1, S.CANCELLED), Outcome.CANCELLED),
        (CANCEL, task(1, S.SUCCESS), Outcome.FINISHED_FIRST),
        (CANCEL, task(1, S.FAILED), Outcome.FINISHED_FIRST),
        (CANCEL, None, Outcome.GONE),
        (CANCEL, task(1, created=START + 1), Outcome.GONE),
        (DELETE, task(1, S.CANCELLED), None),
    ],
)
def test_what_is_seen_counts_at_once_whatever_was_answered(action, now, answer, outcome):
    assert judge_outcome(action, task(1), now, answer, 0.0) is outcome


@pytest.mark.parametrize("now", [None, task(1, created=START + 1)])
@pytest.mark.parametrize("action", [DELETE, FORCE])
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (make_answer(204), Outcome.DELETED),
        (make_answer(404, "Can't find task with id '1'"), Outcome.GONE_MEANWHILE),
        (NO, Outcome.GONE_MEANWHILE),
        (make_answer(500, "NullPointerException"), Outcome.GONE_MEANWHILE),
        (None, Outcome.GONE_MEANWHILE),
    ],
)
def test_only_an_accepted_delete_is_called_our_own_and_each_one_is_good(action, now, answer, outcome):
    assert judge_outcome(action, task(1), now, answer, 0.0) is outcome
    assert outcome.is_success
    assert outcome.is_removed


@pytest.mark.parametrize(
    ("action", "shown", "now", "why"),
    [
        (CANCEL, S.RUNNING, S.RUNNING, None),
        (CANCEL, S.QUEUED, S.RUNNING, None),
        (CANCEL, S.RUNNING, S.CANCELLING, None),
        (CANCEL, S.CANCELLED, S.CANCELLED, (Outcome.ALREADY_CANCELLED, "Already cancelled; nothing sent.")),
        (
            CANCEL,
            S.RUNNING,
            S.CANCELLED,
            (Outcome.ALREADY_CANCELLED, "Already cancelled; nothing sent."),
        ),
        (
            CANCEL,
            S.FAILED,
            S.FAILED,
            (Outcome.FINISHED_FIRST, "It had already finished (failed); nothing was sent."),
        ),
        (
            CANCEL,
            S.RUNNING,
            S.FAILED,
            (Outcome.FINISHED_FIRST, "It finished before your request was sent; it is failed now."),
        ),
        (DELETE, S.FAILED, S.FAILED, None),
        (FORCE, S.CANCELLING, S.CANCELLING, None),
        (DELETE, S.CANCELLED, S.CANCELLED, None),
        (
            DELETE,
            S.CANCELLING,
            S.CANCELLED,
            (Outcome.CHANGED, "It changed from cancelling to cancelled before your request was sent."),
        ),
        (
            FORCE,
            S.QUEUED,
            S.SUCCESS,
            (Outcome.CHANGED, "It changed from queued to success before your request was sent."),
        ),
    ],
)
def test_what_has_changed_since_is_not_acted_on(action, shown, now, why):
    assert check_unchanged(action, task(1, shown), task(1, now)) == why


def test_another_task_under_the_same_id_is_never_acted_on():
    for action in Action:
        assert check_unchanged(action, task(1), task(1, created=START + 1)) == (
            Outcome.CHANGED,
            "Another task has this id now; nothing sent.",
        )


@pytest.mark.parametrize(
    ("now", "cure"),
    [(S.SUCCESS, "Delete it again."), (S.RUNNING, "Cancel it, then delete it again.")],
)
def test_what_came_back_is_told_with_what_to_do(now, cure):
    report = Report(action=FORCE, task=task(1), outcome=Outcome.DELETED, code=204, elapsed=1.5)
    back = report_reappearance(report, task(1, now), 35.0)
    assert (back.outcome, back.last, back.code, back.elapsed) == (Outcome.CAME_BACK, task(1, now), 204, 1.5)
    assert back.words == f"Its job kept running and recreated the record within 35 s. {cure}"


MAY_END = "It may still finish. A force delete removes only the record."


@pytest.mark.parametrize(
    ("now", "answer", "trouble", "words"),
    [
        (
            task(1),
            YES,
            None,
            "The server accepted the cancel of task 1 (202), but the task is still running after 31 s. "
            "It may still happen: check the task before you try again.",
        ),
        (
            task(1, S.CANCELLING, server="server-9"),
            YES,
            None,
            "The server accepted the cancel of task 1 (202), but the task is still cancelling after 31 s. "
            "If its server server-9 is gone, only a force delete removes it.",
        ),
        (
            task(1, S.DELETING),
            NO,
            None,
            "The server answered the cancel of task 1 with 400. "
            f"The task is still deleting after 31 s. {MAY_END}",
        ),
        (
            task(1, S.DELETING),
            None,
            TimedOut("No answer within 30 s."),
            "The server didn't answer the cancel of task 1. No answer within 30 s. "
            f"The task is still deleting after 31 s. {MAY_END}",
        ),
        (
            task(1, S.CANCELLING),
            None,
            None,
            "The server didn't answer the cancel of task 1. "
            f"The task is still cancelling after 31 s. {MAY_END}",
        ),
    ],
)
def test_what_was_not_confirmed_is_told_with_what_is_known_and_what_to_do(now, answer, trouble, words):
    assert describe_unconfirmed(name_request(CANCEL, "1"), now, answer, 31.4, trouble) == words

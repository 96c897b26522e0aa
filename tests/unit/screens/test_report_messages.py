"""What a person reads of an action: why it makes no sense, what is asked before it, and how it ended."""

from __future__ import annotations

import pytest

from backend_adapters.model import Action, Place
from tests.unit.fakes import S, task
from tui.monitor.outcomes import Outcome, Report
from tui.screens.dialogs.confirm_text import (
    ConfirmRequest,
    describe_action,
    describe_change,
    describe_change_of_one,
    describe_effect,
    describe_input,
    is_still_meant,
    list_cautions,
)
from tui.screens.tasks.action_plan import PlaceTasks
from tui.screens.tasks.report_messages import describe_report, summarize_reports
from tui.screens.tasks.task_facts import action_blocked_reason

CANCEL, DELETE, FORCE = Action.CANCEL, Action.DELETE, Action.FORCE_DELETE


# --- why not -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tasks", "reason"),
    [
        ([], "No task is selected."),
        ([task(7, S.SUCCESS)], "Task 7 has already finished (success)."),
        (
            [task(7, S.SUCCESS), task(8, S.FAILED)],
            "All of these tasks have finished; there is nothing to cancel.",
        ),
        ([task(7, stoppable=False)], "The server can't cancel task 7."),
        (
            [task(7, stoppable=False), task(8, stoppable=False)],
            "The server can't cancel any of these tasks.",
        ),
        (
            [task(7, S.SUCCESS), task(8, stoppable=False)],
            "The server can't cancel any of these tasks.",
        ),
        ([task(7)], ""),
        ([task(7, stoppable=True)], ""),
        ([task(7, S.SUCCESS), task(8)], ""),
        ([task(7, stoppable=False), task(8)], ""),
    ],
)
def test_a_cancel_makes_sense_for_what_has_not_ended_and_can_be_stopped(tasks, reason: str) -> None:
    assert action_blocked_reason(CANCEL, tasks) == reason


@pytest.mark.parametrize(
    ("action", "tasks", "ended", "reason"),
    [
        (CANCEL, [], 2, "All of these tasks have finished; there is nothing to cancel."),
        (CANCEL, [task(7)], 100_000, ""),
        (CANCEL, [task(7, stoppable=False)], 1, "The server can't cancel any of these tasks."),
        (DELETE, [], 2, ""),
    ],
)
def test_what_has_ended_is_counted_without_being_looked_at(action, tasks, ended: int, reason: str) -> None:
    assert action_blocked_reason(action, tasks, ended=ended) == reason


@pytest.mark.parametrize("action", [DELETE, FORCE])
def test_a_delete_makes_sense_for_every_task_and_for_none_without_one(action: Action) -> None:
    for status in (S.RUNNING, S.SUCCESS):
        assert action_blocked_reason(action, [task(7, status, stoppable=False)]) == ""
    assert action_blocked_reason(action, []) == "No task is selected."


# --- the question ------------------------------------------------------------------------------------


def asked(action: Action, *tasks, **more) -> ConfirmRequest:
    return ConfirmRequest(action=action, tasks=tasks or (task(7),), place="prod · g", **more)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (asked(CANCEL), "Cancel task 7"),
        (asked(DELETE), "Delete task 7"),
        (asked(FORCE), "Force delete task 7"),
        (asked(CANCEL, task("a" * 12)), "Cancel task aaaaaaaaaaaa"),
        (asked(CANCEL, task("a" * 13)), "Cancel this task"),
        (asked(DELETE, task(1), task(2)), "Delete 2 tasks"),
        (asked(DELETE, *map(task, range(10_000))), "Delete 10,000 tasks"),
        (asked(CANCEL, noun="computer jobs"), "Cancel computer job 7"),
        (asked(CANCEL, task(1), task(2), noun="jobs"), "Cancel 2 jobs"),
    ],
)
def test_the_act_is_named_with_its_one_task_or_their_number(request_: ConfirmRequest, words: str) -> None:
    assert describe_action(request_) == words


@pytest.mark.parametrize(("number", "typed"), [(1, False), (2, False), (20, False), (21, True)])
def test_more_than_twenty_are_typed(number: int, typed: bool) -> None:
    assert asked(DELETE, *map(task, range(number))).needs_typing is typed


@pytest.mark.parametrize(
    ("request_", "word"),
    [(asked(DELETE, task(42)), "42"), (asked(DELETE, task(42), task(43), task(44)), "3")],
)
def test_the_one_tasks_id_or_their_number_is_typed(request_: ConfirmRequest, word: str) -> None:
    assert request_.expect_input(len(request_.tasks)) == word


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (asked(CANCEL), "graphtop asks the server to stop it and watches until it has stopped."),
        (
            asked(CANCEL, task(1), task(2)),
            "graphtop asks the server to stop them and watches until they have stopped.",
        ),
        (asked(DELETE), "This permanently deletes the record and its result."),
        (asked(FORCE, task(1), task(2)), "This permanently deletes the records and results."),
    ],
)
def test_what_will_happen_is_said(request_: ConfirmRequest, words: str) -> None:
    assert describe_effect(request_, len(request_.tasks)) == words


ENDED, GOING = task(1, S.SUCCESS), task(2)
SCHEMA = "Cancelling an index or schema task can leave the schema unfinished (INVALID or DELETING)."
MAY_REFUSE = "The server may refuse, or stop it first."
MAY_REFUSE_THEM = "The server may refuse, or stop them first."


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (asked(CANCEL, GOING), []),
        (asked(CANCEL, task(1, type="rebuild_index")), [SCHEMA]),
        (asked(CANCEL, GOING, task(1, type="remove_schema")), [SCHEMA]),
        (asked(CANCEL, task(1, type="create_index")), [SCHEMA]),
        (
            asked(CANCEL, GOING, skipped=1),
            ["The other marked task is skipped: it has finished or can't be cancelled."],
        ),
        (
            asked(CANCEL, GOING, skipped=385),
            ["The other 385 marked tasks are skipped: they have finished or can't be cancelled."],
        ),
        (
            asked(DELETE, ENDED, skipped=2),
            ["The other 2 marked tasks are skipped: their ids could be mistaken for options or paths."],
        ),
        (asked(DELETE, ENDED), []),
        (asked(DELETE, task(1, type="rebuild_index")), [f"It has not finished. {MAY_REFUSE}"]),
        (asked(DELETE, ENDED, GOING), [f"1 of them has not finished. {MAY_REFUSE}"]),
        (asked(DELETE, ENDED, GOING, GOING), [f"2 of them have not finished. {MAY_REFUSE_THEM}"]),
        (asked(DELETE, GOING, GOING), [f"None has finished. {MAY_REFUSE_THEM}"]),
        (
            asked(CANCEL, GOING, skipped=2, noun="computer jobs"),
            ["The other 2 marked computer jobs are skipped: they have finished or can't be cancelled."],
        ),
        (asked(FORCE, ENDED), []),
        (
            asked(FORCE, ENDED, GOING),
            ["HugeGraph removes the record without stopping the work; the record may reappear."],
        ),
        (asked(DELETE, ENDED, warning="The filter hides it.\x1b"), ["The filter hides it.␛"]),
    ],
)
def test_the_dangers_of_just_these_tasks_are_said(request_: ConfirmRequest, said: list[str]) -> None:
    assert list(list_cautions(request_)) == said


@pytest.mark.parametrize(
    ("frozen", "now", "words"),
    [
        (S.RUNNING, S.RUNNING, ""),
        (S.RUNNING, S.SUCCESS, "finished: success"),
        (S.QUEUED, S.RUNNING, "now running"),
        (S.FAILED, S.SUCCESS, "now success"),
        (S.FAILED, S.RUNNING, "now running"),
    ],
)
def test_what_became_of_a_task_meanwhile_is_said(frozen: S, now: S, words: str) -> None:
    assert describe_change(task(7, frozen), task(7, now)) == words
    assert describe_change(task(7, frozen), None) == "no longer exists"
    assert describe_change(task(7, frozen), task(7, now, name="other")) == "now another task"


@pytest.mark.parametrize(
    ("frozen", "now", "words"),
    [
        (S.RUNNING, S.RUNNING, ""),
        (S.RUNNING, S.SUCCESS, "It finished meanwhile (success)."),
        (S.QUEUED, S.RUNNING, "It is running now."),
        (S.UNREADABLE, S.RUNNING, "Its record can be read again (running)."),
    ],
)
def test_what_became_of_the_only_task_is_a_sentence(frozen: S, now: S, words: str) -> None:
    assert describe_change_of_one(task(7, frozen), task(7, now)) == words
    assert describe_change_of_one(task(7, frozen), None) == "It no longer exists."
    other = task(7, now, name="other")
    assert describe_change_of_one(task(7, S.RUNNING), other) == "Its id now belongs to another task."


@pytest.mark.parametrize(
    ("action", "frozen", "now", "is_meant"),
    [
        (CANCEL, task(7), task(7), True),
        (CANCEL, task(7, S.QUEUED), task(7), True),
        (CANCEL, task(7), task(7, S.SUCCESS), False),
        (CANCEL, task(7), task(7, S.CANCELLED), False),
        (CANCEL, task(7), None, False),
        (CANCEL, task(7), task(7, name="other"), False),
        (CANCEL, task(7), task(7, S.UNREADABLE), False),
        (CANCEL, task(7, S.UNREADABLE), task(7, S.UNREADABLE), True),
        (DELETE, task(7), task(7, S.SUCCESS), False),
        (DELETE, task(7, S.SUCCESS), task(7, S.SUCCESS), True),
    ],
)
def test_only_what_would_still_be_sent_counts(action, frozen, now, is_meant: bool) -> None:
    assert is_still_meant(action, frozen, now) is is_meant


# --- the end -----------------------------------------------------------------------------------------


def ended(outcome: Outcome, action: Action = CANCEL, words: str = "", **more) -> Report:
    return Report(**{"action": action, "task": task(7), "outcome": outcome, "words": words, **more})


GOING_AWAY = " If the server supports it, press F to force delete it."


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (ended(Outcome.CANCELLED, elapsed=1.234), "Cancelled 7 (job 7) after 1.2s."),
        (ended(Outcome.DELETED, DELETE, elapsed=65.0), "Deleted 7 (job 7) after 1m 5s."),
        (ended(Outcome.DELETED, FORCE, elapsed=2.0), "Force deleted 7 (job 7) after 2.0s."),
        (ended(Outcome.GONE), "7 (job 7) was deleted before it could be cancelled."),
        (
            ended(Outcome.GONE_MEANWHILE, DELETE, "There is no task with id '7'"),
            "7 (job 7) is gone. Another request may have deleted it.",
        ),
        (ended(Outcome.ALREADY_CANCELLED), "7 (job 7) was already cancelled; nothing sent."),
        (
            ended(Outcome.GONE, DELETE, words="Already gone; nothing sent."),
            "7 (job 7) was already gone; nothing sent.",
        ),
        (
            ended(Outcome.FINISHED_FIRST, last=task(7, S.SUCCESS)),
            "7 (job 7) finished before it could be cancelled (success).",
        ),
        (ended(Outcome.FINISHED_FIRST), "7 (job 7) finished before it could be cancelled (gone)."),
        (ended(Outcome.CHANGED, words="It is failed now."), "7 (job 7): It is failed now."),
        (
            ended(Outcome.REFUSED, DELETE, "No.", last=task(7)),
            "The server refused to delete 7 (job 7): No.",
        ),
        (ended(Outcome.REFUSED, DELETE, "No."), "The server refused to delete 7 (job 7): No."),
        (
            ended(Outcome.REFUSED, CANCEL, "No.", last=task(7, S.CANCELLING)),
            f"The server refused to cancel 7 (job 7): No.{GOING_AWAY}",
        ),
        (
            ended(Outcome.REFUSED, DELETE, "No.", last=task(7, S.DELETING)),
            f"The server refused to delete 7 (job 7): No.{GOING_AWAY}",
        ),
        (
            ended(Outcome.UNCONFIRMED, FORCE, "It is still there."),
            "It is still there.",
        ),
        (ended(Outcome.CAME_BACK, FORCE, "Its job went on."), "7 (job 7) reappeared. Its job went on."),
        (
            ended(Outcome.NOT_SENT, words="Stopped before the request was sent."),
            "7 (job 7): Stopped before the request was sent.",
        ),
        (
            ended(Outcome.NOT_SENT, words="a\x1b\nb", task=task("1\x07", name="x" * 60 + "\n")),
            f"1␇ ({'x' * 39}…): a␛␊b",
        ),
    ],
)
def test_how_one_action_ended_is_a_sentence(report: Report, words: str) -> None:
    assert describe_report(report) == words


def test_how_many_ended_together_is_counted_and_the_first_that_went_wrong_is_told() -> None:
    good, gone = ended(Outcome.CANCELLED), ended(Outcome.GONE)
    refused = ended(Outcome.REFUSED, words="No.")
    assert summarize_reports([good, good]) == "Cancelled 2 tasks."
    assert summarize_reports([good, good], noun="computer jobs") == "Cancelled 2 computer jobs."
    assert summarize_reports([good, gone, good], ascii=True) == "2 cancelled - 1 already gone"
    assert summarize_reports([good, good, gone]) == "2 cancelled · 1 already gone"
    assert summarize_reports([good, refused, good, ended(Outcome.UNCONFIRMED)]) == (
        f"2 cancelled · 1 refused · 1 not confirmed\n{describe_report(refused)}"
    )
    late = ended(Outcome.FINISHED_FIRST, code=200)
    early = ended(Outcome.FINISHED_FIRST, was_sent=False)
    assert summarize_reports([good, early, late]).splitlines()[0] == (
        "1 cancelled · 1 skipped (finished first) · 1 finished first"
    )
    assert summarize_reports([ended(Outcome.DELETED, FORCE)] * 1_000) == "Force deleted 1000 tasks."
    assert summarize_reports([refused]) == describe_report(refused)


# --- several places ----------------------------------------------------------------------------------

PROD = Place(
    number=1, profile="prod", dialect="hugegraph", graph="social", label="prod:social", production=True
)
DEV = Place(number=2, profile="dev", dialect="hugegraph", graph="social", label="dev:social")


def ended_in(place: Place, number: int, outcome: Outcome, words: str = "") -> Report:
    return Report(action=CANCEL, task=task(number, place=place), outcome=outcome, words=words, elapsed=2.0)


def test_a_report_names_the_place_of_its_task() -> None:
    report = ended_in(PROD, 7, Outcome.CANCELLED)
    assert describe_report(report).startswith("Cancelled prod:social 7 (")
    assert describe_report(report, whole=True).startswith("Cancelled prod:social/7 (")
    unsure = ended_in(DEV, 7, Outcome.UNCONFIRMED, "The server didn't answer.")
    assert describe_report(unsure) == "dev:social 7: The server didn't answer."


def test_what_was_done_in_several_places_is_counted_for_each_and_what_failed_comes_first() -> None:
    good = [ended_in(PROD, number, Outcome.CANCELLED) for number in (1, 2)]
    assert summarize_reports([*good, ended_in(DEV, 1, Outcome.CANCELLED)]).splitlines() == [
        "prod:social: Cancelled 2 tasks.",
        "dev:social: Cancelled 1 task.",
    ]
    bad = ended_in(DEV, 2, Outcome.FINISHED_FIRST)
    lines = summarize_reports([*good, ended_in(DEV, 1, Outcome.CANCELLED), bad]).splitlines()
    assert lines[:2] == ["dev:social: 1 cancelled · 1 finished first", "prod:social: Cancelled 2 tasks."]
    assert lines[2].startswith("dev:social 2 (")


def test_of_many_places_a_toast_counts_some_together() -> None:
    places = [Place(number=n, profile=f"p{n}", dialect="hugegraph", label=f"p{n}") for n in range(1, 51)]
    lines = summarize_reports([ended_in(place, 1, Outcome.CANCELLED) for place in places]).splitlines()
    assert lines == [
        *(f"p{n}: Cancelled 1 task." for n in range(1, 5)),
        "46 more places: Cancelled 46 tasks.",
    ]


def part(name: str, number: int, **more: object) -> PlaceTasks:
    return PlaceTasks(name=name, number=number, **more)  # type: ignore[arg-type]


def test_places_left_out_are_named_with_what_is_in_the_way() -> None:
    silent = [part(f"p{n}", n, reason="it does not answer.") for n in (1, 2, 3, 4)]
    cloud = part("cloud", 1, noun="jobs", reason="it is read-only.")
    said = list(list_cautions(asked(CANCEL, GOING, left_out=(*silent, cloud))))
    assert said == [
        "Left out: 1 task of p1, 2 tasks of p2, 7 tasks of 2 more places: it does not answer.",
        "Left out: 1 job of cloud: it is read-only.",
    ]


def test_for_several_places_the_number_of_tasks_in_them_is_typed() -> None:
    heads = (part("prod · social", 1, production=True), part("dev · social", 1))
    request = asked(CANCEL, task(1, place=PROD), task(1, place=DEV), places=heads, production=True)
    assert request.needs_typing
    assert describe_input(request, 2) == "Type 2 (the number of tasks in 2 places):"
    assert describe_effect(request, 2).startswith("Each server is asked to stop its own")
    assert asked(CANCEL, GOING, places=heads[:1]).heads == ()

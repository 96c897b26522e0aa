"""What is kept of all that was said: counted, bounded, in order."""

from __future__ import annotations

import pytest

from tui.message_log import MAX_ACTIONS, MAX_MESSAGES, SAME_MILLIS, MessageLog


class Now:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.millis = 1_000_000

    def __call__(self) -> int:
        return self.millis


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def log(now: Now) -> MessageLog:
    return MessageLog(now)


def test_what_is_said_again_soon_is_counted_and_moves_to_the_end(log: MessageLog, now: Now):
    log.add_message("warning", "One.", "prod")
    log.add_message("information", "Other.", "prod")
    now.millis += 5_000
    log.add_message("warning", "One.", "prod")
    kept = [(message.text, message.count, message.first, message.moment) for message in log.list_all()]
    assert kept == [("Other.", 1, 1_000_000, 1_000_000), ("One.", 2, 1_000_000, 1_005_000)]


@pytest.mark.parametrize(
    ("kind", "text", "place", "later"),
    [
        ("error", "One.", "prod", 0),
        ("warning", "Two.", "prod", 0),
        ("warning", "One.", "dev", 0),
        ("warning", "One.", "prod", SAME_MILLIS + 1),
    ],
)
def test_what_differs_or_comes_much_later_is_kept_by_itself(log, now, kind, text, place, later):
    log.add_message("warning", "One.", "prod")
    now.millis += later
    log.add_message(kind, text, place)
    assert [message.count for message in log.list_all()] == [1, 1]


def test_an_action_has_one_line_that_says_in_the_end_how_it_ended(log: MessageLog):
    line = log.begin_action("cancel 7 → under way", "prod")
    log.add_message("information", "Later.", "prod")
    before = log.version
    log.end_action(line, "cancel 7 → refused", has_failed=True)
    assert log.version > before
    assert [(message.text, message.has_failed) for message in log.list_all()] == [
        ("cancel 7 → refused", True),
        ("Later.", False),
    ]


def test_the_newest_are_kept_and_the_others_counted(log: MessageLog):
    for number in range(MAX_MESSAGES + 3):
        log.add_message("information", f"Said {number}.", "prod")
    for number in range(MAX_ACTIONS + 4):
        log.begin_action(f"cancel {number}", "prod")
    assert (len(log), log.dropped) == (MAX_MESSAGES + MAX_ACTIONS, 7)
    assert log.list_all()[0].text == "Said 3."
    assert log.list_all()[-1].text == f"cancel {MAX_ACTIONS + 3}"


def test_a_clock_that_is_set_back_changes_no_order(log: MessageLog, now: Now):
    log.add_message("information", "First.", "prod")
    now.millis -= 3_600_000
    log.add_message("information", "Second.", "prod")
    assert [message.text for message in log.list_all()] == ["First.", "Second."]

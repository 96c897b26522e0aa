"""Keys that wait for their turn, and characters that come in one piece."""

from __future__ import annotations

import pytest
from textual import events

from tui.textual_ext.key_queue import QUEUE_LIMIT, RUN_MIN_LENGTH, KeyQueue, KeyRun, join_key_runs


def key(name: str) -> events.Key:
    return events.Key(name, name if len(name) == 1 else None)


def keys(text: str) -> list[events.Key]:
    return [key(sign) for sign in text]


def taken(queue: KeyQueue, *, into_line: bool) -> list[str]:
    found = []
    while (event := queue.take_next(into_line=into_line)) is not None:
        found.append(event.key if isinstance(event, events.Key) else f"paste {event.text}")
    return found


@pytest.mark.parametrize(
    ("into_line", "expected"),
    [
        (False, ["a", "b", "enter", "c", "d", "paste pasted", "e"]),
        (True, ["paste ab", "enter", "paste cd", "paste pasted", "e"]),
    ],
)
def test_characters_are_one_text_for_a_line_and_keys_for_all_else(
    into_line: bool, expected: list[str]
) -> None:
    queue = KeyQueue()
    for event in (*keys("ab"), key("enter"), KeyRun("cd"), events.Paste("pasted"), key("e")):
        assert queue.add_typed(event)
    assert taken(queue, into_line=into_line) == expected
    assert not len(queue)


def test_a_text_was_typed_when_its_first_key_was() -> None:
    queue = KeyQueue()
    first, second = keys("ab")
    first.time = 7.0
    queue.add_typed(first)
    queue.add_typed(second)
    assert queue.take_next(into_line=True).time == 7.0


def test_what_nobody_can_have_typed_ahead_is_left_out() -> None:
    queue = KeyQueue()
    assert queue.add_typed(KeyRun("a" * (QUEUE_LIMIT - 1)))
    assert not queue.add_typed(KeyRun("bc"))
    assert not queue.add_typed(key("d"))
    assert queue.take_next(into_line=True).text == "a" * (QUEUE_LIMIT - 1) + "b"
    queue.add_typed(key("e"))
    queue.clear()
    assert queue.take_next(into_line=False) is None


@pytest.mark.parametrize(("number", "joined"), [(RUN_MIN_LENGTH - 1, False), (RUN_MIN_LENGTH, True)])
def test_only_a_long_run_of_characters_is_one_message(number: int, joined: bool) -> None:
    came = [key("up"), *keys("x" * number), key("enter"), *keys("y" * number)]
    sent = list(join_key_runs(came))
    runs = [message for message in sent if isinstance(message, KeyRun)]
    assert len(runs) == (2 if joined else 0)
    flat = [
        one for message in sent for one in (keys(message.text) if isinstance(message, KeyRun) else [message])
    ]
    assert [one.key for one in flat] == [one.key for one in came]


def test_a_run_is_single_keys_for_all_but_a_line_with_the_names_that_keys_have() -> None:
    queue = KeyQueue()
    run = KeyRun("j é?")
    run.time = 7.0
    assert queue.add_typed(run)
    assert len(queue) == 4
    found = [queue.take_next(into_line=False) for _ in range(3)]
    assert [(one.key, one.character, one.time) for one in found] == [
        ("j", "j", 7.0),
        ("space", " ", 7.0),
        ("é", "é", 7.0),
    ]
    assert queue.take_next(into_line=True).text == "?"
    assert (len(queue), queue.take_next(into_line=True)) == (0, None)

"""The limit on one call: endless expressions end, and nothing is left behind."""

from __future__ import annotations

import asyncio
import re
import signal
import threading

import pytest

from tui.monitor.regex_limit import TooSlow, limited

ENDLESS = [
    ("(a+)+$", "a" * 40 + "!"),
    ("(a|a)*$", "a" * 40 + "!"),
    ("(.*)*x", "a" * 40),
    (".*.*.*.*=", "a" * 9_000),
]


@pytest.mark.parametrize(("pattern", "text"), ENDLESS)
def test_an_endless_expression_is_ended(pattern, text):
    search = re.compile(pattern).search
    with pytest.raises(TooSlow):
        limited(lambda: search(text))


def test_what_is_quick_comes_back_and_so_do_its_errors():
    assert limited(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        limited(lambda: 1 // 0)


def test_the_timer_and_the_signal_are_as_before():
    before = signal.getsignal(signal.SIGVTALRM)
    for _ in range(3):
        with pytest.raises(TooSlow):
            limited(lambda: re.search("(a+)+$", "a" * 40 + "!"))
        limited(lambda: None)
    assert signal.getsignal(signal.SIGVTALRM) is before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


async def test_waiting_costs_nothing_and_the_loop_lives_on():
    loop = asyncio.get_running_loop()
    with pytest.raises(TooSlow):
        limited(lambda: re.search("(a+)+$", "a" * 40 + "!"))
    assert limited(lambda: threading.Event().wait(0.05)) is False
    await asyncio.sleep(0)
    assert loop.is_running()


def test_in_another_thread_there_is_no_limit():
    got = []
    thread = threading.Thread(target=lambda: got.append(limited(lambda: sum(range(2_000_000)), 0.0001)))
    thread.start()
    thread.join()
    assert got == [sum(range(2_000_000))]


def test_the_limit_is_four_milliseconds_and_a_signal_that_comes_late_harms_nobody(monkeypatch):
    timers, handlers = [], []
    monkeypatch.setattr(signal, "setitimer", lambda which, seconds: timers.append((which, seconds)))
    monkeypatch.setattr(signal, "signal", lambda _, handler: handlers.append(handler))

    def call() -> str:
        with pytest.raises(TooSlow):
            handlers[0](signal.SIGVTALRM, None)
        return "done"

    assert limited(call) == "done"
    assert timers == [(signal.ITIMER_VIRTUAL, 0.004), (signal.ITIMER_VIRTUAL, 0)]
    handlers[0](signal.SIGVTALRM, None)


def test_where_there_is_no_such_timer_there_is_no_limit(monkeypatch):
    monkeypatch.delattr(signal, "setitimer")
    assert limited(lambda: 7) == 7

"""Giving memory back never fails, whatever the C library is."""

from __future__ import annotations

import ctypes
import sys

import pytest

from tui.free_memory import return_free_memory


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have no glibc")
def test_the_c_library_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Library:
        def __init__(self, name: None) -> None:
            self.malloc_trim = asked.append

    monkeypatch.setattr(ctypes, "CDLL", Library)
    return_free_memory()
    assert asked == [0]


@pytest.mark.parametrize("error", [OSError, AttributeError])
def test_a_library_that_can_not_do_it_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def refuse(name: None) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    return_free_memory()


def test_on_another_system_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", None)
    return_free_memory()

"""Giving memory back never fails, whatever the C library is."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator

import pytest

from tui.free_memory import LARGE_BLOCK_BYTES, keep_large_blocks_apart, return_free_memory

EACH = pytest.mark.parametrize("ask", [return_free_memory, keep_large_blocks_apart])


@pytest.fixture(autouse=True)
def _not_asked_before() -> Iterator[None]:
    keep_large_blocks_apart.cache_clear()
    yield
    keep_large_blocks_apart.cache_clear()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have no glibc")
def test_the_c_library_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, ...]] = []

    class Library:
        def __init__(self, name: None) -> None:
            self.malloc_trim = self.mallopt = lambda *numbers: asked.append(numbers)

    monkeypatch.setattr(ctypes, "CDLL", Library)
    return_free_memory()
    keep_large_blocks_apart()
    # What is set stays set.
    keep_large_blocks_apart()
    assert asked == [(0,), (-3, LARGE_BLOCK_BYTES)]


@EACH
@pytest.mark.parametrize("error", [OSError, AttributeError])
def test_a_library_that_can_not_do_it_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception], ask: Callable[[], None]
) -> None:
    def refuse(name: None) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    ask()


@EACH
def test_on_another_system_nothing_is_asked(monkeypatch: pytest.MonkeyPatch, ask: Callable[[], None]) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", None)
    ask()

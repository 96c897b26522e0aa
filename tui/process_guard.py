"""Keeps what a person types, and logins in memory, out of files: no debugging aids, no core dumps."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from contextlib import suppress

DEVELOPMENT_VARIABLE = "GRAPHTOP_DEV"
"""The variable that leaves everything on, with 1."""

ALLOWED_VARIABLES = frozenset(
    f"TEXTUAL_{name}"
    for name in (
        "ALLOW_SIGNALS",
        "ANIMATIONS",
        "COLOR_SYSTEM",
        "DIM_FACTOR",
        "DISABLE_KITTY_KEY",
        "FILTERS",
        "FPS",
        "SMOOTH_SCROLL",
        "SPEEDUPS",
        "THEME",
    )
)
"""What Textual's variables may say: colours, animations, the keyboard. Others log, type or write files."""

_PR_SET_DUMPABLE = 4


def guard_process(environ: MutableMapping[str, str]) -> None:
    """Drop Textual's debugging aids from the environment, and forbid core dumps; not in development.

    Textual reads its variables as it is imported: this comes before.
    """
    if environ.get(DEVELOPMENT_VARIABLE) == "1":
        return
    for name in find_debugging_aids(environ):
        del environ[name]
    _forbid_core_dumps()


def find_debugging_aids(environ: Mapping[str, str]) -> list[str]:
    """The variables that let Textual log what is typed, type by itself, run other code, or write files."""
    return [name for name in environ if name.partition("_")[0] == "TEXTUAL" and name not in ALLOWED_VARIABLES]


def _forbid_core_dumps() -> None:
    """Let no core dump be made: no file, and where that can be had nothing for a program that takes dumps."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with suppress(ImportError, OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)

"""Keeps what a person types, and logins in memory, out of files: no debugging aids and no core dumps."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from contextlib import suppress

DEVELOPMENT_VARIABLE = "GRAPHTOP_DEV"
"""The environment variable that, set to 1, leaves everything on."""

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
"""Textual's variables for colours, animations and the keyboard; others log, type or write files."""

_PR_SET_DUMPABLE = 4


def guard_process(environ: MutableMapping[str, str]) -> None:
    """Remove Textual's debugging aids from the environment and forbid core dumps, except in development.

    To be called before Textual is imported, which reads its variables then.
    """
    if environ.get(DEVELOPMENT_VARIABLE) == "1":
        return
    for name in find_debugging_aids(environ):
        del environ[name]
    _forbid_core_dumps()


def find_debugging_aids(environ: Mapping[str, str]) -> list[str]:
    """Return the variables that let Textual log what is typed, press keys, run other code, or write files."""
    return [name for name in environ if name.partition("_")[0] == "TEXTUAL" and name not in ALLOWED_VARIABLES]


def _forbid_core_dumps() -> None:
    """Forbid core files, and on Linux dumps that are piped to a program."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with suppress(ImportError, OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)

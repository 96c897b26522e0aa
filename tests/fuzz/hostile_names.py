"""Names that want to be an option, a path, a formula or a command, and a way to servers that give them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from backend_adapters import registry
from backend_adapters.backend import Backend
from backend_adapters.transport.target import Target
from tui.cli.work import session

OPTIONS = ("--yes", "-f", "-", "--", "-5", "--token-command=touch pwned", "--url=http://evil.example")
PATHS = (".", "..", "../..", "/etc/passwd", "a/b", "..\\g", "\\")
SHELL = ("$(touch pwned)", "`id`", "a b", "a\n--yes", "' --yes", '"', "a;b", "*", "~root", "a|b", "!x", "&")
SIGNS = (
    "=1+1",
    "＝1",
    "@cmd",
    "%2e%2e",
    "?x=1",
    "a#b",
    ":a",
    ".hidden",
    "图",
    "a\x1b]0;x\x07",
    "\u202ea",
    "7\n",
)
HOSTILE_IDS = (*OPTIONS, *PATHS, *SHELL, *SIGNS)
"""What is not a task id; each is one of some job of a server."""

GOOD_IDS = (
    "7",
    "ff8080816a11c0de016a11d2f00d0007",
    "f99f60f1-bba6-4cde-bd1a-ff4bdd1fd500000168232",
    "a_b.c:d-e",
)
"""Ids as real servers give them, and one with every sign that an id may have."""


def connect_to(monkeypatch: pytest.MonkeyPatch, server: Callable[[httpx.Request], httpx.Response]) -> None:
    """Let every command talk to this server within the process, whatever address it is given."""
    opened = registry.open_backend

    def open_here(target: Target) -> Backend:
        return opened(replace(target, http=httpx.MockTransport(server)))

    monkeypatch.setattr(registry, "open_backend", open_here)
    monkeypatch.setattr(session, "open_backend", open_here)


def running_job(task_id: str) -> dict[str, Any]:
    """A job of a graph's own host that can be stopped."""
    return {
        "jobId": task_id,
        "status": "running",
        "taskType": "Algorithm",
        "canStop": True,
        "startTime": "2026-11-20 09:30:00",
        "rawRequest": "{}",
    }

"""Rules for tasks that succeeded without what they should have: no result, or an empty one for nothing."""

from __future__ import annotations

import re

from backend_adapters.model import Millis, Task, TaskDetail, TaskStatus
from tui.config.finding_settings import FindingLimits
from tui.monitor.findings.finding import Finding, look_at_task, name_task_subject

STORED_WITHIN: Millis = 10_000
"""A task may be successful for a moment before its result is stored (hugegraph/PROTOCOL.md)."""
SCRIPT_CHARACTERS = 20_000
"""Of a longer script the beginning is looked at."""

_EMPTY = frozenset({b"", b"[]", b'""', b"{}", b"null", b"[null]"})
_TEXTS = re.compile(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|//[^\n]*")
_STATEMENT_END = re.compile(r"[;\n{}]")
_CHANGES = re.compile(r"\.\s*(?:addV|addE|property|drop)\s*\(")
_STARTS = re.compile(r"(?<![\w.])g\s*\.")
_TERMINAL = re.compile(
    r"\.\s*(?:iterate|next|toList|toSet|toBulkSet|hasNext|tryNext|forEachRemaining|fill|explain|profile)\s*\("
)
_CHAIN = re.compile(r"\n\s*\.|\.[ \t\r]*\n")
_KEPT_FOR_LATER = re.compile(r"^\s*(?:def\s+|return\s+|\w+\s+)?\w*\s*=[^=]|^\s*return\b")


def find_lost_result(detail: TaskDetail, limits: FindingLimits, now: Millis) -> Finding | None:
    """What is wrong with the result of a task whose detail was read; None where nothing is."""
    task = detail.task
    if task.status is not TaskStatus.SUCCESS or detail.truncated or detail.result_left_out:
        return None
    if task.updated is not None and now - task.updated < STORED_WITHIN:
        return None
    if detail.result is None:
        return _make_missing(task) if limits.no_result else None
    if limits.empty_result and _is_empty(detail.result) and _lacks_terminal_step(detail.input or ""):
        return _make_empty(task)
    return None


def _make_missing(task: Task) -> Finding:
    return Finding(
        rule="no_result",
        title="Succeeded without a result",
        evidence=("The server says success, and has no result stored for it.",),
        since=task.updated,
        step=look_at_task("Check whether its work was done; start it again if not.", task),
        subject=name_task_subject(task),
        task=task,
        keys=(task.key,),
        place=task.place,
    )


def _make_empty(task: Task) -> Finding:
    return Finding(
        rule="empty_result",
        title="Succeeded with an empty result; a traversal was perhaps never run",
        evidence=(
            "Its script builds a traversal that changes something before its last statement, without a"
            " step that runs it: only the last one runs by itself.",
        ),
        since=task.updated,
        step=look_at_task("End such traversals with .iterate(), and start it again.", task),
        subject=name_task_subject(task),
        task=task,
        keys=(task.key,),
        place=task.place,
    )


def _is_empty(result: bytes) -> bool:
    """Whether a result is empty, also as JSON in a string."""
    words = result.strip()
    if words[:1] == words[-1:] == b'"' and len(words) > 1:
        words = words[1:-1].strip()
    return words in _EMPTY


def _lacks_terminal_step(script_input: str) -> bool:
    """Whether the script of an input changes something by a traversal that nothing runs."""
    # Imported here: only a task that is opened needs it.
    from tui.monitor.document.gremlin import find_script

    script = find_script(script_input.encode("utf-8", "replace"))
    if script is None:
        return False
    words = _TEXTS.sub("''", script.decode("utf-8", "replace")[:SCRIPT_CHARACTERS])
    # A chain of steps may go over several lines.
    words = _CHAIN.sub(".", words)
    pieces = [piece for piece in _STATEMENT_END.split(words) if piece.strip(" \t\r)")]
    last_runs = not words.rstrip(" \t\r\n;").endswith(("}", ")}"))
    checked = pieces[:-1] if last_runs else pieces
    return any(_is_never_run(piece) for piece in checked)


def _is_never_run(statement: str) -> bool:
    return bool(
        _STARTS.search(statement)
        and _CHANGES.search(statement)
        and not _TERMINAL.search(statement)
        and not _KEPT_FOR_LATER.search(statement)
    )

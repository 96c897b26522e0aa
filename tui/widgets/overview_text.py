"""What the overview says in words: what happened to a task, and what can be done."""

from __future__ import annotations

from msgspec import Struct

from backend_adapters.model import Millis, Task, TaskDetail, TaskStatus
from backend_adapters.redaction import mask_secrets
from tui import text
from tui.widgets.problem_note import ProblemNote

UNREADABLE_ADVICE = (
    "graphtop retries it from time to time; press r to retry now. You can still delete it. "
    "Check the server's log."
)
STOPS_SERVER_ADVICE = (
    "Reading it can block the server for minutes, so graphtop seldom does; press r to read it now. "
    "Check the server's log."
)
START_SHARE: Millis = 60_000
"""Of a task whose last update is no older than its start by more than this, there was none since then."""
SCRIPT_MAX_LINES = 6
"""Lines of a script, with the name above it, that the overview shows at most."""
ENDS = {
    TaskStatus.SUCCESS: "succeeded",
    TaskStatus.PARTIAL: "failed in part",
    TaskStatus.FAILED: "failed",
    TaskStatus.CANCELLED: "cancelled",
}


class OverviewState(Struct, frozen=True, kw_only=True):
    """Everything that the overview shows."""

    task: Task
    now: Millis
    detail: TaskDetail | None = None
    error: str = ""
    """The failure's first line, where it is known."""
    action: str = ""
    """What graphtop is doing to the task, as in `cancelling 12s`."""
    problem: ProblemNote | None = None
    """What is wrong with it, where it needs a person."""
    stuck: bool = False
    can_force_delete: bool = False
    """Whether F can remove the record of a stuck task."""
    silent: Millis | None = None
    """How long a running task has shown no progress, where that is long."""
    doubt: str = ""
    """What that may mean, as a sentence."""
    rate: str = ""
    """How fast its counter goes up, in words; empty where that has not been seen."""
    estimate: str = ""
    """When it ends, judged by others of its kind, in words; empty where that can't be said."""
    kind: str = ""
    """How others of the same kind have ended, in words; empty where that is not known."""
    script: tuple[str, ...] = ()
    """The first lines of a script, harmless and without secrets; empty where there is none, or not yet."""
    script_goes_on: bool = False
    awaits_script: bool = False
    """Whether it has been asked for, and is not here yet."""
    has_texts: bool = True
    """Whether tasks have an input, a result, a counter and retries here."""
    end_unknown: bool = False
    """Whether it has finished, and it is not known when."""
    as_of: str = ""
    """When all this was seen, where it is known from an earlier session only, or its place is silent."""
    why_old: str = ""
    """Why it is not known how it is now, as a sentence."""
    is_gone: bool = False
    """The server no longer has the task; this is what was last known."""
    utc: bool = False
    ascii: bool = False


def describe_state(shown: OverviewState) -> str:
    """What happened to a task, or what it is doing, in words that are safe to draw."""
    task, word = shown.task, text.sanitize_label(shown.task.raw_status)
    if task.status in ENDS:
        return _describe_end(shown)
    if shown.as_of:
        return f"was {word}"
    if shown.stuck:
        return f"stuck: {word} for over a minute"
    if task.status is TaskStatus.RUNNING:
        return _describe_run(shown)
    if task.status.is_waiting and task.created is not None:
        length = text.format_duration(shown.now - task.created)
        is_plain = task.status is TaskStatus.QUEUED or word == "waiting"
        return f"{word} for {length}" if is_plain else f"waiting for {length} ({word})"
    return word


def _describe_end(shown: OverviewState) -> str:
    task = shown.task
    end = ENDS[task.status]
    if shown.end_unknown or (shown.detail is not None and shown.detail.lost):
        end += ", after how long is not known"
    elif task.duration is not None:
        end += f" after {text.format_duration(task.duration) if task.duration >= 1000 else 'less than 1s'}"
    return f"{end}: {text.sanitize_label(shown.error)}" if shown.error else end


def _describe_run(shown: OverviewState) -> str:
    length = shown.task.running_time(shown.now)
    running = "running" if length is None else f"running for {text.format_duration(length)}"
    if shown.silent is None:
        return running
    if length is None or length - shown.silent <= START_SHARE:
        return f"{running}; no sign from the server since its start"
    return f"{running}; no sign from the server for {text.format_duration(shown.silent)}"


def describe_stuck_task(shown: OverviewState) -> str:
    """What removes a stuck task, where anything does."""
    if shown.can_force_delete:
        return "Its server may be gone; force delete (F) removes the record."
    return "Its server may be gone."


def unreadable_reason(said: str, task: Task) -> str:
    """Return why a record can't be read, given the message `said`; safe to draw."""
    words = f"{text.sanitize(mask_secrets(said)).rstrip('.')}."
    return words if task.stops_server else f"The server can't read this record: {words}"


def unreadable_advice(task: Task) -> str:
    """Return what a person can do about a record that can't be read."""
    return STOPS_SERVER_ADVICE if task.stops_server else UNREADABLE_ADVICE

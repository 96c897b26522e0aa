"""Rules for tasks that will not go on by themselves: their server has lost them, or never takes them up."""

from __future__ import annotations

from backend_adapters.model import Millis, Task, TaskStatus
from tui import text
from tui.monitor.findings.finding import (
    EvidencePart,
    Finding,
    Moment,
    NextStep,
    look_at_task,
    name_task_subject,
    write_task_command,
)
from tui.monitor.findings.place_facts import SECOND, PlaceFacts
from tui.monitor.silent_tasks import explain_silence, find_last_sign, measure_silence
from tui.monitor.stuck import find_transient_since

_SCHEDULING = frozenset({TaskStatus.SCHEDULING, TaskStatus.SCHEDULED})
_OWNED = frozenset({TaskStatus.RUNNING, TaskStatus.QUEUED, TaskStatus.RESTORING})
"""Statuses in which a task waits for the server that it is of, and for no other one."""


def find_stuck_task(task: Task, facts: PlaceFacts) -> Finding | None:
    """A task in a status that servers leave within seconds, for much longer than that."""
    since = find_transient_since(facts.store, task)
    if since is None or facts.now - since <= facts.limits.stuck_after * SECOND:
        return None
    elapsed = facts.now - since
    return _make_finding(
        "stuck",
        task,
        title=f"{task.status.value.capitalize()} for {text.format_duration(elapsed)}",
        evidence=(
            f"Servers leave the status {task.status.value} within seconds, and it has been so since ",
            Moment(since),
            ".",
            *_describe_lost_server(task, facts),
        ),
        numbers={"elapsed_ms": elapsed},
        since=since,
        step=_advise_removal(task, facts),
    )


def find_unscheduled_task(task: Task, facts: PlaceFacts) -> Finding | None:
    """A task that is scheduled while later ones have run: newer servers never take such tasks up."""
    since = find_transient_since(facts.store, task) if task.status in _SCHEDULING else None
    later = facts.servers.last_begun
    if since is None or task.created is None or later is None or later <= task.created:
        return None
    elapsed = facts.now - since
    if elapsed <= facts.limits.stuck_after * SECOND:
        return None
    return _make_finding(
        "unscheduled",
        task,
        title=f"Never begun: {task.status.value} while later tasks run",
        evidence=(
            f"It has been {task.status.value} since ",
            Moment(since),
            ", and a task created at ",
            Moment(later),
            " has begun. Servers without scheduling across several nodes never begin what an older one"
            " scheduled.",
        ),
        numbers={"elapsed_ms": elapsed},
        since=since,
        step=NextStep(
            text="Cancel it and start it again.", key="C", command=write_task_command("cancel", task)
        ),
    )


def find_lost_server(task: Task, facts: PlaceFacts) -> Finding | None:
    """A task of a server from which nothing has come since another one began."""
    if task.status not in _OWNED or task.server is None:
        return None
    last = find_last_sign(facts.store, task)
    if last is None or facts.now - last <= facts.limits.stuck_after * SECOND:
        return None
    evidence = _describe_lost_server(task, facts)
    if not evidence:
        return None
    return _make_finding(
        "lost_server",
        task,
        title=f"{task.status.value.capitalize()} on a server that is probably gone:"
        f" {text.sanitize_label(task.server)}",
        evidence=("Its last sign of life was at ", Moment(last), ".", *evidence),
        numbers={"silent_ms": facts.now - last},
        since=last,
        step=_advise_removal(task, facts),
    )


def find_restarted_server(task: Task, facts: PlaceFacts) -> Finding | None:
    """A running task without a sign of life since its server was restarted."""
    outage = facts.outage
    if outage is None or task.status is not TaskStatus.RUNNING or task.server is None:
        return None
    began, ended = outage.began + facts.ahead, outage.ended + facts.ahead
    last = find_last_sign(facts.store, task)
    if last is None or last >= began or facts.now - ended <= facts.limits.stuck_after * SECOND:
        return None
    return _make_finding(
        "restarted",
        task,
        title="Running without a sign of life since the server was restarted",
        evidence=(
            "Nothing answered at the server's address from ",
            Moment(began),
            " to ",
            Moment(ended),
            "; the last sign of the task was at ",
            Moment(last),
            ". A server begins its tasks again when it starts, unless its server.id is another one.",
        ),
        numbers={"silent_ms": facts.now - last, "since_restart_ms": facts.now - ended},
        since=began,
        step=_advise_removal(task, facts),
    )


def find_restored_task(task: Task, facts: PlaceFacts) -> Finding | None:
    """A task that is begun again and again, and has not ended."""
    if task.status.is_finished or task.retries < facts.limits.restored_times:
        return None
    return _make_finding(
        "restored",
        task,
        title=f"Begun again {text.format_count(task.retries)} times",
        evidence=(
            f"Its server began it again {text.format_count(task.retries)} times, each time from the start."
            f" It is {task.status.value} now. The task itself may be what stops the server.",
        ),
        numbers={"retries": task.retries},
        step=NextStep(
            text="Read the server's log; cancel it if it stops the server.",
            key="C",
            command=write_task_command("cancel", task),
        ),
        state=str(task.retries),
    )


def find_silent_task(task: Task, facts: PlaceFacts) -> Finding | None:
    """A silent task that could not be deleted, or beside which another one ran out of memory."""
    silent = measure_silence(facts.store, task, facts.now, facts.limits.silent_after * SECOND)
    if silent is None:
        return None
    refused, other = facts.was_delete_refused(task), facts.find_out_of_memory(task)
    if not refused and other is None:
        return None
    return _make_finding(
        "silent",
        task,
        title=f"Running for {text.format_duration(silent)} without an update",
        evidence=(explain_silence(silent, refused=refused, other=other).doubt,),
        numbers={"silent_ms": silent},
        since=facts.now - silent,
        step=_advise_removal(task, facts),
        state=f"{'refused' if refused else ''} {other or ''}".strip(),
    )


def _describe_lost_server(task: Task, facts: PlaceFacts) -> tuple[EvidencePart, ...]:
    """Why the server of a task is probably gone; empty where nothing says so."""
    last_sign = find_last_sign(facts.store, task) if task.status in _OWNED else task.created
    found = None if last_sign is None else facts.servers.find_successor(task, last_sign)
    if found is None or task.server is None:
        return ()
    name, first, last = found
    own, other = text.sanitize_label(task.server), text.sanitize_label(name)
    return (
        f" Nothing else has come from its server {own} since ",
        Moment(last),
        f"; {other} has run tasks since ",
        Moment(first),
        ".",
    )


def _advise_removal(task: Task, facts: PlaceFacts) -> NextStep:
    """How to get rid of a task that its server no longer knows."""
    if not facts.can_force_delete:
        return look_at_task("Cancel it, then delete it.", task)
    return NextStep(
        text="If nothing works on it any more, force delete it: that removes only its record.",
        key="F",
        command=write_task_command("delete --force", task),
    )


def _make_finding(
    rule: str,
    task: Task,
    *,
    title: str,
    evidence: tuple[EvidencePart, ...],
    numbers: dict[str, int],
    step: NextStep,
    since: Millis | None = None,
    state: str = "",
) -> Finding:
    return Finding(
        rule=rule,
        title=title,
        evidence=evidence,
        numbers=numbers,
        since=since,
        step=step,
        subject=name_task_subject(task),
        state=state or task.raw_status,
        task=task,
        keys=(task.key,),
        place=task.place,
    )

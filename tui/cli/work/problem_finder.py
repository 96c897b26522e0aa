"""Looks for problems in the places of a command, once: from what the servers show, and from the history."""

from __future__ import annotations

import os

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.errors import BackendError
from backend_adapters.model import FAILURES, Place, Task, TaskId
from tui.cli.work.reason_reader import ReasonChoice, ReasonReader
from tui.cli.work.session import Session
from tui.config.finding_settings import FindingLimits, make_finding_limits
from tui.monitor.cooperative import run_at_once
from tui.monitor.findings.common_failures import CommonFailures
from tui.monitor.findings.earlier_sights import EarlierSights
from tui.monitor.findings.finding import Finding
from tui.monitor.findings.place_facts import SECOND, PlaceFacts
from tui.monitor.findings.rules import (
    find_place_problems,
    find_task_problems,
    find_unread_problems,
    sort_findings,
)
from tui.monitor.findings.server_signs import ServerSigns
from tui.monitor.findings.slow_tasks import needs_record
from tui.monitor.health import Health
from tui.monitor.history.kinds import KindKey, find_kind
from tui.monitor.history.path import find_history_path
from tui.monitor.journal.file import default_journal_path
from tui.monitor.journal.reader import find_refused_deletes, is_refused_since
from tui.monitor.kind_record import KINDS_KEPT, KindRecords
from tui.monitor.problem_index import ProblemIndex
from tui.monitor.task_past import PastReader


class PlaceProblems(Struct, frozen=True, kw_only=True):
    """What was found in one place."""

    session: Session
    findings: tuple[Finding, ...]
    is_whole: bool = True
    """All of its tasks were looked at."""
    unread: int = 0
    """Failures whose reasons were not read."""


class ProblemFinder:
    """Applies the rules to one place after the other; failures are compared over all of them."""

    def __init__(self, limits: FindingLimits, reasons: ReasonChoice) -> None:
        self._limits = limits
        self._reasons = reasons
        self.failures = CommonFailures()

    async def find_in_place(self, session: Session) -> PlaceProblems:
        """Read all tasks of a place, and find what is wrong with it. Raises BackendError."""
        await self.read_place(session)
        return await self.find_in_read_place(session)

    async def read_place(self, session: Session) -> None:
        """Read all tasks of a place. Raises BackendError."""
        await session.connect(then_read_all=True)
        await session.read_all()

    async def find_in_read_place(self, session: Session) -> PlaceProblems:
        """Find what is wrong with a place whose tasks have been read. Raises BackendError."""
        unread = await self._read_failures(session)
        past = _open_past(session)
        records = await self._count_kinds(session, past)
        if past is not None:
            await EarlierSights(session.store, past.read_transitions).recall(session.server_time.ahead)
        facts = self._make_facts(session, records)
        findings = (
            *find_place_problems(facts, None),
            *run_at_once(find_task_problems(facts)),
            *find_unread_problems(facts),
        )
        return PlaceProblems(session=session, findings=findings, is_whole=not session.partial, unread=unread)

    def report_silence(self, session: Session, error: BackendError) -> PlaceProblems:
        """What is to be said of a place that can't be read. Raises the error where that rule is off."""
        if not self._limits.no_answer:
            raise error
        now = session.clock.now()
        facts = PlaceFacts(
            limits=self._limits,
            store=session.store,
            source=session.backend.source,
            place=_find_place(session),
            now=now,
            health=Health(error=error, last_ok=now - self._limits.no_answer_after * SECOND),
            servers=ServerSigns(),
        )
        found = find_place_problems(facts, None)
        # Nobody knows since when.
        told = tuple(replace(one, since=None, numbers={}) for one in found)
        return PlaceProblems(session=session, findings=told)

    async def _read_failures(self, session: Session) -> int:
        """Read why tasks failed that count; returns of how many that is not known."""
        store = session.store
        if self._limits.failures:
            oldest = store.now() - self._limits.failures_within * SECOND
            tasks = (store.tasks[task_id] for task_id in store.unread_reasons)
            recent = [task.id for task in tasks if (task.updated or task.created or 0) >= oldest]
            await ReasonReader(session, self._reasons).read_reasons(store.tasks[one] for one in recent)
            for task in store.tasks.values():
                if task.status in FAILURES:
                    self.failures.note_change(None, task)
            return sum(one in store.unread_reasons for one in recent)
        return 0

    async def _count_kinds(self, session: Session, past: PastReader | None) -> KindRecords:
        """Count what became of the tasks of each kind that runs or waits."""
        records = KindRecords(session.store, session.clock, None if past is None else past.read_runs)
        now, kinds = session.store.now(), dict[KindKey, Task]()
        for task in session.store.iter_unfinished():
            if needs_record(task, self._limits, now):
                kinds.setdefault(find_kind(task), task)
        await records.count_all(list(kinds.values())[:KINDS_KEPT])
        return records

    def _make_facts(self, session: Session, records: KindRecords) -> PlaceFacts:
        servers, store = ServerSigns(), session.store
        for task in store.tasks.values():
            servers.note_task(task)
        refused = find_refused_deletes(default_journal_path(os.environ), session.backend.source)
        return PlaceFacts(
            limits=self._limits,
            store=store,
            source=session.backend.source,
            place=_find_place(session),
            now=store.now(),
            ahead=session.server_time.ahead,
            capabilities=None if session.info is None else session.info.capabilities,
            servers=servers,
            find_record=records.find_kept,
            was_delete_refused=lambda task: is_refused_since(task, refused.get(task.id)),
            find_out_of_memory=self.failures.find_out_of_memory,
        )


def _open_past(session: Session) -> PastReader | None:
    """What reads the history of a place; None where none is kept."""
    if not session.settings.history.value or session.target.demo is not None:
        return None
    return PastReader(lambda: session.backend.source, history=find_history_path(os.environ))


async def find_task_rules(session: Session, reasons: ReasonChoice) -> dict[TaskId, str]:
    """What is wrong with tasks that have been read: its rule, by their ids. Raises BackendError."""
    limits = make_finding_limits(session.settings.findings)
    finder = ProblemFinder(limits, reasons)
    found = await finder.find_in_read_place(session)
    index = ProblemIndex()
    common = finder.failures.find_all(limits, session.store.now())
    run_at_once(index.replace_all(sort_findings([*found.findings, *common])))
    return {task_id: rule for task_id, task in session.store.tasks.items() if (rule := index.find_rule(task))}


def _find_place(session: Session) -> Place | None:
    return session.place if session.is_placed else None

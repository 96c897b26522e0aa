"""A place as the rules for findings see it, made of the tasks that a test has."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from backend_adapters.model import Millis, Source, Task
from tests.unit.fakes import START
from tui.config.finding_settings import FindingLimits
from tui.monitor.findings.finding import Finding
from tui.monitor.findings.place_facts import PlaceFacts
from tui.monitor.findings.server_signs import ServerSigns
from tui.monitor.kind_record import KindRecord
from tui.monitor.store import Store

MINUTE = 60_000
SOURCE = Source(profile="prod", url="http://prod:8080", dialect="hugegraph", graph="g", graphspace="DEFAULT")


def make_facts(
    *tasks: Task,
    now: Millis = START,
    lengths: Sequence[Millis] = (),
    waits: Sequence[Millis] = (),
    limits: FindingLimits | None = None,
    **more,
) -> PlaceFacts:
    """The facts of a place with these tasks, of which nobody saw anything happen."""
    store = Store(lambda: now)
    store.apply_answer(tasks, asked=store.take_ticket())
    servers = ServerSigns()
    for task in tasks:
        servers.note_task(task)
    record = KindRecord(succeeded=len(lengths), lengths=array("q", lengths), waits=array("q", waits))
    given = {
        "limits": limits or FindingLimits(),
        "store": store,
        "source": SOURCE,
        "place": None,
        "now": now,
        "servers": servers,
        "find_record": lambda task: record,
    }
    return PlaceFacts(**{**given, **more})


def tell(finding: Finding | None) -> str:
    """The evidence of a finding, its moments as seconds since `START`."""
    assert finding is not None
    return finding.write_evidence(lambda at: f"{(at - START) / 1000:g}s")

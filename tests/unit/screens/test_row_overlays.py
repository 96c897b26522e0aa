"""When running tasks end, as the table tells it beside the server's data."""

from __future__ import annotations

from tests.unit.fake_monitor import run_fake_monitor
from tests.unit.fakes import START, S, run_until_idle, task
from tui.screens.tasks.kind_counter import KindCounter
from tui.screens.tasks.row_overlays import LATE, add_estimates
from tui.widgets.columns import RowOverlay

ENDED = [
    task(
        n,
        S.SUCCESS,
        name=f"import day {n}",
        created=START - 9_000_000,
        updated=START - 9_000_000 + n * 60_000,
    )
    for n in range(1, 6)
]
SOON = task(7, name="import day 7", created=START - 60_000)
LATER = task(8, name="import day 8", created=START - 600_000)
OTHER = task(9, name="export 9", created=START - 60_000)
WAITS = task(10, S.QUEUED, name="import day 10", created=START - 60_000)
SHOWN = [SOON, LATER, OTHER, WAITS, ENDED[0]]


async def test_the_kinds_of_running_tasks_are_counted_once_and_tell_their_ends() -> None:
    async with run_fake_monitor(*ENDED, SOON, LATER, OTHER, WAITS) as at:
        drawn: list[int] = []
        works: list[object] = []
        counter = KindCounter(lambda work, group: works.append(work), lambda: drawn.append(1))
        counter.count_missing(at.monitor, SHOWN)
        assert not works, "before all is read, too few are known"
        await at.start()
        assert at.monitor.health.scanned
        counter.count_missing(at.monitor, SHOWN)
        counter.count_missing(at.monitor, SHOWN)
        assert len(works) == 1
        laid: dict[str, RowOverlay] = {}
        assert not add_estimates(at.monitor, laid, SHOWN, START)
        await works.pop()
        assert drawn
        counter.count_missing(at.monitor, SHOWN)
        assert not works, "all are known"
        assert add_estimates(at.monitor, laid, SHOWN, START)
        assert laid == {"7": RowOverlay(eta="~2m"), "8": RowOverlay(eta=LATE)}
        await run_until_idle()


async def test_what_else_stands_beside_a_task_stays_and_an_unknown_end_is_not_estimated() -> None:
    async with run_fake_monitor(*ENDED, SOON, LATER) as at:
        await at.start()
        await at.monitor.only.kind_records.count_all([SOON])
        laid = {"7": RowOverlay(note="a note"), "8": RowOverlay(end_unknown=True)}
        assert add_estimates(at.monitor, laid, SHOWN, START)
        assert laid == {"7": RowOverlay(note="a note", eta="~2m"), "8": RowOverlay(end_unknown=True)}

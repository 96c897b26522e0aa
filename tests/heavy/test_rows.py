"""All rows of heavy tasks come soon, and the server is asked for no more than it can bear."""

from __future__ import annotations

import json

from tests.heavy.large_results import TASKS, each_version, heavy, out_of_memory
from tests.live.commands import Start
from tests.live.figures import Figures
from tests.live.recorded_monitor import record_monitor
from tests.live.server import HugeGraphServer
from tests.support.faulty_proxy import FaultyProxy
from tests.support.patience import PATIENCE
from tests.support.process_memory import peak_to_the_end
from tui.cli.exit_codes import OK
from tui.monitor.health import Phase

HEIGHT = 30
"""Rows of a screen."""

SLIM = 150_000
"""Kilobytes of memory that a command may take; the tasks have a thousand megabytes of results."""


@each_version
async def test_all_rows_come_and_the_newest_first(
    server: HugeGraphServer, proxy: FaultyProxy, figures: Figures
) -> None:
    async with record_monitor(server, url=proxy.url, interval=0.2) as watch:
        watch.height = HEIGHT
        await watch.until(lambda: watch.ids)
        assert watch.ids[0] == TASKS
        await watch.live()
        assert watch.ids == list(range(TASKS, 0, -1))
        assert {watch.word(number) for number in watch.ids} == {"success"}
        whens = [when - watch.started for _, when in watch.born.values()]
        kind = f"heavy {server.spec.version}"
        figures.note(kind, "start-up s", f"{server.started_in:.1f}")
        figures.note(kind, "first rows ms", f"{min(whens) * 1000:.0f}")
        figures.note(kind, "all rows ms", f"{max(whens) * 1000:.0f}")
        for _ in range(10):
            await watch.polled()
        assert watch.health.phase is Phase.LIVE
        assert not any(health.error for health in watch.healths)
        assert watch.ids == list(range(TASKS, 0, -1))
    assert proxy.most(heavy) == 1
    assert out_of_memory(server) == 0


@each_version
def test_ls_lists_all_of_them_in_little_memory(
    server: HugeGraphServer, proxy: FaultyProxy, start: Start
) -> None:
    process = start(server, "ls", "--limit", "0", "-o", "json", url=proxy.url)
    most = peak_to_the_end(process)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == OK, err.decode()
    rows = json.loads(out)
    assert {int(row["id"]) for row in rows} == set(range(1, TASKS + 1))
    assert {row["status"] for row in rows} == {"success"}
    assert most < SLIM
    assert proxy.most(heavy) == 1
    assert out_of_memory(server) == 0

"""The ways between one place and several: what is kept, and what is said where there is no place."""

from __future__ import annotations

from dataclasses import replace

from backend_adapters.simulator import EMPTY_HUGEGRAPH
from tests.ui.joint_app import company_app, run_places
from tests.ui.running_app import read_screen, run_app, wait_until

OLD = replace(EMPTY_HUGEGRAPH, version="1.5.0", graphs=("hugegraph", "test1"))


async def test_without_any_graph_left_the_key_for_graphs_says_so() -> None:
    async with run_places("old", settings={"old": OLD}, graphs=("test*",), ready=False) as at:
        await at.until(lambda: [one.place.graph for one in at.monitor.places if one.place] == ["test1"], "it")
        await at.lines_to["old"].drop_graph("test1")
        at.monitor.refresh_all()
        await at.until(lambda: not at.monitor.places, "no graph")
        await at.press("b")
        await at.until_seen("No graph is there to be watched now.")


async def test_an_interval_is_kept_on_the_way_to_all_graphs_and_back() -> None:
    async with run_app() as at:
        assert at.screen.monitor is not None
        before = at.screen.monitor.interval
        await at.press("minus")
        slower = at.screen.monitor.interval
        assert slower > before
        await at.press("a")
        await at.until(lambda: at.screen.monitor is not None and at.screen.monitor.is_joint, "all graphs")
        assert at.screen.monitor.interval == slower
        await at.press("a")
        await at.until(lambda: at.screen.monitor is not None and not at.screen.monitor.is_joint, "one graph")
        assert at.screen.monitor.interval == slower


async def test_the_key_for_all_graphs_says_what_to_do_where_several_places_are_watched() -> None:
    async with run_places("old", settings={"old": replace(OLD, graphs=("a", "b"))}, graphs=("*",)) as at:
        await at.until(lambda: len(at.monitor.places) == 2, "both graphs")
        await at.press("a")
        await at.until_seen("These are graphs of one server. Press b to choose others, or all.")
    async with run_places("prod:hugegraph", "dev:hugegraph") as at:
        await at.press("a")
        await at.until_seen("To see all graphs of one of these servers, open a place with A, then press a.")
        await at.press("b")
        await at.until_seen("Switch graph of prod")


async def test_of_a_task_the_texts_are_copied_that_its_own_server_has() -> None:
    app = company_app()
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await wait_until(pilot, lambda: any("cloud" in line for line in read_screen(app)), "the jobs of GES")
        monitor = app.screen.monitor
        job = next(task for task in monitor.tasks.iter_unfinished() if task.place.profile == "cloud")
        app.screen.parts.table.place_cursor(job.key)
        await pilot.press("Y")
        await wait_until(pilot, lambda: any("Copy from" in line for line in read_screen(app)), "the list")
        assert not any("what was run" in line for line in read_screen(app))


async def test_copied_ids_of_several_places_have_their_places() -> None:
    async with run_places("prod:hugegraph", "dev:hugegraph") as at:
        for profile in ("prod", "dev"):
            await at.lines_to[profile].submit("1")
        await at.until(lambda: len(at.monitor.view) == 2, "both")
        await at.press("*", "Y")
        await at.until_seen("Copy from 2 marked tasks")
        await at.press(*"ids", "enter")
        await at.until(lambda: bool(at.app.clipboard), "the copy")
        assert sorted(at.app.clipboard.split("\n")) == ["dev:DEFAULT/hugegraph/1", "prod:DEFAULT/hugegraph/1"]

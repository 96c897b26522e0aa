"""Graphs of the same name in two graphspaces, one of them created and dropped while they are watched."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from backend_adapters.errors import NoSuchGraph
from backend_adapters.model import Action
from tests.cluster.cluster import Cluster, on
from tests.cluster.graphspaces import (
    WITH_LOGINS,
    create_in_graphspace,
    drop_graphspace,
    jobs_of_new_graph,
    write_profile,
)
from tests.live.recorded_monitor import target_of
from tests.live.recorded_places import (
    OPTIONS,
    drop_graph,
    open_server,
    shorten_pauses,
    wait_for_words,
    watch,
)
from tests.live.seeded_tasks import QUICK, SLEEP, Jobs
from tests.terminal.configured_home import leave, run_configured
from tests.terminal.terminal_emulator import GRAPHTOP, Terminal, environment
from tui.app import Graphtop
from tui.cli.exit_codes import NOT_FOUND, OK
from tui.connection.profile_source import Destination
from tui.monitor.outcomes import Outcome

pytestmark = pytest.mark.timeout(1800)

SHORT_SLEEP = "Thread.sleep(12000)"


@pytest.fixture
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    shorten_pauses(monkeypatch)


@pytest.fixture
def program(tmp_path: Path, cluster: Cluster) -> Iterator[Terminal]:
    """graphtop in a terminal, with all graphs of the cluster."""
    write_profile(tmp_path, cluster.a)
    with closing(Terminal([*GRAPHTOP, "real"], environment(tmp_path))) as terminal:
        yield terminal


def press_until(terminal: Terminal, key: str, *words: str, gone: str = "") -> None:
    """Press a key and wait until these words are in one line of the screen, and others in none."""
    terminal.send(key)
    terminal.wait(
        lambda: (
            any(all(word in line for word in words) for line in terminal.lines())
            and not (gone and gone in terminal.text())
        ),
        f"{words} after {key!r}",
    )


@on(WITH_LOGINS)
@pytest.mark.usefixtures("_hurry")
async def test_a_graph_of_another_graphspace_comes_and_goes_and_the_cancel_reaches_only_one(
    cluster: Cluster,
) -> None:
    server = cluster.a
    with Jobs(server, "orders") as jobs, Jobs(server, "orders", "finance") as others:
        await asyncio.to_thread(create_in_graphspace, jobs.http, "DEFAULT", "orders")
        async with watch(open_server(server, "real", "*")) as seen:
            await seen.live("real:DEFAULT/orders")
            await asyncio.to_thread(create_in_graphspace, jobs.http, "finance", "orders")
            await seen.live("real:DEFAULT/orders", "real:finance/orders")
            ids = [await asyncio.to_thread(graph.submit, SLEEP) for graph in (jobs, others)]
            assert ids == [1, 1], "ids count from 1 in each graph"
            await seen.until(lambda: seen.shows("real:DEFAULT/orders", 1, "running"))
            await seen.until(lambda: seen.shows("real:finance/orders", 1, "running"))
            assert sorted(seen.rows) == ["DEFAULT/orders/1 running", "finance/orders/1 running"]

            one = seen.find("real:finance/orders", 1)
            assert one is not None
            seen.monitor.start_action(Action.CANCEL, [one])
            await seen.until(lambda: len(seen.reports) == 1)
            assert (seen.reports[0].outcome, seen.reports[0].task.key) == (Outcome.CANCELLED, one.key)
            assert sorted(seen.rows) == ["DEFAULT/orders/1 running", "finance/orders/1 cancelled"]
            states = [await asyncio.to_thread(graph.look, 1) for graph in (jobs, others)]
            assert [task and task["task_status"] for task in states] == ["running", "cancelled"]
            await asyncio.to_thread(jobs.clear)
            await seen.until(lambda: seen.rows == ["finance/orders/1 cancelled"])

            await asyncio.to_thread(drop_graph, others.http, "orders", "finance")
            await seen.until(lambda: seen.names == {"real:DEFAULT/orders"})
            await asyncio.to_thread(drop_graphspace, others.http, "finance")
            later = await asyncio.to_thread(jobs.submit, QUICK)
            await seen.until(lambda: seen.shows("real:DEFAULT/orders", later, "success"))
            assert seen.rows == [f"orders/{later} success"]
            await seen.live()
            assert seen.monitor.health.partial == ""

            # The graph by which the server was first asked goes like any other.
            await asyncio.to_thread(drop_graph, jobs.http, "orders")
            await seen.until(lambda: "real:DEFAULT/orders" not in seen.names)
            assert seen.rows == []


@on(WITH_LOGINS)
@pytest.mark.usefixtures("_hurry")
async def test_the_key_for_all_graphs_shows_those_of_other_graphspaces(cluster: Cluster) -> None:
    with (
        jobs_of_new_graph(cluster.a, "leads") as jobs,
        Jobs(cluster.a, "leads", "sales") as others,
    ):
        app = Graphtop(target_of(cluster.a, "leads"), OPTIONS)
        async with app.run_test(size=(120, 36)) as pilot:
            await asyncio.to_thread(jobs.submit, QUICK)
            await wait_for_words(pilot, "DEFAULT/leads", "success")
            await pilot.press("a")
            await wait_for_words(pilot, "1 place")

            await asyncio.to_thread(create_in_graphspace, jobs.http, "sales", "leads")
            await wait_for_words(pilot, "2 places")
            await asyncio.to_thread(others.submit, "'from sales'")
            await wait_for_words(pilot, "DEFAULT/leads", "sales/leads", "from sales", "success")

            await asyncio.to_thread(drop_graphspace, jobs.http, "sales")
            await wait_for_words(pilot, "1 place", "success", gone="sales")
            await pilot.press("a")
            await wait_for_words(pilot, "DEFAULT/leads", "HugeGraph 1.7.0", gone="1 place")


@on(WITH_LOGINS)
@pytest.mark.usefixtures("_hurry")
async def test_a_graph_is_gone_as_soon_as_its_drop_waits_for_the_tasks_of_another(cluster: Cluster) -> None:
    with (
        jobs_of_new_graph(cluster.a, "slow") as jobs,
        Jobs(cluster.a, "slow", "lab") as others,
    ):
        await asyncio.to_thread(create_in_graphspace, jobs.http, "lab", "slow")
        await asyncio.to_thread(others.wait, await asyncio.to_thread(others.submit, QUICK), "success")
        alone = target_of(cluster.a, "slow", graphspace="lab", profile="alone", dialect="hugegraph")
        async with watch(open_server(cluster.a, "real", "*"), Destination(alone, OPTIONS)) as seen:
            await seen.live("real:DEFAULT/slow", "real:lab/slow", "alone:lab/slow")
            place = next(one for one in seen.monitor.places if one.place and one.place.profile == "alone")
            running = await asyncio.to_thread(jobs.submit, SHORT_SLEEP)
            await seen.until(lambda: seen.shows("real:DEFAULT/slow", running, "running"))
            drop = asyncio.create_task(asyncio.to_thread(drop_graphspace, others.http, "lab"))
            await seen.until(lambda: seen.names == {"real:DEFAULT/slow", "alone:lab/slow"})
            await seen.until(lambda: isinstance(place.health.error, NoSuchGraph))
            assert seen.shows("real:DEFAULT/slow", running, "running")
            assert not drop.done()
            await drop
            await seen.until(lambda: seen.shows("real:DEFAULT/slow", running, "success"))
            await seen.until(lambda: 'no graphspace "lab"' in str(place.health.error))


@on(WITH_LOGINS)
def test_the_commands_know_the_graphs_of_both_graphspaces(cluster: Cluster, tmp_path: Path) -> None:
    write_profile(tmp_path, cluster.a)
    done = run_configured(tmp_path, "graphs", "-p", "real", "-o", "id")
    assert (done.returncode, done.stdout) == (OK, "DEFAULT/hugegraph\n"), "the usual one, though not listed"
    done = run_configured(tmp_path, "ls", "--all")
    assert (done.returncode, done.stdout) == (OK, ""), done.stderr
    with (
        jobs_of_new_graph(cluster.a, "bills") as jobs,
        Jobs(cluster.a, "bills", "audit") as others,
    ):
        create_in_graphspace(jobs.http, "audit", "bills")
        for graph in (jobs, others):
            assert graph.submit(SLEEP) == 1
            graph.wait(1, "running")
        done = run_configured(tmp_path, "graphs", "--all", "-o", "id")
        assert done.stdout.split() == ["real:DEFAULT/bills", "real:audit/bills"]
        done = run_configured(tmp_path, "ls", "--all", "-o", "jsonl")
        listed = {task["id"]: task for task in map(json.loads, done.stdout.splitlines())}
        assert {name: task["status"] for name, task in listed.items()} == {
            "real:DEFAULT/bills/1": "running",
            "real:audit/bills/1": "running",
        }
        fields = [listed["real:audit/bills/1"][name] for name in ("place", "profile", "graphspace", "graph")]
        assert fields == ["real:audit/bills", "real", "audit", "bills"]

        done = run_configured(tmp_path, "cancel", "real:audit/bills/1", "--yes")
        assert done.returncode == OK, done.stderr
        assert done.stdout.startswith("✓ real:audit/bills/1 cancelled")
        done = run_configured(tmp_path, "ls", "--all", "-o", "tsv")
        assert {tuple(line.split("\t")[:2]) for line in done.stdout.splitlines()} == {
            ("real:DEFAULT/bills/1", "running"),
            ("real:audit/bills/1", "cancelled"),
        }
        jobs.clear()
        drop_graphspace(jobs.http, "audit")
        done = run_configured(tmp_path, "graphs", "--all", "-o", "id")
        assert done.stdout.split() == ["real:DEFAULT/bills"]
        done = run_configured(tmp_path, "get", "real:audit/bills/1")
        assert done.returncode == NOT_FOUND
        assert 'has no graphspace "audit".' in done.stderr


@on(WITH_LOGINS)
def test_the_program_shows_both_in_one_table_cancels_in_one_and_lets_it_go(
    cluster: Cluster, program: Terminal
) -> None:
    program.wait_for("● live")
    with (
        jobs_of_new_graph(cluster.a, "parts") as jobs,
        Jobs(cluster.a, "parts", "plant") as others,
    ):
        create_in_graphspace(jobs.http, "plant", "parts")
        press_until(program, "r", "3 places", "● live")
        for graph in (jobs, others):
            assert graph.submit(SLEEP) == 1
        press_until(program, "r", "DEFAULT/parts", " 1 ", "running")
        press_until(program, "", "plant/parts", " 1 ", "running")
        press_until(program, "A", "plant/parts", "live")
        program.wait_for("http://127.0.0.1:")
        press_until(program, "\x1b", "DEFAULT/parts", " 1 ", "running")

        press_until(program, "/graphspace=plant\r", "plant/parts", "running", gone="DEFAULT/parts")
        press_until(program, "C", "Don't cancel")
        program.answer("y", "Don't cancel")
        press_until(program, "", "plant/parts", "cancelled")
        press_until(program, "\x1b", "DEFAULT/parts", " 1 ", "running")
        record = others.look(1)
        assert record is not None
        assert record["task_status"] == "cancelled"
        jobs.wait(1, "running")

        jobs.clear()
        press_until(program, "r", "plant/parts", "cancelled", gone="DEFAULT/parts")
        drop_graphspace(jobs.http, "plant")
        press_until(program, "r", "2 places", "● live", gone="plant/parts")
        leave(program)

"""A list that holds the tasks of another one, as tasks hold computer jobs: each is shown once, in its own."""

from __future__ import annotations

from msgspec.structs import replace

from tests.unit.fakes import S, task
from tests.unit.joint_monitor import JointMonitor, run_joint_monitor
from tui.monitor.watched_place import PlaceConnection, WatchedPlace

OTHERS = (task(1), task(2, S.SUCCESS))
JOBS = (task(3, type="computer-dis"), task(4, S.SUCCESS, type="computer-dis"))


def connect_jobs(rig: JointMonitor, name: str) -> PlaceConnection:
    """The way to the list of computer jobs of a graph."""
    connection = rig.connect(name, *JOBS)
    assert connection.place is not None
    connection.place.dialect = "computerdis"
    backend = rig.backends[connection.place.number]
    backend.told = replace(backend.told, dialect="computerdis")
    return connection


def ids_of(watched: WatchedPlace) -> list[str]:
    return sorted(watched.store.tasks)


async def test_jobs_are_those_of_their_own_list_from_the_start() -> None:
    async with run_joint_monitor() as rig:
        tasks = rig.add("prod:DEFAULT/g", *OTHERS, *JOBS)
        jobs = rig.monitor.add_place(connect_jobs(rig, "prod:DEFAULT/g"))
        await rig.start()
        assert (ids_of(tasks), ids_of(jobs)) == (["1", "2"], ["3", "4"])
        assert rig.monitor.tasks.counts == {S.RUNNING: 2, S.SUCCESS: 2}


async def test_jobs_leave_a_list_beside_which_their_own_is_opened_and_come_back_without_it() -> None:
    async with run_joint_monitor() as rig:
        tasks = rig.add("prod:g", *OTHERS, *JOBS)
        await rig.start()
        assert ids_of(tasks) == ["1", "2", "3", "4"]
        jobs = rig.monitor.add_place(connect_jobs(rig, "prod:g"))
        assert ids_of(tasks) == ["1", "2"]
        await rig.clock.advance(20)
        assert sorted(rig.ears.rows) == ["1/1", "1/2", "2/3", "2/4"]
        rig.monitor.remove_place(jobs)
        await rig.clock.advance(20)
        assert sorted(rig.ears.rows) == ["1/1", "1/2", "1/3", "1/4"]


async def test_a_graph_that_its_server_chooses_is_known_once_it_has_answered() -> None:
    async with run_joint_monitor() as rig:
        tasks = rig.add("prod:DEFAULT/g", *OTHERS, *JOBS)
        connection = connect_jobs(rig, "prod:DEFAULT/g")
        assert connection.place is not None
        connection.place.graph, connection.place.graphspace = "", None
        await rig.start()
        jobs = rig.monitor.add_place(connection)
        assert ids_of(tasks) == ["1", "2", "3", "4"]
        await rig.clock.advance(20)
        assert (ids_of(tasks), ids_of(jobs)) == (["1", "2"], ["3", "4"])


async def test_lists_of_other_graphs_and_of_other_servers_leave_nothing_out() -> None:
    async with run_joint_monitor() as rig:
        tasks = rig.add("prod:DEFAULT/g", *OTHERS, *JOBS)
        for name in ("prod:DEFAULT/h", "prod:g", "dev:DEFAULT/g"):
            rig.monitor.add_place(connect_jobs(rig, name))
        await rig.start()
        assert ids_of(tasks) == ["1", "2", "3", "4"]

"""The tasks that a server has at its start: ended, running and unusual ones."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from zlib import crc32

from backend_adapters.simulator.deterministic_random import draw_number, scatter_bits
from backend_adapters.simulator.durations import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from backend_adapters.simulator.hugegraph import computer_jobs
from backend_adapters.simulator.hugegraph.graph_load import USUAL_GAPS, GraphLoad, SpecialTask
from backend_adapters.simulator.hugegraph.records import ENDED_STATUSES, GraphTasks, SimulatedTask, TaskKind
from backend_adapters.simulator.hugegraph.settings import HugeGraphSettings
from backend_adapters.simulator.hugegraph.task_kinds import (
    EXPORT_QUERY,
    HUGE_QUERY,
    INDEX_REBUILD,
    LABEL_REMOVAL,
    LONG_QUERY,
    LOUVAIN,
    PAGE_RANK,
    SHORT_QUERY,
    STUBBORN_QUERY,
    KindPicker,
    make_fixed_kind,
    make_kind_picker,
    pick_task_kind,
)
from backend_adapters.simulator.hugegraph.world import HugeGraphWorld, make_task

_SPAN = 5 * DAY_MS
"""How far back the history goes."""
_GAP = 20 * SECOND_MS
"""The age of the newest task of the history, so that the special tasks are newer."""


_COMPUTER_GAPS = (25_000, 70_000)
"""The shortest and the longest time between two submissions, ms."""


_ESC = "\x1b[31;1m"
_SPECIALS = (
    SpecialTask(
        26 * HOUR_MS,
        make_fixed_kind("g.V().hasLabel('invoice').barrier().dedup().count()"),
        "stuck",
    ),
    SpecialTask(
        9 * HOUR_MS,
        make_fixed_kind(
            "// 欺诈检测：环形转账 每日任务\ng.V().hasLabel('账户').as('a').out('转账').limit(100)"
        ),
        ran=95 * SECOND_MS,
    ),
    SpecialTask(
        8 * HOUR_MS,
        make_fixed_kind("// 顧客グラフの再計算（夜間バッチ）\ng.V().hasLabel('顧客').count()"),
        ran=40 * SECOND_MS,
    ),
    SpecialTask(
        7 * HOUR_MS,
        make_fixed_kind("// 🔥🔥 hotfix: relink 👩‍👩‍👧‍👦 households\ng.V().count()"),
        "failed",
    ),
    SpecialTask(6 * HOUR_MS + 4 * MINUTE_MS, INDEX_REBUILD, "running", ran=9 * HOUR_MS),
    SpecialTask(
        5 * HOUR_MS,
        make_fixed_kind("""g.V().has("name", "[bold red]O'Brien[/] & \\"sons\\"").out()[0..9]"""),
    ),
    SpecialTask(
        4 * HOUR_MS,
        make_fixed_kind(f"// {_ESC}DROP ALL\x1b[0m\x07\tcolumns\x00 from notebook\x9b2J\ng.V().count()"),
    ),
    SpecialTask(
        3 * HOUR_MS,
        LABEL_REMOVAL,
        ran=9 * SECOND_MS,
        description="clean up after the spring import",
    ),
    SpecialTask(3 * HOUR_MS - MINUTE_MS, INDEX_REBUILD, ran=21 * SECOND_MS, after=7),
    SpecialTask(50 * MINUTE_MS, LOUVAIN, "failed", ran=11 * MINUTE_MS, retries=2),
    SpecialTask(40 * MINUTE_MS, EXPORT_QUERY, ran=17 * SECOND_MS),
    SpecialTask(
        12 * MINUTE_MS,
        make_fixed_kind(
            "// load suppliers from the warehouse\n"
            "def db = Sql.newInstance(url, user, password)\n"
            "db.eachRow('select * from suppliers') { graph.addVertex(T.label, 'supplier', 'name', it.name) }",
            bindings={
                "url": "jdbc:postgresql://warehouse/prod",
                "user": "etl",
                "password": "Tr0ub4dor&3",
                "token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJldGwifQ.b2theS10aGlzLWlzLWEtZGVtbw",
            },
        ),
        ran=48 * SECOND_MS,
    ),
    SpecialTask(18 * SECOND_MS, PAGE_RANK, "running", ran=31 * SECOND_MS),
    SpecialTask(15 * SECOND_MS, STUBBORN_QUERY, "running", ran=95 * SECOND_MS),
    SpecialTask(5 * SECOND_MS, LONG_QUERY, "running", ran=8 * SECOND_MS),
)

_FIRST_SUBMISSIONS = (
    (900, SHORT_QUERY, "success", 2600),
    (2400, LONG_QUERY, "failed", 5000),
    (5200, LOUVAIN, "success", 11_000),
    (8800, SHORT_QUERY, "success", 3200),
)
"""What is submitted in the first seconds, so that one sees at once how tasks start, end and fail."""


def seed_tasks(settings: HugeGraphSettings, world: HugeGraphWorld) -> None:
    """Give each graph its tasks, and start submitting new ones."""
    for index, (name, graph_tasks) in enumerate(zip(settings.graphs, world.graphs.values(), strict=True)):
        load = settings.loads.get(name)
        if load is None:
            _seed_usual_graph(settings, world, graph_tasks, index)
        else:
            _seed_graph(world, graph_tasks, load, index)


def _seed_graph(world: HugeGraphWorld, graph_tasks: GraphTasks, load: GraphLoad, index: int) -> None:
    """Give a graph the tasks of its load."""
    pick_kind = make_kind_picker(load.kinds) if load.kinds else pick_task_kind
    own = crc32(f"{graph_tasks.space}/{graph_tasks.graph}".encode()) & 0xFFFF
    tasks = list(_make_history(world, own, load.history, pick_kind))
    specials = _make_specials(world, load.specials)
    huge = [_make_huge_task(world)] if index == 0 and world.settings.huge else []
    _add_tasks(graph_tasks, [*tasks, *specials, *huge])
    _begin_specials(world, load.specials, specials)
    later = make_kind_picker(load.later_kinds) if load.later_kinds else pick_kind
    _submit_unfinished(world, graph_tasks, load.unfinished, later)
    settings = world.settings
    if settings.pace > 0:
        world.keep_submitting(graph_tasks, settings.seed + index, later, load.gaps, 1 / settings.pace)


def _seed_usual_graph(
    settings: HugeGraphSettings, world: HugeGraphWorld, graph_tasks: GraphTasks, index: int
) -> None:
    """Give a graph the usual tasks; the first one has most of them, and all that is special."""
    first = index == 0
    count = settings.history if first else settings.history // 4
    tasks = list(_make_history(world, sum(map(ord, graph_tasks.graph)), count, pick_task_kind))
    groups = _choose_specials(settings) if first else []
    specials = [(group, _make_specials(world, group)) for group in groups]
    tasks.extend(task for _, made in specials for task in made)
    if first:
        tasks.extend(_make_computer_history(world, graph_tasks))
    if first and settings.huge:
        tasks.append(_make_huge_task(world))
    _add_tasks(graph_tasks, tasks)
    for group, made in specials:
        _begin_specials(world, group, made)
    _submit_unfinished(world, graph_tasks, settings.unfinished if first else 0, pick_task_kind)
    _start_submitting(settings, world, graph_tasks, index)


def _add_tasks(graph_tasks: GraphTasks, tasks: list[SimulatedTask]) -> None:
    """Add tasks in the order of their creation."""
    for task in sorted(tasks, key=lambda task: task.created):
        graph_tasks.add_task(task)


def _submit_unfinished(
    world: HugeGraphWorld, graph_tasks: GraphTasks, count: int, pick_kind: KindPicker
) -> None:
    """Submit so many tasks. As many of them run as there are free workers, the others wait."""
    for _ in range(count):
        salt = world.next_salt()
        world.submit_task(graph_tasks, pick_kind(salt), salt)


def _make_history(
    world: HugeGraphWorld, own: int, count: int, pick_kind: KindPicker
) -> Iterator[SimulatedTask]:
    """Tasks that ended before the start, spread evenly over five days with some jitter.

    `own` is a number below 65,536 that makes the tasks of one graph differ from those of another.
    """
    step = (_SPAN - _GAP) / max(count, 1)
    for number in range(count):
        salt = scatter_bits((world.settings.seed << 40) + (own << 24) + number)
        created = world.start - _SPAN + int(step * (number + (salt & 0xFF) / 256))
        yield _make_ended_task(world, pick_kind(salt), salt, created)


def _make_ended_task(world: HugeGraphWorld, kind: TaskKind, salt: int, created: int) -> SimulatedTask:
    """A task that ended before the start."""
    task = make_task(kind, salt, created)
    if draw_number(salt, 54, 1, 100) <= 4:
        task.outcome = "cancelled"
    task.status = task.outcome
    task.updated = min(created + task.duration, world.start - 500)
    task.progress = kind.count_progress(task.duration)
    task.server = None if world.is_distributed else world.settings.server_id
    return task


def _make_computer_history(world: HugeGraphWorld, graph_tasks: GraphTasks) -> Iterator[SimulatedTask]:
    """The ended computer jobs that the settings ask for."""
    settings = world.settings
    count = settings.computer_jobs if settings.computer == "on" else 0
    for number in range(count):
        salt = scatter_bits((settings.seed << 40) + (1 << 39) + number)
        created = world.start - _SPAN + (_SPAN - _GAP) * number // count
        kind = computer_jobs.pick_computer_kind(salt, settings, graph_tasks)
        yield _make_ended_task(world, kind, salt, created)


def _choose_specials(settings: HugeGraphSettings) -> list[tuple[SpecialTask, ...]]:
    """The groups of special tasks in the first graph of a server with these settings."""
    computer = [_computer_specials(settings)] if settings.computer == "on" else []
    return [_SPECIALS, *computer] if settings.specials else []


def _computer_specials(settings: HugeGraphSettings) -> tuple[SpecialTask, ...]:
    """A dozen computer jobs of the last hours, three of them running."""
    return tuple(
        SpecialTask(
            one.age * SECOND_MS,
            computer_jobs.make_job_kind(settings, one.algorithm, one.worker, one.params),
            one.outcome,
            ran=one.ran * SECOND_MS,
        )
        for one in computer_jobs.SAMPLE_JOBS
    )


def _make_specials(world: HugeGraphWorld, specials: tuple[SpecialTask, ...]) -> list[SimulatedTask]:
    """Make the special tasks; those that run begin in `_begin_specials`."""
    made: list[SimulatedTask] = []
    for index, special in enumerate(specials):
        task = make_task(special.kind, scatter_bits(world.settings.seed + index), world.start - special.age)
        task.duration, task.retries, task.description = special.ran, special.retries, special.description
        task.outcome = special.outcome if special.outcome in ENDED_STATUSES else "success"
        server = world.settings.server_id
        if special.outcome == "stuck":
            # It runs for ever, as does a task whose server was restarted under another id.
            task.status, task.updated, server = "running", task.created + 4, "server-0"
        elif special.outcome == "queued":
            task.status = "queued"
        elif special.outcome != "running":
            task.status, task.updated = task.outcome, task.created + special.ran
        task.server = None if world.is_distributed else server
        made.append(task)
    return made


def _begin_specials(
    world: HugeGraphWorld, specials: tuple[SpecialTask, ...], made: list[SimulatedTask]
) -> None:
    """Run the special tasks that run, and set what needs their ids."""
    for special, task in zip(specials, made, strict=True):
        if special.outcome == "running":
            world.run_task(task, since=task.created + 9)
        elif special.outcome == "queued":
            world.enqueue_task(task)
        if special.after is not None:
            task.dependencies = (made[special.after].id,)


def _make_huge_task(world: HugeGraphWorld) -> SimulatedTask:
    """A task that has just ended, with a result as large as the settings say."""
    task = make_task(HUGE_QUERY, scatter_bits(world.settings.seed), world.start - SECOND_MS)
    task.status, task.updated = "success", world.start - 500
    task.server = None if world.is_distributed else world.settings.server_id
    return task


def _start_submitting(
    settings: HugeGraphSettings, world: HugeGraphWorld, graph_tasks: GraphTasks, index: int
) -> None:
    if settings.pace <= 0:
        return
    slowness = (1 if index == 0 else 4) / settings.pace
    if index == 0 and settings.specials:
        for delay, kind, outcome, millis in _FIRST_SUBMISSIONS:
            submit = partial(_submit_with_outcome, world, graph_tasks, kind, outcome, millis)
            world.call_at(world.start + delay, submit)
    world.keep_submitting(graph_tasks, settings.seed + index, pick_task_kind, USUAL_GAPS, slowness)
    if index == 0 and settings.computer == "on":
        world.keep_submitting(
            graph_tasks,
            settings.seed + 99,
            lambda salt: computer_jobs.pick_computer_kind(salt, settings, graph_tasks),
            _COMPUTER_GAPS,
            slowness,
        )


def _submit_with_outcome(
    world: HugeGraphWorld, graph_tasks: GraphTasks, kind: TaskKind, outcome: str, millis: int
) -> None:
    task = world.submit_task(graph_tasks, kind)
    task.outcome, task.duration = outcome, millis

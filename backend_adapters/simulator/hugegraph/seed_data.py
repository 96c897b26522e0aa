"""What a server already has when it is first looked at: its history, its running and its odd tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backend_adapters.simulator.deterministic_random import draw, mix
from backend_adapters.simulator.hugegraph import computer_jobs as olap
from backend_adapters.simulator.hugegraph import task_kinds as stories
from backend_adapters.simulator.hugegraph.records import FINISHED, Shelf, Story, Task
from backend_adapters.simulator.hugegraph.settings import Settings
from backend_adapters.simulator.hugegraph.world import World, make_task

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

_SPAN = 5 * 24 * HOUR
"""How far back the history goes."""
_GAP = 20 * SECOND
"""The newest task of the history is this old, so that the special ones come last."""


_USUAL_GAPS = (3000, 10_000)
_OLAP_GAPS = (25_000, 70_000)
"""Between two births, ms."""


@dataclass(frozen=True, slots=True)
class Special:
    """One task that is there on purpose."""

    age: int
    """Milliseconds before the start at which it was created."""
    story: Story
    fate: str = "success"
    """`running` for one that runs on this server, `stuck` for one whose server is gone."""
    ran: int = 4 * SECOND
    retries: int = 0
    description: str | None = None
    after: int | None = None
    """It depends on the special task with this index."""


_ESC = "\x1b[31;1m"
_SPECIALS = (
    Special(26 * HOUR, stories.fixed("g.V().hasLabel('invoice').barrier().dedup().count()"), "stuck"),
    Special(
        9 * HOUR,
        stories.fixed(
            "// 欺诈检测：环形转账 每日任务\ng.V().hasLabel('账户').as('a').out('转账').limit(100)"
        ),
        ran=95 * SECOND,
    ),
    Special(
        8 * HOUR,
        stories.fixed("// 顧客グラフの再計算（夜間バッチ）\ng.V().hasLabel('顧客').count()"),
        ran=40 * SECOND,
    ),
    Special(7 * HOUR, stories.fixed("// 🔥🔥 hotfix: relink 👩‍👩‍👧‍👦 households\ng.V().count()"), "failed"),
    Special(6 * HOUR + 4 * MINUTE, stories.REBUILD, "running", ran=9 * HOUR),
    Special(
        5 * HOUR, stories.fixed("""g.V().has("name", "[bold red]O'Brien[/] & \\"sons\\"").out()[0..9]""")
    ),
    Special(
        4 * HOUR,
        stories.fixed(f"// {_ESC}DROP ALL\x1b[0m\x07\tcolumns\x00 from notebook\x9b2J\ng.V().count()"),
    ),
    Special(3 * HOUR, stories.REMOVE, ran=9 * SECOND, description="clean up after the spring import"),
    Special(3 * HOUR - MINUTE, stories.REBUILD, ran=21 * SECOND, after=7),
    Special(50 * MINUTE, stories.LOUVAIN, "failed", ran=11 * MINUTE, retries=2),
    Special(40 * MINUTE, stories.EXPORT, ran=17 * SECOND),
    Special(
        12 * MINUTE,
        stories.fixed(
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
        ran=48 * SECOND,
    ),
    Special(18 * SECOND, stories.PAGE_RANK, "running", ran=31 * SECOND),
    Special(15 * SECOND, stories.STUBBORN, "running", ran=95 * SECOND),
    Special(5 * SECOND, stories.LONG, "running", ran=8 * SECOND),
)

_FIRST_BIRTHS = (
    (900, stories.SHORT, "success", 2600),
    (2400, stories.LONG, "failed", 5000),
    (5200, stories.LOUVAIN, "success", 11_000),
    (8800, stories.SHORT, "success", 3200),
)
"""What is born in the first seconds, so that a person sees at once that tasks start, end and fail."""


def open_world(settings: Settings, world: World) -> None:
    """Fill the shelves and let life begin."""
    for index, shelf in enumerate(world.shelves.values()):
        first = index == 0
        tasks = list(_history(world, shelf, settings.history if first else settings.history // 4))
        then: list[Callable[[], None]] = []
        for specials in _specials_of(settings) if first else ():
            tasks.extend(_specials(world, specials, then))
        if first:
            tasks.extend(_computer_history(world, shelf))
        if first and settings.huge:
            tasks.append(_huge(world))
        tasks.sort(key=lambda task: task.created)
        for task in tasks:
            shelf.add(task)
        for happening in then:
            happening()
        if first:
            _unfinished(world, shelf, settings.unfinished)
        _begin(settings, world, shelf, index)


def _history(world: World, shelf: Shelf, count: int) -> Iterator[Task]:
    """Tasks that ended before the start, evenly spread with some jitter, none older than five days."""
    own = sum(map(ord, shelf.graph))
    step = (_SPAN - _GAP) / max(count, 1)
    for number in range(count):
        salt = mix((world.settings.seed << 40) + (own << 24) + number)
        created = world.start - _SPAN + int(step * (number + (salt & 0xFF) / 256))
        task = make_task(stories.story_of(salt), salt, created)
        end(world, task, created + task.duration)
        yield task


def end(world: World, task: Task, moment: int) -> None:
    """Make a task one that ended at a moment, or just before the start where that comes first."""
    if draw(task.salt, 54, 1, 100) <= 4:
        task.fate = "cancelled"
    task.status = task.fate
    task.updated = min(moment, world.start - 500)
    task.progress = task.duration * task.story.rate // 1000
    task.server = None if world.distributed else world.settings.server_id


def _computer_history(world: World, shelf: Shelf) -> Iterator[Task]:
    """Ended computer jobs, as many as the settings say."""
    settings = world.settings
    count = settings.computer_jobs if settings.computer == "on" else 0
    for number in range(count):
        salt = mix((settings.seed << 40) + (1 << 39) + number)
        created = world.start - _SPAN + (_SPAN - _GAP) * number // count
        task = make_task(olap.story_of(salt, settings, shelf), salt, created)
        end(world, task, created + task.duration)
        yield task


def _specials_of(settings: Settings) -> Iterator[tuple[Special, ...]]:
    """The odd tasks that a server like this has in its first graph."""
    if settings.specials:
        yield _SPECIALS
    if settings.specials and settings.computer == "on":
        yield _computer_specials(settings)


def _computer_specials(settings: Settings) -> tuple[Special, ...]:
    """A dozen computer jobs of the last hours, three of them running."""
    return tuple(
        Special(
            one.age * SECOND,
            olap.job(settings, one.algorithm, one.worker, one.params),
            one.fate,
            ran=one.ran * SECOND,
        )
        for one in olap.DOZEN
    )


def _specials(world: World, specials: tuple[Special, ...], then: list[Callable[[], None]]) -> list[Task]:
    """The odd tasks; what can only be done once they have ids is added to `then`."""
    made: list[Task] = []
    for index, special in enumerate(specials):
        task = make_task(special.story, mix(world.settings.seed + index), world.start - special.age)
        task.duration, task.retries, task.description = special.ran, special.retries, special.description
        task.fate = special.fate if special.fate in FINISHED else "success"
        made.append(task)
        if special.fate == "running":
            then.append(_runner(world, task))
        elif special.fate == "stuck":
            _get_stuck(world, task)
        else:
            task.status, task.updated = task.fate, task.created + special.ran
            task.server = None if world.distributed else world.settings.server_id
        if special.after is not None:
            then.append(_dependence(task, made[special.after]))
    return made


def _huge(world: World) -> Task:
    """A task that has just ended with a result of the size of the settings."""
    task = make_task(stories.HUGE, mix(world.settings.seed), world.start - SECOND)
    task.status, task.updated = "success", world.start - 500
    task.server = None if world.distributed else world.settings.server_id
    return task


def _get_stuck(world: World, task: Task) -> None:
    """Leave a task as a server does that was started again under another id: running for ever."""
    task.status, task.updated = "running", task.created + 4
    task.server = None if world.distributed else "server-0"


def _runner(world: World, task: Task) -> Callable[[], None]:
    def run() -> None:
        if not world.distributed:
            task.server = world.settings.server_id
        world.run(task, since=task.created + 9)

    return run


def _dependence(task: Task, parent: Task) -> Callable[[], None]:
    def depend() -> None:
        task.dependencies = (parent.id,)

    return depend


def _unfinished(world: World, shelf: Shelf, count: int) -> None:
    """Tasks that were all submitted a moment ago: four will run, the others wait."""
    for _ in range(count):
        salt = world.salt()
        world.submit(shelf, stories.story_of(salt), salt)


def _begin(settings: Settings, world: World, shelf: Shelf, index: int) -> None:
    if settings.pace <= 0:
        return
    slowness = (1 if index == 0 else 4) / settings.pace
    if index == 0 and settings.specials:
        for delay, story, fate, millis in _FIRST_BIRTHS:
            world.at(world.start + delay, _birth(world, shelf, story, fate, millis))
    world.breed(shelf, settings.seed + index, stories.story_of, _USUAL_GAPS, slowness)
    if index == 0 and settings.computer == "on":
        world.breed(
            shelf, settings.seed + 99, lambda salt: olap.story_of(salt, settings, shelf), _OLAP_GAPS, slowness
        )


def _birth(world: World, shelf: Shelf, story: Story, fate: str, millis: int) -> Callable[[], None]:
    def born() -> None:
        task = world.submit(shelf, story)
        task.fate, task.duration = fate, millis

    return born

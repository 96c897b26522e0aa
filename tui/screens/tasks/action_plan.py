"""What an action would do in each of the places whose tasks are meant, and where it can't be carried out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct

from backend_adapters.model import Action, Place, Task, TaskKey
from tui import text
from tui.monitor.monitor import Monitor
from tui.monitor.place_labels import count_places
from tui.monitor.watched_place import WatchedPlace
from tui.screens.tasks.task_facts import (
    action_blocked_reason,
    is_possible,
    name_all_places,
    name_prefix,
    name_task_place,
)

_PLACE_LEFT = "Its place is no longer shown, so nothing can be done with it."


class PlaceTasks(Struct, frozen=True, kw_only=True):
    """The tasks of one place that are meant by an action."""

    name: str
    """The whole name of the place: `prod · DEFAULT/hugegraph`."""
    label: str = ""
    """What the table calls it: `prod:hugegraph`."""
    number: int
    noun: str = "tasks"
    production: bool = False
    reason: str = ""
    """Why nothing can be done with them, as a clause; empty where the action is carried out."""

    @property
    def count(self) -> str:
        """How many there are: `1 task`, `3 jobs`."""
        return count_by_noun(self.number, self.noun)


class ActionPlan(Struct, frozen=True, kw_only=True):
    """On which of the tasks that are meant an action is carried out."""

    tasks: tuple[Task, ...]
    """Those of one place stand together, those in production first."""
    places: tuple[PlaceTasks, ...]
    """Where they are."""
    left_out: tuple[PlaceTasks, ...]
    """The places where nothing can be done now."""
    skipped: int
    """How many are left out elsewhere: they have ended, or the server can't stop them."""
    warning: str
    """What a person should read before, of all these places; usually empty."""

    @property
    def has_production(self) -> bool:
        """Whether any of the tasks is in a place of production."""
        return any(place.production for place in self.places)


def count_by_noun(number: int, noun: str) -> str:
    """So many tasks, by the list's word for them."""
    return f"{text.format_count(number)} {noun.removesuffix('s') if number == 1 else noun}"


def plan_action(monitor: Monitor, action: Action, tasks: Iterable[Task]) -> ActionPlan:
    """Sort out on which of these tasks an action is carried out."""
    by_place: dict[Place | None, list[Task]] = {}
    for task in tasks:
        by_place.setdefault(task.place, []).append(task)
    shown: list[Task] = []
    skipped, warnings = 0, []
    places: list[PlaceTasks] = []
    left_out: list[PlaceTasks] = []
    for place, meant in sorted(by_place.items(), key=_is_harmless):
        watched = monitor.find_watched(place)
        possible = [task for task in meant if is_possible(action, task)]
        skipped += len(meant) - len(possible)
        if not possible:
            continue
        reason = "" if place is None else _explain_left_out(watched, action)
        kept = places if not reason else left_out
        kept.append(_describe_part(watched, possible, reason))
        if not reason and watched is not None:
            shown += possible
            if watched.warning:
                warnings.append(f"{name_prefix(place)}{watched.warning}")
    return ActionPlan(
        tasks=tuple(shown),
        places=tuple(places),
        left_out=tuple(left_out),
        skipped=skipped,
        warning=" ".join(warnings),
    )


def _is_harmless(part: tuple[Place | None, list[Task]]) -> bool:
    """Whether a place is not in production: such places stand below the others, where a list is cut first."""
    place, _ = part
    return place is None or not place.production


def _describe_part(watched: WatchedPlace | None, tasks: Sequence[Task], reason: str) -> PlaceTasks:
    place, info = tasks[0].place, None if watched is None else watched.health.info
    return PlaceTasks(
        name="" if place is None else name_task_place(tasks[0]),
        label="" if place is None else text.sanitize_label(place.label),
        number=len(tasks),
        noun="tasks" if info is None else info.capabilities.noun,
        production=place is not None and place.production,
        reason=reason,
    )


def _explain_left_out(watched: WatchedPlace | None, action: Action) -> str:
    """Why nothing can be done in a place, to stand behind a colon; empty where it can."""
    if watched is None:
        return "the place is no longer shown."
    ability = watched.ability_for(action)
    if ability:
        return ""
    if not watched.may_act:
        return "it is read-only."
    if watched.is_answering:
        return text.sanitize_label(ability.reason)
    # Imported here: one place alone does without it.
    from tui.monitor.place_troubles import describe_clause

    error = watched.health.error
    return "it is not connected yet." if error is None else f"it {describe_clause(error)}."


def explain_place(monitor: Monitor, action: Action, place: Place | None) -> str:
    """Why an action can't be carried out in a place, as a sentence; empty where it can."""
    watched = monitor.find_watched(place)
    if watched is None:
        return _PLACE_LEFT
    ability = watched.ability_for(action)
    return "" if ability else f"{name_prefix(place)}{ability.reason}"


def explain_marks(
    monitor: Monitor,
    action: Action,
    marks: Collection[TaskKey],
    going: Sequence[Task],
) -> str:
    """Why an action can't be carried out on any of many marked tasks, as a sentence; empty where it can.

    Of them `going` have not ended, or can't be read.
    """
    able = {one.place for one in monitor.places if one.ability_for(action)}
    if not _has_any_in(marks, able, len(monitor.places)):
        return _explain_no_place(monitor, action, marks)
    can = [task for task in going if task.place in able]
    reason = action_blocked_reason(action, can, ended=len(marks) - len(going))
    if reason and len(can) < len(going):
        stopped = next(task for task in going if task.place not in able)
        return explain_place(monitor, action, stopped.place) or reason
    return reason


def _has_any_in(marks: Iterable[TaskKey], able: Collection[Place | None], number: int) -> bool:
    """Whether any of the marks is in one of these places, which are not looked up where they are all."""
    if len(able) == number:
        return True
    numbers = {str(place.number) for place in able if place is not None}
    return any(key.partition("/")[0] in numbers for key in marks)


def _explain_no_place(monitor: Monitor, action: Action, marks: Iterable[TaskKey]) -> str:
    """Why an action can't be carried out in any of the places of the marks."""
    if not monitor.is_joint:
        return explain_place(monitor, action, None)
    numbers = {key.partition("/")[0] for key in marks}
    places = [one.place for one in monitor.places if one.place is not None]
    concerned = [place for place in places if str(place.number) in numbers]
    reasons = [explain_place(monitor, action, place) for place in concerned] or [_PLACE_LEFT]
    return reasons[0] if len(reasons) == 1 else f"None of these {len(reasons)} places can do it. {reasons[0]}"


def name_places(monitor: Monitor, plan: ActionPlan) -> str:
    """Where the tasks of a plan are: the whole name of the place, or how many places there are."""
    if not monitor.is_joint:
        return name_all_places(monitor)
    if len(plan.places) == 1:
        return plan.places[0].name
    number, production = len(plan.places), sum(place.production for place in plan.places)
    which = "all of them" if production == number else f"{production} of them"
    return count_places(number) + (f", {which} production" if production else "")

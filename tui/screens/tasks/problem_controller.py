"""Looks for what needs a person, and leads to it: the tab, the next problem, what is set aside."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from backend_adapters.model import Millis, Source, Task, TaskDetail, TaskKey
from tui import text
from tui.monitor.cooperative import LoopYielder
from tui.monitor.monitor import Monitor
from tui.monitor.problem_index import ProblemIndex
from tui.monitor.store import Change
from tui.monitor.view import PROBLEMS_KEY
from tui.monitor.watched_place import WatchedPlace
from tui.screens.tasks.header_state import get_shown_time
from tui.widgets.problem_note import ProblemNote

if TYPE_CHECKING:
    from tui.monitor.findings.finding import Finding
    from tui.monitor.findings.set_aside import SetAside
    from tui.monitor.findings.watcher import FindingsWatcher
    from tui.screens.tasks.interfaces import ScreenParts, TasksHost
    from tui.screens.tasks.screen import TasksScreen
    from tui.widgets.problem_lines import ProblemLines

ROWS_AT_ONCE = 50
"""Rows that are looked at between two checks of the time."""
LOOK_AFTER_SECONDS = 3
"""Seconds after which it is looked for problems also where not all has been read: a place may be silent."""
NO_PROBLEM = "No problem was found."
STILL_LOOKING = "Problems are still being looked for."


class ProblemController:
    """Keeps the problems of the monitor's index in step with what is found, and with what is set aside."""

    def __init__(self, screen: TasksScreen, parts: ScreenParts, host: TasksHost) -> None:
        self._screen = screen
        self._parts = parts
        self._host = host
        self._monitor: Monitor | None = None
        self._index = ProblemIndex()
        """That of the monitor, once it is looked for problems."""
        self._watcher: FindingsWatcher | None = None
        self._aside: SetAside | None = None
        self._is_started = False
        self._is_sorting = False
        self._is_outdated = False
        self._hidden: frozenset[object] = frozenset()
        self._flags: Sequence[str] | None = None
        """What leads to the only place; None where it has not been asked for since problems were found."""
        self._places: ProblemLines | None = None
        """None until there are problems of places to show."""
        self._wanted: TaskKey | None = None
        """The task to go to once its row is there."""
        self.set_aside: tuple[Finding, ...] = ()
        """The present problems that are set aside."""

    # What is found.

    def start_looking(self, monitor: Monitor) -> None:
        """Look for problems from now on; it is done once."""
        if not self._is_started:
            self._is_started = True
            self._monitor, self._index = monitor, monitor.problems
            self._screen.run_worker(self._look(monitor), group="problems", exit_on_error=False)

    def detach(self) -> None:
        """Look for nothing any more: the screen is left."""
        self._screen.workers.cancel_group(self._screen, "problems")
        self._watcher = None

    async def _look(self, monitor: Monitor) -> None:
        try:
            # Beside the event loop: these are many modules, which take longer than a frame.
            await asyncio.to_thread(import_module, "tui.monitor.findings.watcher")
            from tui.config.finding_settings import make_finding_limits
            from tui.monitor.findings.set_aside import SetAside, find_aside_file
            from tui.monitor.findings.watcher import FindingsWatcher

            self._aside = SetAside(find_aside_file() if self._host.keeps_problems else None)
            self._aside.read_file()
            limits = make_finding_limits(self._screen.options.findings)
            self._watcher = FindingsWatcher(monitor, limits, self._sort_soon)
            await self._watcher.check_places()
            self._index.is_known = True
            self._draw()
            await self._watcher.run()
        except Exception as error:
            self._screen.presenter.on_internal_error(error)

    def note_detail(self, watched: WatchedPlace, detail: TaskDetail) -> None:
        """Look at the result of a task whose detail was read for a person."""
        if self._watcher is not None:
            self._watcher.note_detail(watched, detail)

    def check_places(self) -> None:
        """Once a second: rows of places that are hidden, or shown again, take their problems along."""
        monitor = self._monitor
        if monitor is None or not monitor.is_joint:
            return
        hidden = frozenset(place.place for place in monitor.places if place.is_hidden)
        if hidden != self._hidden:
            self._hidden = hidden
            self._sort_soon()
            if self._watcher is not None:
                self._watcher.check_now()

    def _sort_soon(self) -> None:
        """Bring tab, marks and rows up to date with what was found, in slices."""
        self._is_outdated = True
        if not self._is_sorting:
            self._is_sorting = True
            self._screen.run_worker(self._sort(), group="problems", exit_on_error=False)

    async def _sort(self) -> None:
        try:
            while self._is_outdated:
                self._is_outdated = False
                await self._sort_once()
        except Exception as error:
            self._screen.presenter.on_internal_error(error)
        finally:
            self._is_sorting = False

    async def _sort_once(self) -> None:
        if self._monitor is None or self._watcher is None or self._aside is None:
            return
        shown, aside, loop = list["Finding"](), list["Finding"](), LoopYielder()
        for finding in self._watcher.findings:
            if finding.place is None or finding.place not in self._hidden:
                (aside if self._is_aside(finding) else shown).append(finding)
            await loop.yield_if_due()
        self.set_aside, self._flags = tuple(aside), None
        changed = await loop.run_steps(self._index.replace_all(shown))
        self._draw()
        await self._move_rows(changed, loop)

    async def _move_rows(self, keys: list[TaskKey], loop: LoopYielder) -> None:
        """Let rows come and go that are there for a problem, or hidden for one."""
        monitor = self._monitor
        if monitor is None:
            return
        if not (monitor.view.shape.depends_on_problems or monitor.wanted.depends_on_problems):
            return
        for start in range(0, len(keys), ROWS_AT_ONCE):
            found = [monitor.tasks.find_task(key) for key in keys[start : start + ROWS_AT_ONCE]]
            monitor.view.follow_changes([Change(task, task) for task in found if task is not None])
            await loop.yield_if_due()
        self._draw()

    def _draw(self) -> None:
        self._screen.presenter.draw_soon()

    # What is said of it.

    def find_problem(self, task: Task) -> Finding | None:
        """What is wrong with a task, also where another one stands for it; None where that is set aside."""
        found = self._index.find_problem(task)
        if found is not None or self._watcher is None:
            return found
        known = self._watcher.find_finding(task.key)
        return None if known is None or self._is_aside(known) else known

    def is_told_first(self, task: Task) -> bool:
        """Whether the problem of a task is what a person opens it for: what failed has its error."""
        found = self._index.find_problem(task)
        return found is not None and (found.rule != "failures" or self._is_tab_open)

    def describe_of_task(self, task: Task, now: Millis, *, utc: bool) -> ProblemNote | None:
        """What is wrong with a task, in words; None where nothing is."""
        found = self.find_problem(task)
        return None if found is None else self._describe(found, now, utc=utc)

    def _describe(self, finding: Finding, now: Millis, *, utc: bool) -> ProblemNote:
        return describe_finding(finding, now, self._list_flags(), utc=utc)

    def _list_flags(self) -> Sequence[str]:
        """The flags that lead to the only place; they are kept, as the config file is read for them."""
        if self._flags is None:
            is_alone = self._monitor is not None and not self._monitor.is_joint
            self._flags = self._host.list_flags() if is_alone else ()
        return self._flags

    # Ways to it.

    @property
    def idle_actions(self) -> frozenset[str]:
        """The actions that would lead nowhere now."""
        can_do = {
            "show_next_problem": bool(self._index.shown),
            "set_problem_aside": self.selected is not None,
            "choose_set_aside": bool(self.set_aside),
        }
        return frozenset(action for action, can in can_do.items() if not can)

    async def show_next(self) -> None:
        """Go to the next problem after the one that is selected; after the last comes the first."""
        findings = self._index.shown
        if not findings:
            self._screen.show_message(NO_PROBLEM if self._index.is_known else STILL_LOOKING)
            return
        here = self.selected
        at = next((number for number, one in enumerate(findings) if one is here), -1)
        await self._go_to(findings[(at + 1) % len(findings)])

    @property
    def selected(self) -> Finding | None:
        """The problem that is selected: of the task that is meant by the keys, or of a place."""
        if self._places is not None and self._places.has_focus:
            of_places = self._index.of_places
            return of_places[self._places.at] if self._places.at < len(of_places) else None
        task = self._screen.panes.selected_task
        return None if task is None else self._index.find_problem(task)

    async def _go_to(self, finding: Finding) -> None:
        task, table = finding.task, self._parts.table
        if task is None:
            await self._go_to_place(finding)
            return
        if self._places is not None and self._places.has_focus:
            self._screen.set_focus(table)
        if not table.place_cursor(task.key):
            self._wanted = task.key
            self._screen.view_controller.show_problems()

    async def _go_to_place(self, finding: Finding) -> None:
        """Choose a problem that is about no task; these stand above the table of their tab."""
        if not self._is_tab_open:
            self._screen.view_controller.show_problems()
        await self._draw_places()
        if self._places is not None:
            if self._screen.panes.is_reading:
                self._screen.panes.close_detail()
            self._places.choose(self._index.of_places.index(finding))
            self._screen.set_focus(self._places)

    def draw_places(self) -> None:
        """Show the problems that are about no task, or take them away: they stand in their tab only."""
        is_wanted = self._shows_places
        if is_wanted or (self._places is not None and self._places.display):
            self._screen.call_later(self._draw_places)

    @property
    def _is_tab_open(self) -> bool:
        return self._monitor is not None and self._monitor.wanted.group.key == PROBLEMS_KEY

    @property
    def _shows_places(self) -> bool:
        return bool(self._index.of_places) and self._is_tab_open

    async def _draw_places(self) -> None:
        monitor = self._monitor
        if monitor is None or not self._screen.can_draw:
            return
        if self._places is None:
            from tui.widgets.problem_lines import ProblemLines

            self._places = ProblemLines(id="problem-lines")
            await self._screen.mount(self._places, before="#body")
        places, is_shown = self._places, self._shows_places
        if places.has_focus and not is_shown:
            self._screen.set_focus(self._parts.table)
        if places.display is not is_shown:
            places.display = is_shown
        if is_shown:
            now, utc = get_shown_time(monitor), self._screen.presenter.utc
            places.show_notes(tuple(self._describe(one, now, utc=utc) for one in self._index.of_places))

    def finish_jump(self) -> None:
        """Go to the task that was wanted, now that other rows are shown."""
        key, self._wanted = self._wanted, None
        if key is not None:
            self._parts.table.place_cursor(key)

    # What is set aside.

    def set_selected_aside(self) -> None:
        """Set the selected problem aside until it changes."""
        found = self.selected
        if found is None or self._aside is None:
            self._screen.show_message("Nothing was found wrong here. Press ! to go to the next problem.")
            return
        try:
            self._aside.add_problem(self._make_key(found), self._host.now())
        except OSError as error:
            self._warn_unkept(error)
        else:
            self._screen.show_message(f"Set aside until it changes: {found.title}. Press Z to take it back.")
        self._sort_soon()

    def _warn_unkept(self, error: OSError) -> None:
        why = error.strerror or str(error)
        self._screen.show_message(
            f"This is for this session only, as it can't be kept: {why}.", severity="warning"
        )

    def choose_set_aside(self) -> None:
        """Show what is set aside, and show again what is chosen."""
        from tui.screens.dialogs.choice_list import Choice
        from tui.screens.dialogs.picker import PickerScreen

        known = {self._make_key(one): one for one in self.set_aside}
        if not known:
            self._screen.show_message("No problem is set aside. Press z on one to do so.")
            return
        choices = [Choice(key, one.title, self._name_subject(one)) for key, one in known.items()]
        picker = PickerScreen("Show a problem again", choices, ascii=self._screen.options.ascii)
        self._screen.app.push_screen(picker, self._take_back)

    def _take_back(self, key: str | None) -> None:
        if key is None or self._aside is None:
            return
        try:
            self._aside.remove_problem(key)
        except OSError as error:
            self._warn_unkept(error)
        self._sort_soon()

    def _name_subject(self, finding: Finding) -> str:
        task, place = finding.task, finding.place
        parts = (("" if task is None else task.id), ("" if place is None else place.label or place.name))
        return text.sanitize_label(" ".join(part for part in parts if part))

    def _is_aside(self, finding: Finding) -> bool:
        return bool(self._aside and self._make_key(finding) in self._aside)

    def _make_key(self, finding: Finding) -> str:
        from tui.monitor.findings.set_aside import make_aside_key

        return make_aside_key(finding, self._find_source(finding))

    def _find_source(self, finding: Finding) -> Source | None:
        place = finding.place if finding.task is None else finding.task.place
        watched = None if self._monitor is None else self._monitor.find_watched(place)
        return None if watched is None else watched.backend.source


def describe_finding(finding: Finding, now: Millis, flags: Sequence[str], *, utc: bool) -> ProblemNote:
    """A problem in words, with times as the screen tells them; `flags` lead to the only place."""
    evidence = finding.write_evidence(lambda moment: text.format_minute(moment, now, utc=utc))
    moment = "" if finding.since is None else text.format_minute(finding.since, now, utc=utc)
    return ProblemNote(
        title=finding.title,
        evidence=evidence,
        since="" if not moment or moment in evidence else f"Since {moment}.",
        step=finding.step.text,
        key=finding.step.key,
        command="" if finding.step.key else text.sanitize_label(finding.step.write_command(flags)),
    )

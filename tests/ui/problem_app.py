"""The program where something needs a person: with time that stands still, or with a clock that runs."""

from __future__ import annotations

from textual.pilot import Pilot

from screenshots.cells import PictureApp
from tests.ui import joint_app, picture_app
from tests.ui.picture_app import Steps
from tests.ui.running_app import wait_for_rest, wait_until

SENSITIVE = {"fewest_runs": 2, "slow_times": 1.0, "finished_tasks": 300}
"""So the demo has a slow task, and a graph that is too full."""


def problem_app(**options: object) -> PictureApp:
    """One place with two problems."""
    return picture_app.app(**{"findings": SENSITIVE, **options})


def problem_company(**options: object) -> PictureApp:
    """Several places: one does not answer, two tasks are slow, and many failed alike."""
    return joint_app.company_app(**{"findings": {"no_answer_after": 0}, **options})


def problem_steps(*keys: str) -> Steps:
    """Wait until problems have been looked for, press keys, and wait until all is drawn."""

    async def run(pilot: Pilot) -> None:
        await wait_for_rest(pilot)
        screen = pilot.app.screen
        await wait_until(pilot, lambda: screen.monitor.problems.is_known, "problems being looked for")
        # Once more: some failures had no reason yet.
        await screen.problems._watcher.check_places()
        await wait_for_rest(pilot)
        for key in keys:
            await pilot.press(key)
            await wait_for_rest(pilot)

    return run

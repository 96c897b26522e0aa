"""What the command palette offers on the tasks screen: first what fits what the screen shows now."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tui.screens.dialogs.choice_list import Choice
from tui.screens.dialogs.command_palette import THEMES_GROUP
from tui.screens.tasks.key_bindings import KEY_COMMANDS, KeyCommand
from tui.styles.themes import DARK, LIGHT
from tui.text import format_count

if TYPE_CHECKING:
    from tui.screens.tasks.screen import TasksScreen

CHANGES = "Changes the server"


def list_command_choices(screen: TasksScreen, themes: Iterable[Choice[str]]) -> list[Choice[str]]:
    """The commands that make sense here: those for what is shown, the others, themes, what changes things."""
    commands = [one for one in KEY_COMMANDS if _is_here(screen, one)]
    left = [one for one in commands if not one.changes]
    choices: list[Choice[str]] = []
    for title, actions in ((_name_state(screen), _ways_on(screen)), (_name_task(screen), _on_task(screen))):
        fitting = [one for action in actions for one in left if action in (one.action, one.action_text)]
        choices += [_make_choice(one, title) for one in fitting]
        left = [one for one in left if one not in fitting]
    choices += [_make_choice(one, one.group) for one in left]
    blocked = screen.get_blocked_reason
    changing = [_make_choice(one, CHANGES, blocked=blocked(one)) for one in commands if one.changes]
    return [*choices, *themes, *changing]


def list_theme_choices(names: Iterable[str], current: str) -> tuple[list[Choice[str]], list[Choice[str]]]:
    """Our own themes, and those that are found by typing only."""
    first = tuple(dict.fromkeys((DARK, LIGHT, current)))
    return [_make_theme_choice(name) for name in first], [
        _make_theme_choice(name) for name in sorted(names) if name not in first
    ]


def name_theme_action(name: str) -> str:
    """The action that uses a theme."""
    return f"app.use_theme({name!r})"


def _make_theme_choice(name: str) -> Choice[str]:
    return Choice(name_theme_action(name), f"Theme: {name}", group=THEMES_GROUP)


def _make_choice(command: KeyCommand, group: str, *, blocked: str = "") -> Choice[str]:
    name, explanation = split_explanation(command.text) if command.changes else (command.text, "")
    return Choice(
        command.action_text,
        name,
        explanation,
        # A key that does nothing makes room for the reason.
        aside="" if blocked else command.keys,
        group=group,
        changes=command.changes,
        blocked=blocked,
    )


def split_explanation(text: str) -> tuple[str, str]:
    """The name of a command, which can be searched, and what stands behind it: `, or all marked`."""
    name, *rest = re.split("[:,] ", text, maxsplit=1)
    return name, "".join(rest)


def _is_here(screen: TasksScreen, command: KeyCommand) -> bool:
    if command.action in ("", "open_palette"):
        return False
    if command.action == "save_text" and not screen.panes.is_reading:
        return False
    if command.action in screen.problems.idle_actions:
        return False
    return screen.check_action(command.action, command.parameters) is not False


# What is shown now.


def _name_state(screen: TasksScreen) -> str:
    """The heading of what leads on from the state of the list."""
    marked = len(screen.parts.table.marks)
    return f"Here · {format_count(marked)} marked" if marked else "Here"


def _name_task(screen: TasksScreen) -> str:
    """The heading of what can be done with the selected task."""
    task = screen.panes.selected_task
    return f"Task {task.id}" if task is not None else ""


def _ways_on(screen: TasksScreen) -> Iterable[str]:
    """The actions that lead out of the state that the list is in, the most pressing first."""
    monitor = screen.monitor
    if monitor is None:
        return
    if monitor.action_count:
        yield "stop_sending"
    if monitor.health.error:
        yield "refresh"
    if monitor.is_paused:
        yield "toggle_pause"
    if screen.parts.table.marks:
        yield "use_table('unmark_all')"
    if screen.panes.is_reading or screen.filter_line.text:
        yield "step_back"
    if monitor.wanted.group.key != "0":
        yield "show_group('0')"


def _on_task(screen: TasksScreen) -> Iterable[str]:
    """The actions on the selected task, or on the texts of the one that is open."""
    if screen.panes.selected_task is None:
        return
    if screen.panes.is_reading:
        yield from ("open_tab", "toggle_full", "save_text")
    else:
        yield from ("use_table('open')", "open_tab")
    yield from ("copy_id", "choose_copy_field")

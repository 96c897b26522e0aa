"""Every key of the tasks screen, in one list: bindings, help and command palette are made from it."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from textual.binding import Binding

from backend_adapters.model import Action
from tui.widgets.detail_tab import DetailTab


class KeyCommand(Struct, frozen=True):
    """One thing a person can do."""

    group: str
    keys: str
    """As written in the help: `^D, Delete`."""
    text: str
    """What it does, for the help and the palette."""
    binding: str = ""
    """The keys by Textual's names; empty where a widget binds them itself, or there are none."""
    action: str = ""
    """The name of the action, with its namespace if it is not the screen's; empty where a widget has it."""
    argument: Action | DetailTab | str | int | None = None
    """The argument of the action; None where it takes none."""
    footer: str = ""
    """The word in the footer; empty where the key is not shown there."""
    changes: bool = False
    """Whether it changes something on a server."""

    @property
    def task_action(self) -> Action | None:
        """What it does to tasks on the server; None for everything else."""
        return self.argument if isinstance(self.argument, Action) else None

    @property
    def parameters(self) -> tuple[str | int, ...]:
        """The arguments of the action as Textual passes them."""
        if self.argument is None:
            return ()
        return (self.argument.value if isinstance(self.argument, (Action, DetailTab)) else self.argument,)

    @property
    def action_text(self) -> str:
        """The action in the syntax of Textual's bindings, such as `act_on_tasks('cancel')`."""
        return self.action + (f"({self.parameters[0]!r})" if self.parameters else "")


MOVE, SHOW, FILTER, MARK, ACT, SESSION = "Move", "Show", "Filter and sort", "Mark", "Act", "Session"

KEY_COMMANDS = (
    KeyCommand(MOVE, "↑ ↓ j k", "Move up or down"),
    KeyCommand(MOVE, "PgUp PgDn", "Page up or down"),
    KeyCommand(MOVE, "g G Home End", "Go to the first or last row"),
    KeyCommand(MOVE, "tab", "Switch panes", binding="tab", action="next_pane"),
    KeyCommand(SHOW, "enter", "Open the task", action="use_table", argument="open"),
    KeyCommand(SHOW, "enter", "Show or hide the tasks of a group"),
    KeyCommand(SHOW, "esc", "Go back one step", binding="escape", action="step_back"),
    KeyCommand(SHOW, "v", "Show the overview", binding="v", action="open_tab", argument=DetailTab.OVERVIEW),
    KeyCommand(SHOW, "i", "Show the input", binding="i", action="open_tab", argument=DetailTab.INPUT),
    KeyCommand(
        SHOW, "o", "Show the result or error", binding="o", action="open_tab", argument=DetailTab.RESULT
    ),
    KeyCommand(SHOW, "T", "Show the timeline", binding="T", action="open_tab", argument=DetailTab.TIMELINE),
    KeyCommand(SHOW, "y", "Show the raw JSON", binding="y", action="open_tab", argument=DetailTab.RAW),
    KeyCommand(SHOW, "f", "Show the detail full screen, or not", binding="f", action="toggle_full"),
    KeyCommand(SHOW, "/ n N", "Search in the text; next or previous match"),
    KeyCommand(SHOW, "W", "Wrap long lines, or not"),
    KeyCommand(SHOW, "[ ]", "Go to the previous or next detail tab"),
    KeyCommand(SHOW, "w", "Show more or fewer columns", binding="w", action="toggle_wide"),
    KeyCommand(SHOW, "t", "Show age, local time or UTC", binding="t", action="show_next_times"),
    KeyCommand(FILTER, "/", "Filter tasks", binding="slash", action="open_filter", footer="Filter"),
    KeyCommand(FILTER, "0", "Show all tasks", binding="0", action="show_group", argument="0"),
    KeyCommand(
        FILTER, "1", "Show active tasks (not finished)", binding="1", action="show_group", argument="1"
    ),
    KeyCommand(FILTER, "2", "Show waiting tasks", binding="2", action="show_group", argument="2"),
    KeyCommand(FILTER, "3", "Show successful tasks", binding="3", action="show_group", argument="3"),
    KeyCommand(FILTER, "4", "Show failed tasks", binding="4", action="show_group", argument="4"),
    KeyCommand(FILTER, "5", "Show cancelled tasks", binding="5", action="show_group", argument="5"),
    KeyCommand(FILTER, "6", "Show what needs a person", binding="6", action="show_group", argument="6"),
    KeyCommand(
        FILTER,
        "!",
        "Go to the next problem",
        binding="exclamation_mark",
        action="show_next_problem",
        footer="Next",
    ),
    KeyCommand(
        FILTER,
        "z",
        "Set a problem aside until it changes",
        binding="z",
        action="set_problem_aside",
        footer="Set aside",
    ),
    KeyCommand(
        FILTER, "Z", "Show a problem that is set aside again…", binding="Z", action="choose_set_aside"
    ),
    KeyCommand(FILTER, "S", "Sort by…", binding="S", action="choose_sort_column"),
    KeyCommand(FILTER, "B", "Group by cause, status or type…", binding="B", action="choose_grouping"),
    KeyCommand(FILTER, "I", "Reverse the sort order", binding="I", action="invert_order"),
    KeyCommand(MARK, "space", "Mark and move down"),
    KeyCommand(
        MARK, "V", "Mark all from the last mark to this task", action="use_table", argument="mark_range"
    ),
    KeyCommand(MARK, "*", "Mark all tasks in the list", action="use_table", argument="mark_all"),
    KeyCommand(MARK, "U", "Unmark all", action="use_table", argument="unmark_all"),
    KeyCommand(
        ACT,
        "C",
        "Cancel this task, or all marked",
        binding="C",
        action="act_on_tasks",
        argument=Action.CANCEL,
        footer="Cancel",
        changes=True,
    ),
    KeyCommand(
        ACT,
        "^D Delete",
        "Delete this task, or all marked",
        binding="ctrl+d,delete",
        action="act_on_tasks",
        argument=Action.DELETE,
        footer="Delete",
        changes=True,
    ),
    KeyCommand(
        ACT,
        "F",
        "Force delete: remove the record, even while it runs",
        binding="F",
        action="act_on_tasks",
        argument=Action.FORCE_DELETE,
        changes=True,
    ),
    KeyCommand(ACT, "X", "Stop the bulk action", binding="X", action="stop_sending"),
    KeyCommand(ACT, "", "Create a job…", action="create_job", changes=True),
    KeyCommand(
        ACT,
        "m",
        "Notify me when this task, or all marked, ends",
        binding="m",
        action="request_notice",
    ),
    KeyCommand(ACT, "c", "Copy the task id", binding="c", action="copy_id"),
    KeyCommand(ACT, "Y", "Copy: error, script, result, command…", binding="Y", action="choose_copy_field"),
    KeyCommand(ACT, "^S", "Save the full text", binding="ctrl+s", action="save_text"),
    KeyCommand(SESSION, "r", "Reload everything", binding="r", action="refresh"),
    KeyCommand(SESSION, "p", "Pause / resume", binding="p", action="toggle_pause"),
    KeyCommand(
        SESSION, "+", "Poll faster", binding="plus,equals_sign", action="change_interval", argument=-1
    ),
    KeyCommand(SESSION, "-", "Poll slower", binding="minus", action="change_interval", argument=1),
    KeyCommand(SESSION, "M", "Show all messages and actions", binding="M", action="app.show_messages"),
    KeyCommand(SESSION, "?", "Show this help", binding="question_mark", action="show_help", footer="Help"),
    KeyCommand(
        SESSION,
        "b",
        "Switch graph or graphspace, or open several",
        binding="b",
        action="choose_graph",
        footer="Graph",
    ),
    KeyCommand(
        SESSION, "a", "Show all graphs of this server, or go back", binding="a", action="toggle_all_graphs"
    ),
    KeyCommand(
        SESSION,
        "A",
        "Show the places: state, counts, errors",
        binding="A",
        action="show_places",
        footer="Places",
    ),
    KeyCommand(SESSION, "", "Show all places", action="show_hidden_places"),
    KeyCommand(SESSION, "P", "Switch profile, or open several", binding="P", action="app.choose_profile"),
    KeyCommand(SESSION, "", "Save view…", action="save_view"),
    KeyCommand(SESSION, "", "Open view…", action="open_view"),
    KeyCommand(SESSION, "", "Save this connection as a profile…", action="app.show_profile_snippet"),
    KeyCommand(
        SESSION,
        "L",
        "Go round tasks, computer jobs, both",
        binding="L",
        action="show_sibling",
        footer="Tasks/jobs",
    ),
    KeyCommand(
        SESSION,
        ": ^P",
        "Show all commands",
        binding="colon",
        action="open_palette",
        footer="Commands",
    ),
    KeyCommand(SESSION, "^L", "Redraw the screen", action="app.redraw"),
    KeyCommand(SESSION, "q ^Q", "Back / quit (^Q quits at once)", binding="q", action="quit_or_back"),
)


def create_bindings() -> Iterable[Binding]:
    """The keys as Textual's bindings."""
    for command in KEY_COMMANDS:
        if command.action and command.binding:
            display = command.keys.split()[0] if command.keys else None
            yield Binding(
                command.binding,
                command.action_text,
                command.footer,
                show=bool(command.footer),
                key_display=display,
            )

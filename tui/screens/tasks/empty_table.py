"""Says why the table is empty, what there was last, and which keys lead out."""

from __future__ import annotations

from backend_adapters.errors import BackendError, NoSuchGraph, NotAllowed, NotLoggedIn
from backend_adapters.sentences import end_sentence, join_sentences, shorten_text
from tui import text
from tui.monitor.health import Phase
from tui.monitor.monitor import Monitor
from tui.screens.tasks.header_state import INCOMPLETE_LIST, get_shown_time, note_unknown_place
from tui.task_name import readable_name

GROUP_ADJECTIVES = {"Success": "successful"}
"""The word before a noun for a group whose label is none."""
LONGEST_ABOUT = 80
"""Characters of a task's name, or of the reason of its failure."""


def describe_empty_table(monitor: Monitor, *, utc: bool = False) -> list[str]:
    """Why the table is empty and what to do next; it never says "none" while that is not known."""
    health, last = monitor.health, monitor.session_rows.last
    if last is not None:
        moment = text.format_minute(last.as_of, monitor.clock.now(), utc=utc)
        return [f"None of the {monitor.noun} last known at {moment} match.", "Waiting for the server…"]
    if monitor.has_lost_places:
        return [
            "All graphs that were watched are gone from their servers.",
            "New ones appear here automatically.",
        ]
    if monitor.places and not monitor.unhidden_places:
        return ["All places are hidden.", "Press A to choose those that are shown."]
    if health.error is not None and not len(monitor.tasks):
        retrying = health.phase is Phase.OFFLINE or health.retry_at is not None
        return explain_error(health.error, retrying=retrying, is_joint=len(monitor.places) > 1)
    if not health.partial:
        return _describe_missing_rows(monitor, utc=utc)
    why = [f"{INCOMPLETE_LIST} {text.sanitize_label(health.partial)}", "Press r to try again."]
    return [*_describe_missing_rows(monitor, utc=utc), *why] if len(monitor.tasks) else why


def _describe_missing_rows(monitor: Monitor, *, utc: bool) -> list[str]:
    """Why no row is shown of a list that was read completely or is being read."""
    health = monitor.health
    if len(monitor.tasks):
        known_until = _describe_moment(monitor, utc=utc)
        return [*_describe_hidden_rows(monitor), *known_until]
    if health.last_ok is None:
        return ["Connecting…", *_name_servers(monitor)]
    if not health.scanned:
        return [f"Reading the {monitor.noun}…"]
    why = f"No {monitor.noun}, or none this user is allowed to see."
    has_graph = not monitor.is_joint and bool(monitor.only.backend.source.graph)
    way_out = ["Press b to choose another graph."] if has_graph else []
    return [why, "New ones appear here automatically.", *way_out]


def _name_servers(monitor: Monitor) -> list[str]:
    """The addresses of the servers, each once."""
    return list(dict.fromkeys(text.sanitize(place.backend.source.url) for place in monitor.places))


def _describe_hidden_rows(monitor: Monitor) -> list[str]:
    """Why none of the known tasks is shown, and which keys show them."""
    noun, hidden, shape = monitor.noun, len(monitor.tasks), monitor.wanted
    number = text.format_count(hidden)
    if unknown := note_unknown_place(monitor, shape.filter.text):
        return [unknown, "Press esc to clear the filter, / to change it."]
    if shape.grouped_by == "cause" and not shape.filter:
        if not shape.statuses:
            return ["Only failures have a cause.", "Press 4 to show them, esc to show no groups."]
        why = f"No failed {noun}, and so no cause."
        return [why, *_describe_last_end(monitor), f"Press esc to show all {number} without groups."]
    if shape.group.test is not None:
        return _describe_no_problem(monitor)
    if shape.group.statuses is None:
        hides = f"{number} {noun} are" if hidden > 1 else f"1 {noun.removesuffix('s')} is"
        return [f"No matches. {hides} hidden by the filter.", "Press esc to clear it, / to change it."]
    group = GROUP_ADJECTIVES.get(shape.group.label, shape.group.label.lower())
    if shape.filter:
        why = f"No {group} {noun} match ({number} hidden)."
        return [why, "Press esc to clear the filter, 0 to show every status."]
    return [f"No {group} {noun}.", *_describe_last_end(monitor), f"Press 0 to show all {number}."]


def _describe_no_problem(monitor: Monitor) -> list[str]:
    """That no task needs a person, or that the filter hides those that do."""
    shown, number = monitor.problems.shown, text.format_count(len(monitor.tasks))
    if monitor.wanted.filter and len(shown) > len(monitor.problems.of_places):
        return ["None of the tasks with problems match.", "Press esc to clear the filter."]
    if shown:
        return ["No single task needs you; what does stands above.", f"Press 0 to show all {number}."]
    if not monitor.problems.is_known:
        return ["Looking for problems…"]
    return ["No problem was found.", f"Press 0 to show all {number}."]


def _describe_last_end(monitor: Monitor) -> list[str]:
    """A sentence on the task that ended last, where one did."""
    task = monitor.tasks.find_last_end()
    if task is None or task.updated is None:
        return []
    about = shorten_text(text.sanitize_label(task.reason or readable_name(task)), LONGEST_ABOUT)
    age = text.format_duration(max(0, get_shown_time(monitor) - task.updated))
    words = f"Task {text.sanitize_label(task.id)} was the last to end ({task.status.value}, {age} ago)"
    return [end_sentence(f"{words}: {about}" if about else words)]


def _describe_moment(monitor: Monitor, *, utc: bool) -> list[str]:
    """A sentence where the rows are those of an earlier moment, or not yet all that there are."""
    health = monitor.health
    if health.error is None:
        return [] if health.scanned or health.partial else [f"Still reading the {monitor.noun}…"]
    if health.last_ok is None:
        return []
    moment = text.format_time_of_day(health.last_ok, utc=utc)
    return [join_sentences(f"As of {moment}", text.sanitize_label(str(health.error)))]


def explain_error(error: BackendError, *, retrying: bool, is_joint: bool = False) -> list[str]:
    """An error as lines: what happened, what to do, what graphtop does; `is_joint`: of several places."""
    lines = [text.sanitize(end_sentence(str(error)))]
    # Of a graph to choose, and of a login, it is said with the key.
    if error.hint and error.hint != NoSuchGraph.hint and not isinstance(error, NotLoggedIn):
        lines.append(text.sanitize(error.hint))
    if isinstance(error, NoSuchGraph):
        lines.append("Press b to choose a graph.")
    elif isinstance(error, NotLoggedIn) and not retrying:
        lines.append(
            "Press A, then enter on a place to sign in." if is_joint else "Press r to sign in again."
        )
    elif isinstance(error, NotAllowed) or not retrying:
        lines.append("Press r to try again.")
    else:
        lines.append("Retrying automatically. Press r to try now.")
    return lines

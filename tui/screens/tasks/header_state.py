"""Makes the texts of the header, the tabs, the table's titles and the empty table from a monitor's state."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from textual.content import Content

from backend_adapters.errors import BackendError, NoSuchGraph
from backend_adapters.model import Millis, TaskKey, TaskStatus
from tui import text
from tui.config.options import ScreenOptions
from tui.monitor.clock import Clock
from tui.monitor.failure_headlines import describe_unread_reasons
from tui.monitor.health import Health, Phase
from tui.monitor.last_rows import LastRows
from tui.monitor.monitor import Monitor
from tui.monitor.place_labels import count_places
from tui.monitor.stuck import find_stuck_ids
from tui.monitor.view import PROBLEMS_KEY, TAB_GROUPS
from tui.monitor.watched_place import WatchedPlace
from tui.task_group import NAMELESS_GROUPS, GroupKind, TaskGroup
from tui.widgets.header_bar import ConnectionState, HeaderState
from tui.widgets.status_tabs import PROBLEMS, StatusTab, TabsState

RATE_MINUTES = 12
MAX_MARKS_CHECKED = 1_000
"""With more marks it is not counted how many of them the filter hides; this many take a millisecond."""
INCOMPLETE_LIST = "Not all tasks could be read."
STALE_AFTER: Millis = 5_000
"""Milliseconds that an answer may be overdue before the rows are called stale."""


def read_header_state(
    monitor: Monitor,
    options: ScreenOptions,
    *,
    in_clear: bool = False,
    history_fails: bool = False,
    utc: bool,
) -> HeaderState:
    """The state of the header; `in_clear` where others can read the login on the network.

    `history_fails`: what is seen can't be kept.
    """
    health, now = monitor.health, monitor.clock.now()
    info, last = health.info, monitor.session_rows.last
    silent = list_silent_places(monitor)
    connection, since = read_connection(health, monitor.poll_pause, now)
    return HeaderState(
        profile="" if monitor.is_joint else monitor.only.backend.source.profile,
        place=_name_graph(monitor),
        silent_places=len(silent),
        troubles=_count_troubles(silent),
        product=f"{info.product} {info.version or ''}".strip() if info is not None else None,
        production=options.production,
        insecure=options.insecure,
        in_clear=in_clear,
        read_only=options.read_only,
        connection=connection,
        since=since,
        as_of=None if last is None else last.as_of,
        interval=round(monitor.poll_pause * 1000),
        unfocused=monitor.is_slowed,
        latency=None if health.latency is None else round(health.latency * 1000),
        retry_in=read_retry_delay(health, monitor.clock),
        clock_skew=monitor.clock_ahead,
        reading=len(monitor.tasks) if health.scanning and not health.scanned else None,
        history_fails=history_fails,
        now=now,
        utc=utc,
    )


def list_silent_places(monitor: Monitor) -> list[WatchedPlace]:
    """Those of several places that do not answer, or only with a refusal."""
    return (
        [place for place in monitor.unhidden_places if place.health.error is not None]
        if monitor.is_joint
        else []
    )


def _list_errors(places: Iterable[WatchedPlace]) -> list[BackendError]:
    return [error for place in places if (error := place.health.error) is not None]


def _count_troubles(silent: Sequence[WatchedPlace]) -> tuple[str, ...]:
    if not silent:
        return ()
    # Imported here: one place alone does without it.
    from tui.monitor.place_troubles import count_troubles

    return count_troubles(_list_errors(silent))


def _name_graph(monitor: Monitor) -> str:
    """The graph that is watched, or that the last known rows are of."""
    if monitor.is_joint:
        shown, known = len(monitor.unhidden_places), len(monitor.places)
        return count_places(known) if shown == known else f"{shown} of {count_places(known)}"
    info, last = monitor.health.info, monitor.session_rows.last
    if info is None and last is not None:
        return last.place or "all graphs"
    unnamed = "all graphs" if info is not None and info.capabilities.has_graphs else "…"
    return monitor.only.backend.source.qualified_graph or unnamed


def read_connection(health: Health, pause: float, now: Millis) -> tuple[ConnectionState, Millis | None]:
    """How current the data is, and since when; there are `pause` seconds between two polls."""
    if health.phase is Phase.BLOCKED and health.retry_at is None:
        return ConnectionState.STOPPED, health.last_ok
    if health.phase in (Phase.OFFLINE, Phase.BLOCKED):
        return ConnectionState.OFFLINE, health.last_ok
    if health.phase is Phase.PAUSED:
        return ConnectionState.PAUSED, health.last_ok
    if health.last_ok is None:
        return ConnectionState.CONNECTING, None
    late = now - health.last_ok - round(pause * 1000)
    return (ConnectionState.STALE if late > STALE_AFTER else ConnectionState.LIVE), health.last_ok


def read_retry_delay(health: Health, clock: Clock) -> Millis | None:
    """How long it is until the server is asked again; None where that is not planned."""
    if health.retry_at is None:
        return None
    return max(0, round((health.retry_at - clock.monotonic()) * 1000))


def may_be_more(monitor: Monitor) -> bool:
    """Whether there may be more tasks than are known: not all could be read, or not all have been so far.

    Of several places those that have never answered don't count: of their tasks nothing is known, and the
    header says that there are such places. Where last known rows of theirs are shown there may be more.
    """
    if monitor.session_rows.is_partly_old:
        return True
    healths = [place.health for place in monitor.unhidden_places] if monitor.is_joint else [monitor.health]
    return any(
        not health.is_complete
        for health in healths
        if not (monitor.is_joint and health.error is not None and health.last_ok is None)
    )


def read_tabs_state(monitor: Monitor) -> TabsState:
    """The state of the status tabs: their counts, the rate of finished tasks, and how many are stuck."""
    tasks, now = monitor.tasks, monitor.tasks.now()
    known, counts = monitor.health.last_ok is not None or len(tasks) > 0, tasks.counts
    numbers = {
        group.key: len(tasks) if group.statuses is None else sum(counts[status] for status in group.statuses)
        for group in TAB_GROUPS
    }
    shown = tuple(
        StatusTab(
            group.key,
            group.label,
            numbers[group.key] if known else None,
            alarm=group.label == "Failed",
            more=may_be_more(monitor),
        )
        for group in TAB_GROUPS
    )
    return TabsState(
        tabs=(*shown, *_list_problem_tabs(monitor)),
        current=monitor.wanted.group.key,
        per_minute=tasks.count_ends(now, RATE_MINUTES),
        stuck=sum(len(find_stuck_ids(place.store, place.store.now())) for place in monitor.unhidden_places),
        unreadable=tasks.unreadable_count,
    )


def _list_problem_tabs(monitor: Monitor) -> list[StatusTab]:
    """The tab of the problems, where there are any or somebody looks for some."""
    number = len(monitor.problems.shown)
    if not number and monitor.wanted.group.key != PROBLEMS_KEY:
        return []
    return [StatusTab(PROBLEMS_KEY, PROBLEMS, number, alarm=True)]


def name_old_rows(rows: LastRows, noun: str, now: Millis, *, utc: bool, ascii: bool) -> str:
    """The table's title while rows of an earlier session are shown: how many there are is not known."""
    dot, shape = "-" if ascii else "·", rows.view.shape
    group = "" if shape.group.is_all else f" {dot} {shape.group.label.lower()}"
    which = "last known" if rows.is_untouched else "grey rows last known"
    return f"{noun}{group} {dot} {which} at {text.format_minute(rows.as_of, now, utc=utc)}"


def table_title(monitor: Monitor, *, utc: bool = False, ascii: bool = False) -> str:
    """The table's title: which tasks, and how many of all; without a number before the first answer."""
    dot = "-" if ascii else "·"
    last = monitor.session_rows.last
    if last is not None:
        now = monitor.clock.now()
        return name_old_rows(last, monitor.noun, now, utc=utc, ascii=ascii)
    shape, rows, known = monitor.view.shape, len(monitor.view), len(monitor.tasks)
    noun, kind = monitor.noun, shape.grouped_by
    group = "" if shape.group.is_all else f" {dot} {shape.group.label.lower()}"
    if kind == "cause":
        # Only these have one, whatever the tab.
        noun, group = "failures by cause", ""
    elif kind is not None:
        noun = f"{noun} by {kind}"
    if not known and monitor.health.last_ok is None:
        return f"{noun}{group}"
    more = "+" if may_be_more(monitor) else ""
    number = (
        text.format_count(rows)
        if rows == known
        else f"{text.format_count(rows)} of {text.format_count(known)}"
    )
    on_top = count_unfinished_on_top(monitor)
    unfinished = f" {dot} {text.format_count(on_top)} unfinished" if on_top else ""
    groups = "" if kind is None else f" {dot} {_count_groups(monitor.view.groups, kind)}"
    return f"{noun}{group}{groups} {dot} {number}{more}{unfinished}"


def _count_groups(groups: Collection[TaskGroup], kind: GroupKind) -> str:
    """How many groups have something in common: `14 causes`."""
    number = sum(group.key not in NAMELESS_GROUPS for group in groups)
    plural = {"cause": "causes", "place": "places", "status": "statuses", "type": "types"}[kind]
    return f"{text.format_count(number)} {kind if number == 1 else plural}"


def rule_title(monitor: Monitor, *, ascii: bool = False) -> str:
    """What the rule below the unfinished tasks says: how many of the rows have ended, where that is known."""
    if monitor.session_rows.last is not None:
        return "ended"
    ended = len(monitor.view) - count_unfinished_on_top(monitor)
    if not ended and monitor.view.expects_ended:
        return f"ended {'- ...' if ascii else '· …'}"
    return f"ended {'-' if ascii else '·'} {text.format_count(ended)}"


def count_unfinished_on_top(monitor: Monitor) -> int:
    """How many unfinished tasks stand above the others; 0 where they do not, or where there are no others."""
    number = monitor.view.running_rows + monitor.view.waiting_rows
    return 0 if number == len(monitor.view) and not monitor.view.expects_ended else number


def table_subtitle(
    monitor: Monitor, marks: Collection[TaskKey], width: int, *, utc: bool, ascii: bool = False, new: str = ""
) -> Content:
    """The server's error while rows are shown, else the number of marks and why the list is incomplete.

    `new` says how many tasks came above the first one on the screen.
    """
    error = monitor.health.error
    if error is not None and len(monitor.session_rows.view):
        line = explain_error_in_line(monitor, error, utc=utc, ascii=ascii)
        return Content.styled(text.fit_cells(line, width - 4, ascii=ascii).rstrip(), "$status-failed")
    dot = " - " if ascii else " · "
    parts = [Content(part) for part in (new, _describe_marks(monitor, marks)) if part]
    partial = explain_gaps(monitor, utc=utc)
    if partial and len(monitor.view):
        room = width - 4 - sum(text.cell_width(part.plain + dot) for part in parts)
        line = text.fit_cells(partial, room, ascii=ascii)
        parts.append(Content.styled(line.rstrip(), "$status-cancelled"))
    return Content(dot).join(parts)


def explain_gaps(monitor: Monitor, *, utc: bool) -> str:
    """Why not all tasks are shown as they are now, as a sentence; empty where they are."""
    silent = list_silent_places(monitor)
    if not silent:
        partial = monitor.health.partial
        return f"{INCOMPLETE_LIST} {text.sanitize_label(partial)}" if partial else ""
    from tui.monitor.place_troubles import describe_trouble, describe_troubles

    errors = _list_errors(silent)
    known = [place for place in silent if len(place.store)]
    if len(silent) > 1:
        grey = " Grey rows say as of when they are." if known else ""
        return f"{describe_troubles(errors)}{grey}"
    label = text.sanitize_label(silent[0].place.label if silent[0].place is not None else "")
    why, seen = describe_trouble(label, errors[0]), silent[0].health.last_ok
    if seen is None or not known:
        return why
    return f"{why} Its rows are as of {text.format_minute(seen, monitor.clock.now(), utc=utc)}."


def _describe_marks(monitor: Monitor, marks: Collection[TaskKey]) -> str:
    """How many tasks are marked, and how many of them the filter hides."""
    if not marks:
        return ""
    hides = len(monitor.view) < len(monitor.tasks) and len(marks) <= MAX_MARKS_CHECKED
    hidden = sum(monitor.view.position(key) is None for key in marks) if hides else 0
    return f"{text.format_count(len(marks))} marked" + (
        f" ({text.format_count(hidden)} hidden)" if hidden else ""
    )


def note_unread_reasons(monitor: Monitor) -> str:
    """Of how many failures the filter can't know the reason; empty where it asks for none."""
    shape = monitor.view.shape
    holds_failures = shape.group.statuses is None or TaskStatus.FAILED in shape.group.statuses
    unread = monitor.tasks.unread_reason_count
    return (
        describe_unread_reasons(unread) if unread and shape.filter.searches_reasons and holds_failures else ""
    )


def note_unknown_place(monitor: Monitor, typed: str) -> str:
    """That a word of this filter names none of several places, as a sentence; empty where each names one.

    Nothing is said before each place is known by its name, or has failed to answer.
    """
    if not monitor.is_joint or "=" not in typed or not monitor.places:
        return ""
    if any(one.health.info is None and one.health.error is None for one in monitor.places):
        return ""
    # Imported here: one place alone does without it.
    from tui.monitor.unknown_places import describe_unknown_place

    places = [(one.place, one.store) for one in monitor.places if one.place is not None]
    return text.sanitize_label(describe_unknown_place(typed, places))


def get_shown_time(monitor: Monitor) -> Millis:
    """The moment that ages and durations are told at, by the server's clock.

    While nobody answers it is the last that was heard of.
    """
    health, last = monitor.health, monitor.session_rows.last
    if last is not None and last.is_untouched:
        return last.shown_time
    if health.phase in (Phase.OFFLINE, Phase.BLOCKED) and health.last_ok is not None:
        return health.last_ok + monitor.clock_ahead
    return monitor.tasks.now()


def explain_error_in_line(monitor: Monitor, error: BackendError, *, utc: bool, ascii: bool = False) -> str:
    """An error in one line, for the edge of a table that still shows rows."""
    key = "b to choose a graph" if isinstance(error, NoSuchGraph) else "r to try now"
    seen, last = monitor.health.last_ok, monitor.session_rows.last
    dot = "-" if ascii else "·"
    since = ""
    if seen is not None and last is None:
        # Of rows of an earlier session the header says it.
        since = f"as of {text.format_time_of_day(seen, utc=utc)} {dot} "
    return f"{since}{key} {dot} {text.sanitize_label(str(error))}"

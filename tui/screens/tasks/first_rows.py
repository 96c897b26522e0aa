"""Draws the last known rows with the first frame, before there is anything that talks to the server."""

from __future__ import annotations

from textual.content import Content

from backend_adapters.model import Millis, TaskKey
from backend_adapters.transport.target import Target
from tui.config.options import ScreenOptions
from tui.monitor.last_rows import LastRows
from tui.monitor.view import TAB_GROUPS
from tui.screens.tasks.header_state import name_old_rows
from tui.screens.tasks.interfaces import ScreenParts
from tui.widgets.columns import RowOverlay
from tui.widgets.header_bar import HeaderState
from tui.widgets.status_tabs import StatusTab, TabsState


def draw_first_rows(
    parts: ScreenParts,
    rows: LastRows,
    target: Target,
    options: ScreenOptions,
    *,
    in_clear: bool,
    now: Millis,
    utc: bool,
) -> None:
    """Draw these rows and all around them, as it is drawn later on while no server has answered."""
    table, view = parts.table, rows.view
    table.show_graphs(rows.has_graphs)
    table.show_sort(view.shape.order.column, descending=view.shape.order.descending)
    table.show_reasons(view.has_failures)
    table.show_rule("ended")
    table.show_rows(
        view, overlays=_hide_durations(rows), now_ms=rows.shown_time, old=frozenset(rows.unconfirmed)
    )
    parts.header.show_state(_make_header_state(rows, target, options, in_clear=in_clear, now=now, utc=utc))
    tabs = tuple(StatusTab(group.key, group.label, alarm=group.label == "Failed") for group in TAB_GROUPS)
    parts.tabs.show_state(TabsState(tabs=tabs))
    title = name_old_rows(rows, rows.noun, now, utc=utc, ascii=options.ascii)
    table.set_titles(Content(title), Content(""))


def _hide_durations(rows: LastRows) -> dict[TaskKey, RowOverlay]:
    return {
        task.key: RowOverlay(end_unknown=True)
        for task in rows.unconfirmed.values()
        if not task.status.is_finished
    }


def _make_header_state(
    rows: LastRows, target: Target, options: ScreenOptions, *, in_clear: bool, now: Millis, utc: bool
) -> HeaderState:
    return HeaderState(
        profile=target.profile,
        place=rows.place or "all graphs",
        production=options.production,
        insecure=options.insecure,
        in_clear=in_clear,
        read_only=options.read_only,
        as_of=rows.as_of,
        now=now,
        utc=utc,
    )

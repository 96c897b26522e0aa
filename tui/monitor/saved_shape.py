"""What is shown of the tasks, as a saved view keeps it, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, get_args

from backend_adapters.model import Millis, Source
from backend_adapters.sentences import join_sentences
from backend_adapters.transport.target import Target
from backend_adapters.transport.url import host_and_port
from tui.fields import SORTS
from tui.monitor.filters import Filter, FilterError, compile_filter
from tui.monitor.saved_views import SavedView, ViewPlace
from tui.monitor.view import ALL_GROUPS, Order, Shape
from tui.task_group import GroupKind

if TYPE_CHECKING:
    from tui.monitor.watched_place import WatchedPlace


def make_view_place(
    target: Target, source: Source | None = None, *, graphs: tuple[str, ...] = ()
) -> ViewPlace:
    """The place that is watched: by its profile, or by its address where that has none of its own.

    Without a `source`, which tells what was found there, it is what the target names.
    """
    is_address = _is_address(target.profile, target.url)
    return ViewPlace(
        profile="" if is_address else target.profile,
        url=target.url if is_address else "",
        dialect=target.dialect if source is None else source.dialect,
        graphspace=target.graphspace if source is None else source.graphspace,
        graph=None if graphs else (target.graph or "") if source is None else source.graph,
        graphs=graphs,
        project=target.project,
    )


def name_found_place(source: Source) -> ViewPlace:
    """One of several places, as far as its server has told what it is called."""
    is_address = _is_address(source.profile, source.url)
    return ViewPlace(
        profile="" if is_address else source.profile,
        url=source.url if is_address else "",
        dialect=source.dialect,
        graphspace=source.graphspace,
        graph=source.graph,
        project=source.project,
    )


def name_hidden_places(places: Iterable[WatchedPlace]) -> tuple[ViewPlace, ...]:
    """Those of several places whose rows are hidden."""
    return tuple(name_found_place(one.backend.source) for one in places if one.is_hidden)


def _is_address(profile: str, url: str) -> bool:
    """Whether a server has no profile: it is called by its address."""
    host = host_and_port(url)
    return profile in ("", host) or profile.endswith(f"@{host}")


def make_saved_view(
    name: str,
    places: Iterable[ViewPlace],
    shape: Shape,
    *,
    wide: bool,
    now: Millis,
    hidden: Iterable[ViewPlace] = (),
) -> SavedView:
    """The view of these places as they are shown now, of which some are `hidden`."""
    return SavedView(
        name=name,
        places=tuple(places),
        filter=shape.filter.text,
        sort=shape.order.column,
        descending=shape.order.descending,
        tab=shape.group.key,
        grouped_by=shape.grouped_by,
        wide=wide,
        saved=now,
        hidden=tuple(hidden),
    )


def restore_shape(view: SavedView) -> tuple[Shape, str]:
    """What the view shows, and a sentence where its filter can't be used; what is unknown is as usual."""
    filter, problem = _restore_filter(view.filter)
    kinds: tuple[GroupKind, ...] = get_args(GroupKind)
    shape = Shape(
        order=Order(view.sort, view.descending) if view.sort in SORTS else Order(),
        filter=filter,
        group=next((group for group in ALL_GROUPS if group.key == view.tab), ALL_GROUPS[0]),
        grouped_by=next((kind for kind in kinds if kind == view.grouped_by), None),
    )
    return shape, problem


def _restore_filter(text: str) -> tuple[Filter, str]:
    try:
        return compile_filter(text), ""
    except FilterError as error:
        return Filter(), join_sentences("The filter of the view is left out", str(error))

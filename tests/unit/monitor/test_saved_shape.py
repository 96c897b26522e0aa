"""What a view shows of the tasks is the same after it was saved and read."""

from __future__ import annotations

from msgspec import json
from msgspec.structs import replace

from backend_adapters.model import Source
from backend_adapters.transport.target import Target
from tui.monitor.filters import compile_filter
from tui.monitor.saved_shape import make_saved_view, make_view_place, restore_shape
from tui.monitor.saved_views import SavedView, ViewPlace
from tui.monitor.view import TAB_GROUPS, Order, Shape

SHAPE = Shape(
    order=Order("took", descending=False),
    filter=compile_filter("status=failed /a.*b/ !x"),
    group=TAB_GROUPS[4],
    grouped_by="cause",
)
PLACES = (ViewPlace(profile="prod"),)


def test_a_shape_that_was_saved_is_the_same_again() -> None:
    view = make_saved_view("night", PLACES, SHAPE, wide=True, now=7)
    assert (view.name, view.places, view.wide, view.saved) == ("night", PLACES, True, 7)
    kept = json.decode(json.encode(view), type=SavedView)
    shape, problem = restore_shape(kept)
    assert (shape.order, shape.group, shape.grouped_by) == (SHAPE.order, SHAPE.group, SHAPE.grouped_by)
    assert (shape.filter.text, problem) == ("status=failed /a.*b/ !x", "")
    assert restore_shape(make_saved_view("usual", PLACES, Shape(), wide=False, now=7)) == (Shape(), "")


def test_a_place_that_is_no_single_graph_is_kept_as_such() -> None:
    target = Target(url="http://cloud:80", profile="cloud", dialect="ges", project="p")
    source = Source(profile="cloud", url=target.url, dialect="ges", graph="", project="p")
    place = ViewPlace(profile="cloud", dialect="ges", graph="", project="p")
    assert make_view_place(target, source) == make_view_place(target) == place
    assert json.decode(json.encode(place), type=ViewPlace) == place
    assert place.label == "cloud"
    assert make_view_place(target, graphs=("*",)).graph is None


def test_what_another_version_saved_is_as_usual_and_a_filter_that_is_left_out_is_said() -> None:
    view = SavedView(name="x", places=PLACES, sort="colour", descending=False, tab="9", grouped_by="colour")
    assert restore_shape(view) == (Shape(), "")
    shape, problem = restore_shape(replace(view, filter="age>soon", tab="4"))
    assert (shape.filter.text, shape.group.key) == ("", "4")
    assert problem.startswith("The filter of the view is left out. ")

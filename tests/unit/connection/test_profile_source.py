"""What a profile is in a list, and the options of a screen for several places."""

from __future__ import annotations

from backend_adapters.model import Scope
from backend_adapters.transport.target import Target
from tui.config.options import ScreenOptions
from tui.config.resolved import OriginKind, ValueOrigin
from tui.connection.profile_source import Destination, ProfileSummary, choose_graph_of, join_options

HERE = ValueOrigin(OriginKind.PROFILE, "config.toml", "prod")


def lead(profile: str, **options: object) -> Destination:
    target = Target(url=f"http://{profile}", profile=profile, graph="old", graphspace="a")
    return Destination(target, ScreenOptions(**options), warning="Look out.", graphs=("*",))  # type: ignore[arg-type]


def test_it_is_production_and_insecure_where_any_place_is() -> None:
    now = ScreenOptions(theme="graphtop-light", interval=7.0, utc=True)
    joined = join_options(
        [lead("dev"), lead("prod", production=True, production_origin=HERE), lead("lab", insecure=True)], now
    )
    assert (joined.production, joined.production_origin, joined.insecure) == (True, HERE, True)
    assert (joined.theme, joined.interval, joined.utc) == ("graphtop-light", 7.0, True), "the look stays"


def test_it_is_read_only_where_all_places_are() -> None:
    safe, free = lead("prod", read_only=True, read_only_origin=HERE), lead("dev")
    assert not join_options([safe, free], ScreenOptions(read_only=True)).read_only
    joined = join_options([safe, safe], ScreenOptions())
    assert (joined.read_only, joined.read_only_origin) == (True, HERE)


def test_the_marks_of_what_was_watched_before_go() -> None:
    before = ScreenOptions(production=True, production_origin=HERE, insecure=True, read_only=True)
    joined = join_options([lead("dev"), lead("test")], before)
    assert (joined.production, joined.insecure, joined.read_only) == (False, False, False)


def test_one_graph_of_a_server() -> None:
    chosen = choose_graph_of(lead("dev", production=True), Scope(graph="social", graphspace="b"))
    assert (chosen.target.graph, chosen.target.graphspace) == ("social", "b")
    assert (chosen.target.url, chosen.graphs, chosen.options.production) == ("http://dev", (), True)
    assert choose_graph_of(lead("cloud"), Scope(graph="")).target.graph is None


def test_the_marks_of_a_profile() -> None:
    assert ProfileSummary(name="dev", url="http://dev").marks == ""
    marked = ProfileSummary(name="prod", url="http://prod", production=True, read_only=True)
    assert marked.marks == "PRODUCTION, read-only"

"""The states of several places as one: the sum, in which one that does not answer hides nothing."""

from __future__ import annotations

from msgspec.structs import replace

from backend_adapters.errors import NotLoggedIn, Unreachable
from backend_adapters.model import Ability, Capabilities, ServerInfo
from tests.unit.fakes import INFO
from tui.monitor.health import Health, Phase
from tui.monitor.joint_health import join_healths

LIVE = Health(phase=Phase.LIVE, info=INFO, last_ok=100, latency=0.2, begun=True, scanned=True)
GONE = Health(phase=Phase.OFFLINE, error=Unreachable("gone"), retry_at=50.0)
LOST = replace(GONE, info=INFO, last_ok=60, begun=True, scanned=True, latency=9.0)
NEW = Health()


def named(*healths: Health) -> list[tuple[str, Health]]:
    return list(zip("abcdef", healths, strict=False))


def test_all_is_live_as_soon_as_one_is() -> None:
    for others in ((GONE,), (NEW,), (LOST, NEW, GONE)):
        joined = join_healths(named(*others, LIVE))
        assert (joined.phase, joined.error, joined.last_ok) == (Phase.LIVE, None, 100)
        assert joined.latency == 0.2, "of those that answer"


def test_it_is_complete_once_each_was_read_or_does_not_answer() -> None:
    assert join_healths(named(LIVE, LIVE)).is_complete
    assert not join_healths(named(LIVE, NEW)).scanned
    assert not join_healths(named(LIVE, NEW)).begun
    with_silent = join_healths(named(LIVE, GONE))
    assert (with_silent.begun, with_silent.scanned, with_silent.is_complete) == (True, True, False)
    assert not join_healths(named(GONE, GONE)).scanned, "nothing was read anywhere"
    assert join_healths(named(LIVE, replace(LIVE, scanning=True))).scanning


def test_it_says_which_do_not_answer() -> None:
    assert join_healths(named(LIVE, GONE)).partial == "b does not answer."
    assert join_healths(named(GONE, LOST, LIVE)).partial == "2 places do not answer: press A."
    cut = replace(LIVE, partial="The server gives 1,000 at most.")
    assert join_healths(named(LIVE, cut)).partial == "b: The server gives 1,000 at most."
    assert join_healths(named(LIVE, LIVE)).partial == ""
    assert join_healths(named(LIVE, replace(LIVE, note="2 can't be read."))).note == "b: 2 can't be read."


def test_where_none_answers_it_is_said_why_and_when_the_next_try_is() -> None:
    late = replace(GONE, error=Unreachable("also gone"), retry_at=70.0)
    joined = join_healths(named(LOST, late))
    assert (joined.phase, str(joined.error), joined.retry_at) == (Phase.OFFLINE, "gone", 50.0)
    assert joined.last_ok == 60, "when the rows are of"
    blocked = Health(phase=Phase.BLOCKED, error=NotLoggedIn("who are you?"))
    assert join_healths(named(blocked)).phase is Phase.BLOCKED
    assert join_healths(named(blocked, GONE)).phase is Phase.OFFLINE


def test_it_can_do_what_one_of_them_can_but_for_new_jobs() -> None:
    no = Ability(False, "GES can't.")
    jobs = Capabilities(
        cancel=Ability(True), delete=no, force_delete=no, submit=no, noun="jobs", has_graphs=True
    )
    cloud = replace(LIVE, info=ServerInfo(product="GES", version=None, capabilities=jobs))
    info = join_healths(named(cloud, LIVE)).info
    assert info is not None
    can = info.capabilities
    assert (bool(can.delete), can.noun, can.has_graphs) == (True, "tasks", True)
    assert "Open one of them first" in can.submit.reason
    assert "Open one of them first" in can.create.reason
    alone = join_healths(named(cloud, cloud)).info
    assert alone is not None
    assert alone.capabilities.noun == "jobs"
    assert alone.capabilities.delete == no
    assert join_healths(named(NEW, GONE)).info is None

"""The state of several places as one: live as soon as one of them is, and complete only when all are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backend_adapters.model import Ability, Capabilities, ServerInfo
from tui.monitor.health import Health, Phase
from tui.monitor.place_troubles import describe_trouble, describe_troubles

_BEST_FIRST = (Phase.LIVE, Phase.PAUSED, Phase.CONNECTING, Phase.OFFLINE, Phase.BLOCKED)
ONE_PLACE_ONLY = Ability(False, "Several places are shown. Open one of them first: press A and enter.")


def join_healths(places: Sequence[tuple[str, Health]]) -> Health:
    """The state of all places, each given with its name: at least one."""
    healths = [health for _, health in places]
    phase = min((health.phase for health in healths), key=_BEST_FIRST.index)
    answering = [health for health in healths if health.is_answering]
    told = answering or healths
    return Health(
        phase=phase,
        info=_join_infos(health.info for health in told if health.info is not None),
        error=None if answering else next((one.error for one in healths if one.error is not None), None),
        last_ok=max((one.last_ok for one in healths if one.last_ok is not None), default=None),
        latency=max((one.latency for one in told if one.latency is not None), default=None),
        retry_at=min((one.retry_at for one in told if one.retry_at is not None), default=None),
        scanning=any(one.scanning for one in healths),
        begun=all(one.begun or one.error is not None for one in healths),
        scanned=bool(answering) and all(one.scanned or one.error is not None for one in healths),
        partial=_join_partials(places),
        note=next((f"{name}: {one.note}" for name, one in places if one.note), ""),
        scattered=any(one.scattered for one in told),
    )


def _join_partials(places: Sequence[tuple[str, Health]]) -> str:
    """Why not all tasks are there, as a sentence; empty where they are."""
    silent = [(name, health.error) for name, health in places if health.error is not None]
    if len(silent) == 1:
        return describe_trouble(*silent[0])
    if silent:
        return describe_troubles(error for _, error in silent)
    return next((f"{name}: {health.partial}" for name, health in places if health.partial), "")


def _join_infos(infos: Iterable[ServerInfo]) -> ServerInfo | None:
    """What at least one of the servers can do; None where none has answered."""
    all_of = [info.capabilities for info in infos]
    if not all_of:
        return None
    nouns = {capabilities.noun for capabilities in all_of}
    return ServerInfo(
        product="",
        version=None,
        capabilities=Capabilities(
            cancel=_choose_ability([one.cancel for one in all_of]),
            delete=_choose_ability([one.delete for one in all_of]),
            force_delete=_choose_ability([one.force_delete for one in all_of]),
            submit=ONE_PLACE_ONLY,
            create=ONE_PLACE_ONLY,
            noun=nouns.pop() if len(nouns) == 1 else "tasks",
            has_graphs=any(one.has_graphs for one in all_of),
            has_texts=any(one.has_texts for one in all_of),
        ),
    )


def _choose_ability(abilities: Sequence[Ability]) -> Ability:
    return next((ability for ability in abilities if ability), abilities[0])

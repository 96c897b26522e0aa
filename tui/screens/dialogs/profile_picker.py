"""The dialog in which another profile is chosen, or several."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from backend_adapters.sentences import join_sentences
from tui.connection.profile_source import ProfileSummary
from tui.monitor.health import Health
from tui.monitor.place_troubles import judge_error
from tui.screens.dialogs.choice_list import Choice
from tui.screens.dialogs.marking_picker import MarkingPicker
from tui.text import format_time_of_day

if TYPE_CHECKING:
    from tui.connection.profile_switcher import ProfileSwitcher


def create_profile_picker(
    source: ProfileSwitcher | None,
    current: str,
    states: Mapping[str, str],
    *,
    watched: Collection[str] = (),
    ascii: bool,
) -> MarkingPicker[str]:
    """A picker with the profiles of `source`; without any it says where they are read from.

    The star stands before `current`, and before all that are `watched` together.

    `states` are the last known ones of profiles that were opened. No other server is asked for it: that would
    take its login.
    """
    profiles = source.list_profiles() if source is not None else ()
    problem = source.file_problem if source is not None else ""
    if problem:
        note = join_sentences(problem, "Run graphtop config check for details")
    elif source is not None and not source.file_exists:
        note = f"{source.path} doesn't exist. Run graphtop config init to create it."
    else:
        path = source.path if source is not None else "the config file"
        note = f"No profiles in {path}. Run graphtop config example to see how to write one."
    choices = [describe_profile(profile, states.get(profile.name, "")) for profile in profiles]
    return MarkingPicker(
        "Switch profile", choices or None, current=current, starred=watched, loading=note, ascii=ascii
    )


def describe_profile(profile: ProfileSummary, state: str) -> Choice[str]:
    """A profile with its problem or its URL, and with its marks, its state, or what opening it will ask."""
    state = state or ("asks for a password" if profile.asks_password else "not tried")
    return Choice(
        profile.name,
        profile.name,
        profile.problem or profile.url,
        aside=" · ".join(filter(None, (profile.marks, "" if profile.problem else state))),
        warns=profile.production or profile.insecure or bool(profile.problem),
    )


def describe_profile_state(health: Health, *, is_shown: bool, utc: bool) -> str:
    """Whether a profile's server answers, or answered when it was left; `is_shown`: it is watched now.

    One that wants a login, or refuses something else, has answered, but tells nothing of its tasks.
    """
    if health.error is not None:
        trouble = judge_error(health.error)
        return "wants a login" if trouble == "no login" else trouble
    if health.last_ok is None:
        return "connecting" if is_shown else ""
    return "connected" if is_shown else f"answered at {format_time_of_day(health.last_ok or 0, utc=utc)}"

"""The way from the screen to the profiles, for the key P and the welcome."""

from __future__ import annotations

import os

from msgspec.structs import replace

from backend_adapters.sentences import end_sentence
from backend_adapters.transport.target import Target
from tui import text
from tui.config.example import profile_text
from tui.config.options import ScreenOptions, screen_options
from tui.config.profiles import Config, Profile, load, place_of_config, short
from tui.config.resolved import ConfigError, Settled, settle, told
from tui.config.settings import BY_NAME, NotPossible
from tui.connection.address import parse_address
from tui.connection.demo import make_demo_target
from tui.connection.login import NoLogin, Plan
from tui.connection.profile_source import Listed, NoEntry, Opening
from tui.connection.resolve import place, plan_for


class ProfileGate:
    """Reads the file of profiles each time that it is asked, and keeps nothing of it."""

    @property
    def path(self) -> str:
        """The file of profiles, as a person writes it."""
        return short(place_of_config(os.environ))

    @property
    def wrong(self) -> str:
        """What is wrong with the whole file, as a sentence."""
        config = load(os.environ)
        problems = config.problems_of(None)
        return text.sanitize(told(config, problems)) if problems else ""

    def profiles(self) -> tuple[Listed, ...]:
        """The profiles that there are now."""
        config = load(os.environ)
        return tuple(_listed(config, profile) for profile in config.profiles.values())

    async def profile(self, name: str, now: ScreenOptions) -> Opening:
        """The way to a profile. Raises NoEntry.

        Flags and variables named the place that graphtop began with: neither they nor their secrets go
        along to another server; where a secret stays behind, that is said. What the screen looks like stays,
        and so do --read-only, --production and --no-journal.
        """
        config = load(os.environ)
        try:
            settled = settle(config, profile=name)
            plan = plan_for(settled, {})
            target = place(settled, await plan.aside()).target
        except (ConfigError, NoLogin) as error:
            raise NoEntry(text.sanitize(str(error))) from None
        fresh = screen_options(settled, mouse=now.mouse)
        fresh = replace(fresh, utc=now.utc, ascii=now.ascii, theme=now.theme)
        if now.read_only and _goes_along(now.read_only_by):
            fresh = replace(fresh, read_only=True, read_only_by=now.read_only_by)
        if now.production and _goes_along(now.production_by):
            fresh = replace(fresh, production=True, production_by=now.production_by)
        if not now.journal and _goes_along(now.journal_by):
            fresh = replace(fresh, journal=False, journal_by=now.journal_by)
        return Opening(target, fresh, text.sanitize(plan.warning or _left_behind(settled, plan)))

    def address(self, typed: str) -> Target:
        """What an address names, without any login. Raises NoEntry."""
        try:
            url = str(BY_NAME["url"].of_text(typed))
        except NotPossible as error:
            raise NoEntry(end_sentence(f"This {error}")) from None
        address = parse_address(url)
        return Target(
            url=address.server,
            dialect=address.dialect or "auto",
            graph=address.graph,
            graphspace=address.graphspace,
            project=address.project,
        )

    def guard(self, target: Target, options: ScreenOptions) -> ScreenOptions:
        """The options, with the guards of the profiles of this server, which was named by its address."""
        named = {"url": target.url, "project": target.project}
        own = screen_options(settle(load(os.environ), flags=named))
        if own.read_only and not options.read_only:
            options = replace(options, read_only=True, read_only_by=own.read_only_by)
        if own.production and not options.production:
            options = replace(options, production=True, production_by=own.production_by)
        return options

    def demo(self) -> Target:
        """The built-in server."""
        return make_demo_target()

    def toml(self, target: Target, options: ScreenOptions) -> str:
        """A place as a profile to paste, without any secret."""
        marks = {
            "production": options.production,
            "read_only": options.read_only,
            "insecure": target.tls.insecure,
            "allow_plain": options.allow_plain,
        }
        return profile_text(target, extra=marks)


def _goes_along(by: str) -> bool:
    """Whether a flag or a variable said it, and so of every place."""
    return by.startswith(("-", "GRAPHTOP"))


def _left_behind(settled: Settled, plan: Plan) -> str:
    """A sentence where only the environment holds a login, which graphtop uses where it begins."""
    if plan.origin and not plan.ask:
        return ""
    try:
        begun = plan_for(settled, os.environ)
    except NoLogin:
        return ""
    if begun.origin == plan.origin:
        return ""
    return (
        f"{begun.origin} is not sent here, as it may be for another server."
        f" `graphtop {settled.profile}` logs in with it."
    )


def _listed(config: Config, profile: Profile) -> Listed:
    problems = config.problems_of(profile.name)
    return Listed(
        name=profile.name,
        url=profile.text("url"),
        production=profile.says("production"),
        read_only=profile.says("read_only"),
        insecure=profile.says("insecure"),
        wrong=text.sanitize(f"line {problems[0].line}: {problems[0].words}") if problems else "",
    )

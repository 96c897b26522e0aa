"""The way from the screen to the profiles, for the key P and the welcome."""

from __future__ import annotations

import os

from msgspec.structs import replace

from backend_adapters.sentences import end_sentence
from backend_adapters.transport.target import Target
from tui import text
from tui.config.example import format_profile
from tui.config.options import ScreenOptions, screen_options
from tui.config.profiles import Config, Profile, find_config, load_config, shorten_path
from tui.config.resolved import ConfigError, ResolvedSettings, resolve_settings, told
from tui.config.settings import SETTINGS_BY_NAME, InvalidValue
from tui.connection.address import parse_address
from tui.connection.demo import make_demo_target
from tui.connection.login import LoginPlan
from tui.connection.profile_source import CannotOpen, Destination, ProfileSummary
from tui.connection.resolve import place, plan_for
from tui.connection.secret_sources import LoginError


class ProfileSwitcher:
    """Reads the file of profiles each time that it is asked, and keeps nothing of it."""

    @property
    def path(self) -> str:
        """The file of profiles, as a person writes it."""
        return shorten_path(find_config(os.environ))

    @property
    def file_problem(self) -> str:
        """What is wrong with the whole file, as a sentence."""
        config = load_config(os.environ)
        problems = config.list_problems(None)
        return text.sanitize(told(config, problems)) if problems else ""

    def list_profiles(self) -> tuple[ProfileSummary, ...]:
        """The profiles that there are now."""
        config = load_config(os.environ)
        return tuple(_listed(config, profile) for profile in config.profiles.values())

    async def open_profile(self, name: str, now: ScreenOptions) -> Destination:
        """The way to a profile. Raises NoEntry.

        Flags and variables named the place that graphtop began with: neither they nor their secrets go
        along to another server; where a secret stays behind, that is said. What the screen looks like stays,
        and so do --read-only, --production and --no-journal.
        """
        config = load_config(os.environ)
        try:
            settled = resolve_settings(config, profile=name)
            plan = plan_for(settled, {})
            target = place(settled, await plan.fetch_login_aside()).target
        except (ConfigError, LoginError) as error:
            raise CannotOpen(text.sanitize(str(error))) from None
        fresh = screen_options(settled, mouse=now.mouse)
        fresh = replace(fresh, utc=now.utc, ascii=now.ascii, theme=now.theme)
        if now.read_only and _goes_along(now.read_only_by):
            fresh = replace(fresh, read_only=True, read_only_by=now.read_only_by)
        if now.production and _goes_along(now.production_by):
            fresh = replace(fresh, production=True, production_by=now.production_by)
        if not now.journal and _goes_along(now.journal_by):
            fresh = replace(fresh, journal=False, journal_by=now.journal_by)
        return Destination(target, fresh, text.sanitize(plan.warning or _left_behind(settled, plan)))

    def parse_target(self, typed: str) -> Target:
        """What an address names, without any login. Raises CannotOpen."""
        try:
            url = str(SETTINGS_BY_NAME["url"].parse_text(typed))
        except InvalidValue as error:
            raise CannotOpen(end_sentence(f"This {error}")) from None
        address = parse_address(url)
        return Target(
            url=address.server,
            dialect=address.dialect or "auto",
            graph=address.graph,
            graphspace=address.graphspace,
            project=address.project,
        )

    def add_guards(self, target: Target, options: ScreenOptions) -> ScreenOptions:
        """The options, with the guards of the profiles of this server, which was named by its address."""
        named = {"url": target.url, "project": target.project}
        own = screen_options(resolve_settings(load_config(os.environ), flags=named))
        if own.read_only and not options.read_only:
            options = replace(options, read_only=True, read_only_by=own.read_only_by)
        if own.production and not options.production:
            options = replace(options, production=True, production_by=own.production_by)
        return options

    def make_demo_target(self) -> Target:
        """The built-in server."""
        return make_demo_target()

    def format_profile(self, target: Target, options: ScreenOptions) -> str:
        """A place as a profile to paste, without any secret."""
        marks = {
            "production": options.production,
            "read_only": options.read_only,
            "insecure": target.tls.insecure,
            "allow_plain": options.allow_plain,
        }
        return format_profile(target, extra=marks)


def _goes_along(by: str) -> bool:
    """Whether a flag or a variable said it, and so of every place."""
    return by.startswith(("-", "GRAPHTOP"))


def _left_behind(settled: ResolvedSettings, plan: LoginPlan) -> str:
    """A sentence where only the environment holds a login, which graphtop uses where it begins."""
    if plan.source_text and not plan.asks_password:
        return ""
    try:
        begun = plan_for(settled, os.environ)
    except LoginError:
        return ""
    if begun.source_text == plan.source_text:
        return ""
    return (
        f"{begun.source_text} is not sent here, as it may be for another server."
        f" `graphtop {settled.profile}` logs in with it."
    )


def _listed(config: Config, profile: Profile) -> ProfileSummary:
    problems = config.list_problems(profile.name)
    return ProfileSummary(
        name=profile.name,
        url=profile.get_text("url"),
        production=profile.is_true("production"),
        read_only=profile.is_true("read_only"),
        insecure=profile.is_true("insecure"),
        problem=text.sanitize(f"line {problems[0].line}: {problems[0].words}") if problems else "",
    )

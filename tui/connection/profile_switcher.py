"""Opens the servers of profiles and of typed addresses for the screen."""

from __future__ import annotations

import os

from msgspec.structs import replace

from backend_adapters.errors import Unreachable
from backend_adapters.sentences import end_sentence
from backend_adapters.transport.target import Target
from tui import text
from tui.config.options import ScreenOptions, make_screen_options
from tui.config.profiles import Config, Profile, find_config, load_config, shorten_path
from tui.config.resolved import ConfigError, resolve_settings
from tui.config.settings import SETTINGS_BY_NAME, InvalidValue
from tui.connection.address import parse_address
from tui.connection.demo import make_demo_target
from tui.connection.login import LOGIN_KINDS, plan_login
from tui.connection.profile_source import CannotOpen, Destination, ProfileSummary
from tui.connection.resolve import ConnectionPlan, plan_connection
from tui.connection.secret_sources import LoginError


class ProfileSwitcher:
    """Opens other servers than the one that is watched; the config file is read at each call."""

    @property
    def path(self) -> str:
        """The config file, with the home folder as `~`."""
        return shorten_path(find_config(os.environ))

    @property
    def file_exists(self) -> bool:
        """Whether there is a config file."""
        return find_config(os.environ).exists()

    @property
    def file_problem(self) -> str:
        """What is wrong with the whole file, as a sentence."""
        return text.sanitize_label(load_config(os.environ).summarize_problems(None))

    def list_profiles(self) -> tuple[ProfileSummary, ...]:
        """The profiles in the file as it is now."""
        config = load_config(os.environ)
        return tuple(_summarize_profile(config, profile) for profile in config.profiles.values())

    async def open_profile(self, name: str, now: ScreenOptions) -> Destination:
        """The server of a profile. Raises CannotOpen.

        Flags and variables named the server that graphtop began with: neither they nor their secrets go
        along to another one, and a secret that stays behind is warned of. The look of the screen stays, and
        so do --read-only, --production, --no-journal, --no-cache and --no-history.
        """
        try:
            settings = resolve_settings(load_config(os.environ), profile=name)
            plan = plan_connection(settings, {})
            connection = plan.make_connection(await plan.login.fetch_login_aside())
        except ConfigError as error:
            raise CannotOpen(text.sanitize_label(str(error))) from None
        options = keep_look_and_guards(make_screen_options(settings, mouse=now.mouse), now)
        warning = plan.login.warning or _warn_of_unsent_login(plan)
        return Destination(
            connection.target,
            options,
            text.sanitize(warning),
            plan.settings.graphs.value,
            asks_password=plan.login.asks_password,
        )

    def parse_target(self, typed: str) -> Target:
        """The server that an address names, without any login. Raises CannotOpen."""
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
        """The options with the guards of this server's profiles, where its address was typed."""
        flags = {"url": target.url, "project": target.project}
        settings = resolve_settings(load_config(os.environ), flags=flags)
        if settings.read_only.value and not options.read_only:
            options = replace(options, read_only=True, read_only_origin=settings.read_only.origin)
        if settings.production.value and not options.production:
            options = replace(options, production=True, production_origin=settings.production.origin)
        return options

    def list_flags(self, target: Target) -> list[str]:
        """The flags with which a command reaches the same place: its profile, as far as it has one."""
        # Imported here, as what formats: only some keys need it.
        from tui.connection.command_lines import list_flags, read_place

        name = target.profile.partition("@")[0]
        config = load_config(os.environ)
        if name not in config.profiles:
            return list_flags(target)
        try:
            return list_flags(target, read_place(resolve_settings(config, profile=name)))
        except (ConfigError, Unreachable):
            # The file has changed since it was read.
            return list_flags(target)

    def make_demo_target(self) -> Target:
        """The built-in server."""
        return make_demo_target()

    def format_init_command(self, target: Target) -> str:
        """The command that creates a config file with the profile of this server."""
        from tui.connection.command_lines import format_init_command

        return format_init_command(target)

    def format_profile(self, target: Target, options: ScreenOptions) -> str:
        """A server as a profile to paste into the file, without any secret."""
        from tui.config.example import format_profile

        marks = {
            "production": options.production,
            "read_only": options.read_only,
            "insecure": target.tls.insecure,
            "allow_plain": options.allow_plain,
        }
        return format_profile(target, extra=marks)


def keep_look_and_guards(options: ScreenOptions, now: ScreenOptions) -> ScreenOptions:
    """The options of another server, with the look of `now` and what flags and variables set for safety."""
    options = replace(options, utc=now.utc, ascii=now.ascii, theme=now.theme, findings=now.findings)
    if now.read_only and now.read_only_origin.is_explicit:
        options = replace(options, read_only=True, read_only_origin=now.read_only_origin)
    if now.production and now.production_origin.is_explicit:
        options = replace(options, production=True, production_origin=now.production_origin)
    if not now.journal and now.journal_origin.is_explicit:
        options = replace(options, journal=False, journal_origin=now.journal_origin)
    if not now.cache and now.cache_origin.is_explicit:
        options = replace(options, cache=False, cache_origin=now.cache_origin)
    if not now.history and now.history_origin.is_explicit:
        options = replace(options, history=False, history_origin=now.history_origin)
    return options


def _warn_of_unsent_login(plan: ConnectionPlan) -> str:
    """A sentence where only the environment holds a login, which is used at the start of graphtop only."""
    if plan.login.source_text and not plan.login.asks_password:
        return ""
    try:
        at_start = plan_login(plan.settings, plan.dialect, os.environ)
    except LoginError:
        return ""
    if at_start.source_text == plan.login.source_text:
        return ""
    return (
        f"{at_start.source_text} is not used here, because it may be for another server."
        f" Run `graphtop {plan.settings.profile}` to log in with it."
    )


def _summarize_profile(config: Config, profile: Profile) -> ProfileSummary:
    problems = config.list_problems(profile.name)
    return ProfileSummary(
        name=profile.name,
        url=profile.get_text("url"),
        production=profile.is_true("production"),
        read_only=profile.is_true("read_only"),
        insecure=profile.is_true("insecure"),
        asks_password=bool(profile.get_text("user")) and not any(map(profile.get_text, LOGIN_KINDS)),
        problem=text.sanitize_label(f"line {problems[0].line}: {problems[0].message}") if problems else "",
    )

"""How the screen looks and behaves."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from tui.config.resolved import NOT_SET, OriginKind, ResolvedSettings, ValueOrigin
from tui.config.settings import RawValue
from tui.config.terminal_encoding import is_utf8_locale


class NoticeOptions(Struct, frozen=True, kw_only=True):
    """How a person who looks elsewhere is told of something."""

    method: str = "auto"
    """One of `NOTIFY_METHODS`."""
    command: str = ""
    """Gets the text as its last argument; empty where there is none."""
    refused: str = ""
    """Why a command that is set is not used, as a sentence; empty where it is."""


class ScreenOptions(Struct, frozen=True, kw_only=True):
    """The settings that the screen needs, and those of the safeguards with their origins."""

    interval: float = 2.0
    """Seconds between two polls."""
    read_only: bool = False
    read_only_origin: ValueOrigin = NOT_SET
    production: bool = False
    production_origin: ValueOrigin = NOT_SET
    journal: bool = True
    """Each action is written to the journal first, and not sent where that fails."""
    journal_origin: ValueOrigin = NOT_SET
    cache: bool = True
    """What is known of a server is kept in a file, and read from it at the next start."""
    cache_origin: ValueOrigin = NOT_SET
    history: bool = True
    """What is seen of tasks is recorded in the history."""
    history_origin: ValueOrigin = NOT_SET
    history_days: int = 90
    history_megabytes: int = 500
    insecure: bool = False
    """The server's certificate is not checked."""
    allow_plain: bool = False
    """A login may go over plain http without a warning."""
    utc: bool = False
    ascii: bool = False
    theme: str = "graphtop-dark"
    """Empty: as many colours as the terminal has."""
    mouse: bool = True
    title: bool = True
    """The terminal's title and its tab say what goes on."""
    notices: NoticeOptions = NoticeOptions()
    findings: Mapping[str, RawValue] = {}
    """What the table [findings] sets, for `finding_settings.make_finding_limits`."""


def make_notice_options(settings: ResolvedSettings) -> NoticeOptions:
    """The settings of notices; a command of a file that others could have written is not run."""
    command, why = settings.notify_command, settings.untrusted
    is_refused = bool(command.value and why and command.origin.kind is OriginKind.PROFILE)
    return NoticeOptions(
        method=settings.notify.value,
        command="" if is_refused else command.value,
        refused=f"{command.origin.text}: notify_command is not used. {why}" if is_refused else "",
    )


def make_screen_options(settings: ResolvedSettings, *, mouse: bool = True) -> ScreenOptions:
    """The settings as options of the screen; without `mouse` the terminal keeps the mouse."""
    return ScreenOptions(
        interval=settings.interval.value,
        findings=settings.findings,
        read_only=settings.read_only.value,
        read_only_origin=settings.read_only.origin,
        production=settings.production.value,
        production_origin=settings.production.origin,
        journal=settings.journal.value,
        journal_origin=settings.journal.origin,
        cache=settings.cache.value,
        cache_origin=settings.cache.origin,
        history=settings.history.value,
        history_origin=settings.history.origin,
        history_days=settings.history_days.value,
        history_megabytes=settings.history_megabytes.value,
        insecure=settings.insecure.value,
        allow_plain=settings.allows_plain_login,
        utc=settings.utc.value,
        ascii=settings.ascii.value or not is_utf8_locale(),
        theme=settings.theme.value or "graphtop-dark",
        mouse=mouse,
        title=settings.title.value,
        notices=make_notice_options(settings),
    )

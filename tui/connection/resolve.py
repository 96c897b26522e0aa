"""Which server, graph and login a command works on: flags, environment and profile, and what they come to."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Collection, Mapping

from msgspec import Struct

from backend_adapters.own_secrets import OWN_SECRETS
from backend_adapters.registry import DIALECTS
from backend_adapters.sentences import join_sentences
from backend_adapters.transport.origin import is_sent_in_clear
from backend_adapters.transport.target import PathStyle, Target, Tls
from backend_adapters.transport.url import host_and_port, normalize_url
from tui import text
from tui.cli.output.standard_error import report_unmasked
from tui.config.profiles import Config, load_config
from tui.config.resolved import (
    PLACE,
    ConfigError,
    OriginKind,
    ResolvedSettings,
    find_unreadable_files,
    resolve_settings,
    told,
)
from tui.config.settings import PATHS, SETTINGS_BY_NAME
from tui.connection.address import parse_address
from tui.connection.login import LOGIN_KINDS, LoginDetails, LoginPlan, plan_login
from tui.connection.secret_sources import LoginError

INSECURE = "INSECURE: the server's certificate is not checked."
PLAIN_HTTP = (
    "PLAIN HTTP: the login can be read on its way. Use https; where plain http is meant to be, "
    "set allow_plain = true in the profile, or GRAPHTOP_ALLOW_PLAIN=1."
)

_USUAL_NAME = "hugegraph"
"""What most servers call their graph, and themselves in all that they say."""

PATH_STYLES: dict[str, PathStyle] = {"auto": "auto", "classic": "classic", "graphspace": "graphspace"}

_CHOICES: dict[str, Collection[str]] = {"dialect": DIALECTS, "paths": PATHS}


class WrongUsage(Exception):
    """What was asked for makes no sense; the message is a sentence that says why."""


class Connection(Struct, frozen=True, kw_only=True):
    """Where a command works, and what a person has said of that place."""

    target: Target
    read_only: bool = False
    production: bool = False
    interval: float = 2.0
    """Seconds between two polls."""
    journal: bool = True
    """Actions leave a line in the journal."""
    settled: ResolvedSettings | None = None
    """Every setting with where it came from."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that name a server, a graph and a login."""
    where = parser.add_argument_group("where")
    where.add_argument(
        "-p", "--profile", metavar="NAME", help="the profile of this name, from the file of profiles"
    )
    for name in PLACE:
        setting = SETTINGS_BY_NAME[name]
        choices = sorted(_CHOICES[name]) if name in _CHOICES else None
        where.add_argument(setting.flag, choices=choices, help=setting.about)
    login = parser.add_argument_group("login")
    login.add_argument("--user", help=SETTINGS_BY_NAME["user"].about)
    for name in ("password_command", "token_command"):
        login.add_argument(SETTINGS_BY_NAME[name].flag, metavar="COMMAND", help=SETTINGS_BY_NAME[name].about)
    for name in ("password_file", "token_file"):
        login.add_argument(SETTINGS_BY_NAME[name].flag, metavar="FILE", help=SETTINGS_BY_NAME[name].about)
    login.add_argument("--netrc", action="store_true", help=SETTINGS_BY_NAME["netrc"].about)
    tls = parser.add_argument_group("TLS")
    for name in ("ca_file", "client_cert", "client_key"):
        tls.add_argument(SETTINGS_BY_NAME[name].flag, metavar="FILE", help=SETTINGS_BY_NAME[name].about)
    tls.add_argument("--insecure", action="store_true", help=SETTINGS_BY_NAME["insecure"].about)


def add_no_journal(group: argparse._ArgumentGroup) -> None:
    """Add `--no-journal`."""
    group.add_argument(
        "--no-journal", dest="journal", action="store_true", help=SETTINGS_BY_NAME["journal"].about
    )


def place_of(chosen: argparse.Namespace, environ: Mapping[str, str] | None = None) -> Connection:
    """The place that flags, environment and profile name; stderr hears what is unsafe. Raises WrongUsage."""
    environ = os.environ if environ is None else environ
    config = load_config(environ)
    try:
        settled = settled_of(chosen, environ, config)
        need_server(settled, config, _address_among(chosen))
        plan = plan_for(settled, environ)
        for warning in warnings(config, settled, plan):
            report_unmasked(warning)
        return place(settled, plan.fetch_login())
    except (ConfigError, LoginError) as error:
        raise WrongUsage(text.sanitize(str(error))) from None


def settled_of(
    chosen: argparse.Namespace, environ: Mapping[str, str], config: Config, *, strict: bool = True
) -> ResolvedSettings:
    """Every setting, for the profile that is meant. Raises ConfigError."""
    flags = {name: getattr(chosen, name, None) for name in SETTINGS_BY_NAME}
    name, origin = profile_meant(getattr(chosen, "profile", None), flags.get("url"), environ, config)
    return resolve_settings(
        config, profile=name, profile_origin=origin, flags=flags, environ=environ, strict=strict
    )


def profile_meant(
    flag: str | None, url: object, environ: Mapping[str, str], config: Config
) -> tuple[str | None, str]:
    """The profile to use and who names it; none for a URL that is given: it gets no other server's login."""
    if flag or url:
        return flag, ""
    if environ.get("GRAPHTOP_PROFILE"):
        return environ["GRAPHTOP_PROFILE"], "GRAPHTOP_PROFILE"
    if environ.get("GRAPHTOP_URL") or config.default is None:
        return None, ""
    return config.default, "default_profile"


def _address_among(chosen: argparse.Namespace) -> str:
    """The first of the words of a command that is written as an address; empty if none is."""
    given = (value if isinstance(value, list) else [value] for value in vars(chosen).values())
    words = (word for values in given for word in values if isinstance(word, str))
    return next((word for word in words if re.match("https?://", word)), "")


def need_server(settled: ResolvedSettings, config: Config, address: str = "") -> None:
    """Raise ConfigError where no server is named; that a broken file could name one is told first.

    `address` is one that was given as another word of the command.
    """
    if settled.text("url"):
        return
    whole = config.list_problems(None)
    if whole:
        raise ConfigError(
            join_sentences(told(config, whole), "No server is named: mend the file, or give --url.")
        )
    if address:
        raise ConfigError(f"Which server? Write the flag before its address: --url {address}")
    raise ConfigError("Which server? Give --url, or -p with the name of a profile.")


def plan_for(settled: ResolvedSettings, environ: Mapping[str, str]) -> LoginPlan:
    """How to log in at the server that is named. Raises LoginError."""
    return plan_login(settled, _dialect(settled), environ)


def warnings(config: Config, settled: ResolvedSettings, plan: LoginPlan) -> list[str]:
    """What is not as it should be, and yet not in the way."""
    found = [plan.warning] if plan.warning else []
    if (whole := config.list_problems(None)) and not settled.profile:
        found.append(f"{told(config, whole)} It is left out.")
    if settled.profile and settled.untrusted:
        found.append(settled.untrusted)
    if settled.truth("insecure"):
        found.append(INSECURE)
    return [*found, *remarks(settled, plan)]


def remarks(settled: ResolvedSettings, plan: LoginPlan) -> list[str]:
    """What a person should know of the way to a server, though it may be meant to be."""
    found = []
    if _is_kept_back(settled, plan):
        host = host_and_port(normalize_url(settled.text("url") or ""))
        words = f"The login of the profile {settled.profile} is not sent to {host}, which is not its server."
        found.append(words)
    in_clear = plan.credentials.has_login and is_sent_in_clear(settled.text("url") or "")
    if in_clear and not settled.allows_plain_login:
        found.append(PLAIN_HTTP)
    return [*found, *_overruled(settled)]


def _is_kept_back(settled: ResolvedSettings, plan: LoginPlan) -> bool:
    """Whether a profile has a login for its own server, while another server is named, without any."""
    if settled.goes_home or (plan.credentials.has_login and not plan.asks_password):
        return False
    return any(settled.rank(kind) is OriginKind.PROFILE and settled.said[kind].value for kind in LOGIN_KINDS)


def _overruled(settled: ResolvedSettings) -> list[str]:
    """A sentence for each guard of a profile that a variable can't take away."""
    return [
        f"{said.overruled} changes nothing: the profile {said.profile} says {name} = true ({said.origin})."
        for name, said in settled.said.items()
        if said.overruled
    ]


def place(settled: ResolvedSettings, login: LoginDetails) -> Connection:
    """The place that settings come to. Raises ConfigError."""
    wrong = [
        words
        for name, words in find_unreadable_files(settled)
        if not name.endswith(("password_file", "token_file"))
    ]
    if wrong:
        raise ConfigError(wrong[0])
    return Connection(
        target=_target(settled, login),
        read_only=settled.truth("read_only"),
        production=settled.truth("production"),
        interval=settled.number("interval"),
        journal=settled.truth("journal"),
        settled=settled,
    )


def _target(settled: ResolvedSettings, login: LoginDetails) -> Target:
    address = parse_address(settled.text("url") or "")
    graph = _or_address(settled, "graph", address.graph)
    graphspace = _or_address(settled, "graphspace", address.graphspace)
    OWN_SECRETS.show_names(settled.profile, graph, graphspace, _USUAL_NAME)
    return Target(
        url=address.server,
        dialect=_dialect(settled),
        graph=graph,
        graphspace=graphspace,
        project=_or_address(settled, "project", address.project) or login.project,
        paths=PATH_STYLES[settled.text("paths") or "auto"],
        credentials=login.credentials,
        tls=Tls(
            ca_file=settled.text("ca_file"),
            client_cert=settled.text("client_cert"),
            client_key=settled.text("client_key"),
            insecure=settled.truth("insecure"),
        ),
        profile=_name(settled, address.server),
    )


def _name(settled: ResolvedSettings, url: str) -> str:
    """What the header calls it: the profile, but never alone over a server that is not the profile's."""
    if not settled.profile or settled.rank("url") is OriginKind.PROFILE:
        return settled.profile
    return f"{settled.profile}@{host_and_port(Target(url=url).url)}"


def _dialect(settled: ResolvedSettings) -> str:
    """The dialect that was said, else the one that the address shows, else `auto`."""
    said = settled.text("dialect") or "auto"
    return parse_address(settled.text("url") or "").dialect or "auto" if said == "auto" else said


def _or_address(settled: ResolvedSettings, name: str, named: str | None) -> str | None:
    """A part of the place: an address that holds it counts as much as who gave the address."""
    if named is not None and settled.rank("url") < settled.rank(name):
        return named
    return settled.text(name) or named

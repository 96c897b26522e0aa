"""Resolves what a person named, in flags, variables and profiles, to a connection to a server."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.model import Scope
from backend_adapters.own_secrets import OWN_SECRETS
from backend_adapters.sentences import join_sentences
from backend_adapters.transport.origin import is_sent_in_clear
from backend_adapters.transport.target import Target, Tls
from backend_adapters.transport.url import host_and_port, normalize_url
from tui.config.named_files import SECRET_FILES, find_unreadable_files
from tui.config.profiles import Config
from tui.config.resolved import (
    ConfigError,
    OriginKind,
    ResolvedSettings,
    ResolvedValue,
    ValueOrigin,
    resolve_settings,
)
from tui.config.settings import PROFILE_SETTINGS, SHARED_SETTINGS
from tui.connection.address import Address, parse_address
from tui.connection.login import LOGIN_KINDS, LoginDetails, LoginPlan, plan_login

INSECURE = "INSECURE: the server's certificate is not checked."
PLAIN_HTTP = (
    "PLAIN HTTP: the login can be read in transit. Use https; if plain http is intended, "
    "set allow_plain = true in the profile, or GRAPHTOP_ALLOW_PLAIN=1."
)

_USUAL_GRAPH = "hugegraph"
"""What most servers call their graph, and themselves in all their messages."""


class ResolvedConnection(Struct, frozen=True, kw_only=True):
    """A server to talk to, and the settings that hold there."""

    target: Target
    settings: ResolvedSettings


class ConnectionPlan(Struct, frozen=True, kw_only=True):
    """A server that was named, and how to log in there; no secret has been fetched yet."""

    settings: ResolvedSettings
    address: Address
    dialect: str
    login: LoginPlan

    def log_in(self) -> ResolvedConnection:
        """Fetch the secret, for which the terminal may be used. Raises ConfigError."""
        return self.make_connection(self.login.fetch_login())

    def log_in_beside_others(self) -> ResolvedConnection:
        """The same for one of several places: the prompt names it, and can be skipped. Raises ConfigError."""
        return self.make_connection(self.login.fetch_login(self._name_server() or self.login.host))

    def make_connection(self, login: LoginDetails) -> ResolvedConnection:
        """The connection with this login. Raises ConfigError for a file that can't be read."""
        for name, problem in find_unreadable_files(self.settings).items():
            if name not in SECRET_FILES:
                raise ConfigError(problem)
        return ResolvedConnection(target=self._make_target(login), settings=self.settings)

    def list_warnings(self, config: Config) -> list[str]:
        """What a person should know before anything is sent, each a sentence."""
        settings = self.settings
        warnings = [self.login.warning] if self.login.warning else []
        if not settings.profile and (problem := config.summarize_problems(None)):
            warnings.append(f"{problem} The config file is ignored.")
        if settings.profile and settings.untrusted:
            warnings.append(settings.untrusted)
        if settings.insecure.value:
            warnings.append(INSECURE)
        return [*warnings, *self.list_remarks()]

    def list_remarks(self) -> list[str]:
        """What of the settings has no effect, or is unsafe without being wrong, each a sentence."""
        settings, remarks = self.settings, []
        if self._withholds_login():
            host = host_and_port(normalize_url(settings.url.value or ""))
            remarks.append(
                f"The login of the profile {settings.profile} is not sent to {host}:"
                " it is for the profile's own server."
            )
        in_clear = self.login.credentials.has_login and is_sent_in_clear(settings.url.value or "")
        if in_clear and not settings.allows_plain_login:
            remarks.append(PLAIN_HTTP)
        return [*remarks, *_list_overruled(settings)]

    def _withholds_login(self) -> bool:
        """Whether the profile has a login for its own server, while another server is named, without any."""
        if self.settings.is_profile_server or (
            self.login.credentials.has_login and not self.login.asks_password
        ):
            return False
        logins = (self.settings.get_value(kind) for kind in LOGIN_KINDS)
        return any(login.value and login.origin.kind is OriginKind.PROFILE for login in logins)

    def _make_target(self, login: LoginDetails) -> Target:
        settings = self.settings
        graph = self._choose(settings.graph, self.address.graph)
        graphspace = self._choose(settings.graphspace, self.address.graphspace)
        OWN_SECRETS.show_names(settings.profile, graph, graphspace, _USUAL_GRAPH)
        return Target(
            url=self.address.server,
            dialect=self.dialect,
            graph=graph,
            graphspace=graphspace,
            project=self._choose(settings.project, self.address.project) or login.project,
            paths=settings.paths.value,
            credentials=login.credentials,
            tls=Tls(
                ca_file=settings.ca_file.value,
                client_cert=settings.client_cert.value,
                client_key=settings.client_key.value,
                insecure=settings.insecure.value,
            ),
            profile=self._name_server(),
        )

    def _choose(self, setting: ResolvedValue[str | None], in_address: str | None) -> str | None:
        """A setting, or what the address holds, which counts as much as what set the address.

        An empty setting, as of a list that is of no single graph, stands for none.
        """
        if in_address is not None and self.settings.url.origin.kind < setting.origin.kind:
            return in_address
        return in_address if setting.value is None else setting.value or None

    def _name_server(self) -> str:
        """What the header shows: the profile, with the host where that is not the profile's server."""
        profile = self.settings.profile
        if not profile or self.settings.url.origin.kind is OriginKind.PROFILE:
            return profile
        return f"{profile}@{host_and_port(normalize_url(self.address.server))}"


def resolve_flags(
    flags: Mapping[str, object],
    profile: str | None,
    environ: Mapping[str, str],
    config: Config,
    *,
    strict: bool = True,
) -> ResolvedSettings:
    """Every setting, for the profile that a flag, a variable or the file names. Raises ConfigError.

    `flags` are values by the names of settings. `strict` as in `resolve_settings`.
    """
    name, origin = _choose_profile(profile, flags.get("url"), environ, config)
    return resolve_settings(
        config, profile=name, profile_origin=origin, flags=flags, environ=environ, strict=strict
    )


def _choose_profile(
    flag: str | None, url: object, environ: Mapping[str, str], config: Config
) -> tuple[str | None, str]:
    """The profile to use and what names it; none for a URL that is given: it gets no other server's login."""
    if flag or url:
        return flag, ""
    if environ.get("GRAPHTOP_PROFILE"):
        return environ["GRAPHTOP_PROFILE"], "GRAPHTOP_PROFILE"
    if environ.get("GRAPHTOP_URL") or config.default is None:
        return None, ""
    return config.default, "default_profile"


def require_server(settings: ResolvedSettings, config: Config, address: str = "") -> None:
    """Raise ConfigError where no server is named; a mistake in the file, which may name one, comes first.

    `address` is one that stands elsewhere on the command line.
    """
    if settings.url.value:
        return
    if problem := config.summarize_problems(None):
        raise ConfigError(join_sentences(problem, "No server given: correct the config file, or use --url."))
    if address:
        raise ConfigError(f"No server given. Write --url before its address: --url {address}")
    raise ConfigError("No server given. Use --url with an address, or -p with a profile's name.")


def plan_connection(settings: ResolvedSettings, environ: Mapping[str, str]) -> ConnectionPlan:
    """How to reach the server that is named. Raises ConfigError.

    `environ` holds what logs in; an empty one keeps the environment's secrets from this server.
    """
    address = parse_address(settings.url.value or "")
    dialect = settings.dialect.value
    if dialect == "auto":
        dialect = address.dialect or "auto"
    login = plan_login(settings, dialect, environ)
    settings = _choose_graph_of_address(settings, address)
    return ConnectionPlan(settings=settings, address=address, dialect=dialect, login=login)


def _choose_graph_of_address(settings: ResolvedSettings, address: Address) -> ResolvedSettings:
    """The settings without `graphs` where an address of more weight names a graph. Raises ConfigError."""
    url, graphs = settings.url.origin, settings.graphs.origin
    if address.graph is None or not settings.graphs.value or graphs.kind < url.kind:
        return settings
    if graphs.kind == url.kind:
        raise ConfigError(f"{graphs.text}: graphs can't be used together with the graph in the url.")
    return replace(settings, graphs=ResolvedValue(()))


def plan_profile(
    config: Config,
    name: str | None,
    *,
    url: str = "",
    flags: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    place: Mapping[str, object] | None = None,
) -> ConnectionPlan:
    """How to reach the server of a profile, or of an address, that is one of several. Raises ConfigError.

    What flags and variables say of a server, a graph or a login is for none of them: only what can hold for
    several servers counts. `place` has values that go before the profile's, by the names of settings.
    """
    names = {setting.name for setting in SHARED_SETTINGS}
    variables = {setting.variable for setting in SHARED_SETTINGS}
    shared = {name: value for name, value in (flags or {}).items() if name in names}
    settings = resolve_settings(
        config,
        profile=name,
        flags={**shared, "url": url} if url else shared,
        environ={name: value for name, value in (environ or {}).items() if name in variables},
    )
    return plan_connection(choose_place(settings, place or {}), {})


def choose_graph(settings: ResolvedSettings, scope: Scope) -> ResolvedSettings:
    """The settings with the graph and the graphspace of `scope`, if it names a graph."""
    return choose_place(settings, list_graph_values(scope))


def list_graph_values(scope: Scope) -> dict[str, object]:
    """The settings that name a graph; none where `scope` doesn't name one."""
    return {"graph": scope.graph, "graphs": (), "graphspace": scope.graphspace} if scope.graph else {}


def choose_place(settings: ResolvedSettings, place: Mapping[str, object]) -> ResolvedSettings:
    """The settings with these values, by their names, which go before all others."""
    origin = ValueOrigin(OriginKind.FLAG, "the place")
    return replace(settings, **{name: ResolvedValue(value, origin) for name, value in place.items()})


def _list_overruled(settings: ResolvedSettings) -> list[str]:
    """A sentence for each guard of a profile that a flag or a variable can't turn off."""
    guards = ((setting.name, settings.get_value(setting.name)) for setting in PROFILE_SETTINGS)
    return [
        f"{guard.overruled} has no effect: the profile {guard.origin.profile} sets {name} = true"
        f" ({guard.origin.text})."
        for name, guard in guards
        if guard.overruled
    ]

"""Where a server is and how to talk to it: all that an adapter is opened with."""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit, urlunsplit

from msgspec import Struct, field
from msgspec.structs import force_setattr

from backend_adapters.errors import Unreachable, Wants
from backend_adapters.own_secrets import OWN_SECRETS

if TYPE_CHECKING:
    import httpx

PathStyle: TypeAlias = Literal["auto", "classic", "graphspace"]
"""`/graphs/{g}` (classic), `/graphspaces/{gs}/graphs/{g}` (graphspace), or found out (auto)."""

Secret: TypeAlias = Callable[[], str | None]
"""Gives a password or a token when it is needed; must answer quickly, so keep what was slow to get."""


Again: TypeAlias = Callable[[], Awaitable[None]]
"""Fetches a secret anew, in its own time; what it can't get leaves the old one."""


_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")
_NAME = re.compile(r"[A-Za-z0-9_.-]*")
"""What a host may be called; the underscore is of containers. One that is empty is told apart."""


class Keys(Struct, frozen=True):
    """An access key with its secret key, as cloud APIs are signed with; no repr shows the secrets."""

    access: str
    secret: str
    security_token: str = ""
    """Comes with temporary keys."""

    def __repr__(self) -> str:
        """The access key, and that there is a secret."""
        return f"Keys({self.access!r}, …)"


class Credentials:
    """Who logs in, and how to get at the secret; the secret itself is in no attribute and no repr."""

    __slots__ = ("_again", "_keys", "_password", "_token", "user")

    def __init__(
        self,
        user: str | None = None,
        password: Secret | None = None,
        token: Secret | None = None,
        keys: Callable[[], Keys | None] | None = None,
        again: Again | None = None,
    ) -> None:
        """Secrets are asked for when they are needed; `again` fetches a new one after a refusal."""
        self.user = user
        OWN_SECRETS.show_names(user)
        self._again = again
        self._password = password
        self._token = token
        self._keys = keys

    @property
    def renewable(self) -> bool:
        """Whether there is a way to fetch a new secret."""
        return self._again is not None

    @property
    def logs_in(self) -> bool:
        """Whether there is anything to log in with, without asking for it."""
        return not (self.user is None and self._token is None and self._keys is None)

    @property
    def kind(self) -> Wants | None:
        """What it logs in with now; None where there is nothing."""
        if (self.token() or "").strip():
            return "token"
        if self.user is not None and self._password is not None:
            return "password"
        return "keys" if self.keys() is not None else None

    async def ask_again(self) -> None:
        """Fetch a new secret after the server refused the last one, where there is a way to."""
        if self._again is not None:
            await self._again()

    def keys(self) -> Keys | None:
        """The keys to sign with now."""
        keys = self._keys() if self._keys else None
        if keys is not None:
            OWN_SECRETS.add(keys.secret)
            OWN_SECRETS.add(keys.security_token)
        return keys

    def renew_token(self, token: Secret) -> None:
        """Log in with this token from now on, in place of whatever was before."""
        self._forget()
        self._token = token

    def renew_keys(self, keys: Keys) -> None:
        """Sign with these keys from now on, in place of whatever was before."""
        self._forget()
        self._keys = lambda: keys

    def password(self) -> str:
        """The password now, empty where there is none."""
        password = (self._password() if self._password else None) or ""
        OWN_SECRETS.add(password)
        return password

    def token(self) -> str | None:
        """The bearer token now; it goes before user and password."""
        token = self._token() if self._token else None
        OWN_SECRETS.add(token or "")
        return token

    def renew(self, user: str, password: Secret) -> None:
        """Log in as this user from now on, in place of whatever was before."""
        self._forget()
        self.user, self._password = user, password
        OWN_SECRETS.show_names(user)

    def _forget(self) -> None:
        self.user = self._password = self._token = self._keys = self._again = None

    def __repr__(self) -> str:
        """Only the kind and the user's name."""
        if self._keys is not None:
            return "Credentials(keys)"
        if self._token is not None:
            return "Credentials(token)"
        return f"Credentials(user={self.user!r})" if self.user else "Credentials()"


class Found(Struct, frozen=True):
    """What a dialect's own places hold to log in with: the environment, and the files its tools use."""

    credentials: Credentials
    """Empty ones where there is only a project."""
    project: str | None
    source_text: str
    """Where it was found, for a person: `HUAWEICLOUD_SDK_AK`, `~/.huaweicloud/credentials`."""


class Timeouts(Struct, frozen=True):
    """Seconds to wait for a connection, and for the next bytes of an answer."""

    connect: float = 5.0
    read: float = 30.0


class Tls(Struct, frozen=True, kw_only=True):
    """How an https server is trusted, and what it is shown."""

    ca_file: str | None = None
    """A file of certificates to trust, in place of the usual ones."""
    client_cert: str | None = None
    client_key: str | None = None
    """The key of the client certificate, where it is not in the same file."""
    insecure: bool = False
    """The server's certificate is not checked at all."""


class Target(Struct, frozen=True, kw_only=True):
    """One place to look at: a server, a dialect, perhaps a graph, and how to log in.

    User and password in the URL are taken out at once: they would end up in messages and in `ps`.
    Raises Unreachable when the URL is none.
    """

    url: str
    profile: str = ""
    """A name for a person; the URL's host and port where none is given."""
    dialect: str = "auto"
    graph: str | None = None
    graphspace: str | None = None
    paths: PathStyle = "auto"
    project: str | None = None
    """The project of a cloud account, where the dialect has projects (GES)."""
    since: str | None = None
    """Only jobs that began on this day or later, `2026-11-23`, where the server can tell."""
    until: str | None = None
    """Only jobs up to and with this day."""
    credentials: Credentials = field(default_factory=Credentials)
    timeouts: Timeouts = Timeouts()
    tls: Tls = Tls()
    http: httpx.AsyncBaseTransport | None = None
    """Instead of the network: `httpx.ASGITransport(app)`, for tests."""
    now: Callable[[], float] = time.time
    """This machine's time in seconds since 1970, to compare the server's with; tests have their own."""
    demo: int | None = None
    """The seed of a simulated server within this process, to talk to instead of the network."""

    def __post_init__(self) -> None:
        url = clean_url(self.url)
        force_setattr(self, "url", url)
        force_setattr(self, "profile", self.profile or host_of(url))


def clean_url(url: str) -> str:
    """The URL with a scheme, without userinfo, query, fragment and closing slash; raises Unreachable."""
    text = url.strip()
    if "://" not in text:
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
        _check_host(host or "")
    except ValueError:
        raise _no_address(url) from None
    # Blanks are looked for in the text itself: the parser drops some of them.
    blank = _BLANK.search(text.rpartition("@")[2])
    if parts.scheme not in ("http", "https") or not host or port == 0 or blank:
        raise _no_address(url)
    place = netloc(host, port)
    return urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", ""))


def _check_host(host: str) -> None:
    """Raise ValueError for what no host is called, or no client can ask: `ho st`, `10.0.0.256`, `xn--`."""
    if host.isascii() and ":" not in host and not _NAME.fullmatch(host):
        raise ValueError("no name of a host")
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+){3}", host):
        ipaddress.IPv4Address(host)
    elif ":" in host:
        ipaddress.IPv6Address(host)
    elif not host.isascii() or "xn--" in host:
        # Imported here: hardly any host has such a name.
        import idna

        (idna.decode if host.isascii() else idna.encode)(host)


def host_of(url: str) -> str:
    """Host and port of a clean URL, the port also where it is the scheme's own: `db.example:443`."""
    parts = urlsplit(url)
    return netloc(parts.hostname or "", parts.port or default_port(parts.scheme))


def default_port(scheme: str) -> int:
    """The port of a URL that names none."""
    return 443 if scheme == "https" else 80


def netloc(host: str, port: int | None) -> str:
    """Host and port as a URL has them: `db.example:8080`, `[::1]:8080`."""
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if port is None else f"{bracketed}:{port}"


def _no_address(url: str) -> Unreachable:
    """The error for something that is no address; userinfo is cut off before it is shown."""
    shown = "".join(sign if sign.isprintable() else "\ufffd" for sign in url.rpartition("@")[2])
    error = Unreachable(f"'{shown}' is not the address of a server.", hint="Write it as http://host:8080.")
    error.retryable = False
    return error

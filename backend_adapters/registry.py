"""The dialects that graphtop speaks: one entry for each, whose code is imported when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from typing import Any

from backend_adapters.backend import Backend
from backend_adapters.dialect import KEYS_FORM, LOGIN_FORMS, TOKEN_FORM, Dialect, LoginForm
from backend_adapters.errors import LoginKind, Unsupported
from backend_adapters.model import Task
from backend_adapters.transport.credentials import FoundCredentials
from backend_adapters.transport.target import Target

DEFAULT_DIALECT = "auto"
"""The dialect of an address that tells none."""

_HUGEGRAPH_PATH = (
    r"(?:/graphspaces(?:/(?P<graphspace>[^/?#]+))?)?/graphs(?:/(?P<graph>[^/?#]+))?(?:/.*)?$"
    r"|/(?:versions|apis)/?$"
)
_GES_PATH = r"/{version}/(?P<project>[^/?#]+)(?:/graphs(?:[/?#].*)?)?/?$"
_GES_GRAPH_PATH = (
    r"/ges/(?:v1\.0|v2)/(?P<project>[^/?#]+)"
    r"(?:/graphs(?:/(?!jobs\b)(?P<graph>[^/?#]+)/jobs\b.*|[/?#].*)?)?/?$"
)
_GES_LOGIN_FORMS: Mapping[LoginKind, LoginForm] = {"keys": KEYS_FORM, "token": TOKEN_FORM}
_GES_FINDER = "backend_adapters.ges.credentials:find_huawei_credentials"

DIALECTS: dict[str, Dialect] = {
    entry.name: entry
    for entry in (
        Dialect(
            name="ges-graph",
            title="one GES graph's own jobs",
            needs_project=True,
            adapter="backend_adapters.ges.graph_backend:GesGraphBackend",
            demo="backend_adapters.simulator.demo_targets:make_ges_demo",
            url_path=_GES_GRAPH_PATH,
            login_forms=_GES_LOGIN_FORMS,
            credentials_finder=_GES_FINDER,
        ),
        Dialect(
            name="ges-v2",
            title="GES, API version 2",
            needs_project=True,
            adapter="backend_adapters.ges.adapter:GesBackend",
            demo="backend_adapters.simulator.demo_targets:make_ges_demo",
            url_path=_GES_PATH.format(version="v2"),
            login_forms=_GES_LOGIN_FORMS,
            credentials_finder=_GES_FINDER,
        ),
        Dialect(
            name="ges",
            title="GES, API version 1",
            needs_project=True,
            adapter="backend_adapters.ges.adapter:GesBackend",
            demo="backend_adapters.simulator.demo_targets:make_ges_demo",
            url_path=_GES_PATH.format(version=r"v1\.0"),
            url_host=r"(?i:(?:^|//)ges\.[\w-]+\.myhuaweicloud\.\w+)",
            login_forms=_GES_LOGIN_FORMS,
            credentials_finder=_GES_FINDER,
        ),
        Dialect(
            name="ges-v1-2019",
            title="GES, API of 2019",
            needs_project=True,
            adapter="backend_adapters.ges.adapter:GesBackend",
            demo="backend_adapters.simulator.demo_targets:make_ges_demo",
            login_forms=_GES_LOGIN_FORMS,
            credentials_finder=_GES_FINDER,
        ),
        Dialect(
            name="computerdis",
            title="HugeGraph's computer jobs",
            part_of=("hugegraph", DEFAULT_DIALECT),
            part_test="backend_adapters.hugegraph.computer.job_types:is_computer_job",
            adapter="backend_adapters.hugegraph.computer.adapter:ComputerBackend",
            demo="backend_adapters.simulator.demo_targets:make_hugegraph_demo",
            demo_url="http://computer.demo",
        ),
        Dialect(
            name="hugegraph",
            adapter="backend_adapters.hugegraph.adapter:HugeGraphBackend",
            demo="backend_adapters.simulator.demo_targets:make_hugegraph_demo",
        ),
        Dialect(
            name=DEFAULT_DIALECT,
            title="judged by the address",
            adapter="backend_adapters.hugegraph.adapter:HugeGraphBackend",
            demo="backend_adapters.simulator.demo_targets:make_hugegraph_demo",
            url_path=_HUGEGRAPH_PATH,
        ),
    )
}
"""By name. What begins first in an address tells its dialect; the default one is compared with it last."""


def open_backend(target: Target) -> Backend:
    """Make the adapter for a target, without any request; raises Unsupported for an unknown dialect."""
    dialect = DIALECTS.get(target.dialect)
    if dialect is None:
        known = ", ".join(sorted(DIALECTS))
        raise Unsupported(f'There is no dialect "{target.dialect}". graphtop supports: {known}.')
    if target.demo is not None and dialect.demo:
        target = _load(dialect.demo)(target, target.demo)
    backend: Backend = _load(dialect.adapter)(target)
    return backend


def find_part_test(dialect: str, others: Collection[str]) -> Callable[[Task], bool] | None:
    """Whether a task of a list in this dialect is also in a list of the same graph, in one of the others.

    None where no such list has any of its tasks.
    """
    for other in others:
        entry = DIALECTS.get(other)
        if entry is not None and dialect in entry.part_of:
            test: Callable[[Task], bool] = _load(entry.part_test)
            return test
    return None


def find_credentials(dialect: str, environ: Mapping[str, str]) -> FoundCredentials | None:
    """What the environment and the usual files of this dialect hold to log in with; None for nothing.

    Asks no network. What is given explicitly goes before it. Raises BackendError for a file that is there
    and can't be read.
    """
    if not has_credentials_finder(dialect):
        return None
    found: FoundCredentials | None = _load(DIALECTS[dialect].credentials_finder)(environ)
    return found


def has_credentials_finder(dialect: str) -> bool:
    """Whether the dialect has places of its own where credentials may be found."""
    return dialect in DIALECTS and bool(DIALECTS[dialect].credentials_finder)


def find_login_form(dialect: str, wants: LoginKind) -> LoginForm:
    """The fields that a person is asked for when a server of this dialect wants this kind of login."""
    entry = DIALECTS.get(dialect)
    return (entry and entry.login_forms.get(wants)) or LOGIN_FORMS[wants]


def _load(place: str) -> Callable[..., Any]:
    """Import what `module:name` says."""
    module, _, name = place.partition(":")
    loaded: Callable[..., Any] = getattr(import_module(module), name)
    return loaded

"""The dialects that graphtop speaks, each imported when it is asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.backend import Backend
from backend_adapters.errors import Unsupported
from backend_adapters.transport.target import Credentials, Keys, PathStyle, Secret, Target, Timeouts

if TYPE_CHECKING:
    import httpx

__all__ = ["DIALECTS", "Credentials", "Keys", "PathStyle", "Secret", "Target", "Timeouts", "open_backend"]

DIALECTS = {
    "auto": "backend_adapters.hugegraph.adapter:HugeGraphBackend",
    "hugegraph": "backend_adapters.hugegraph.adapter:HugeGraphBackend",
}
"""Dialect name -> `module:class`; the class takes a Target and nothing else. A new dialect is a new line."""


def open_backend(target: Target) -> Backend:
    """Make the adapter for a target, without any request; raises Unsupported for an unknown dialect."""
    if target.demo is not None:
        target = replace(target, http=_demo(target.demo))
    place = DIALECTS.get(target.dialect)
    if place is None:
        known = ", ".join(sorted(DIALECTS))
        raise Unsupported(f"There is no dialect '{target.dialect}'. graphtop knows: {known}.")
    module, _, name = place.partition(":")
    return cast(Backend, getattr(import_module(module), name)(target))


@cache
def _demo(seed: int) -> httpx.AsyncBaseTransport:
    """The demo's server, called in this process: the same one again after a switch of the graph."""
    import httpx

    from backend_adapters.simulator import DEMO, hugegraph_app

    return httpx.ASGITransport(hugegraph_app(dataclasses.replace(DEMO, seed=seed)))


class Found(Struct, frozen=True):
    """Credentials that were found where the tools of a cloud keep them."""

    credentials: Credentials
    project: str | None = None
    origin: str = ""
    """Where they were found, for a person: `HUAWEICLOUD_SDK_AK`."""


def found_credentials(dialect: str, environ: Mapping[str, str]) -> Found | None:  # noqa: ARG001
    """What a dialect's own environment variables and files say; None where they say nothing."""
    return None

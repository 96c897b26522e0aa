"""A new dialect is one entry of the registry: everything that depends on the dialect takes it from there."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from backend_adapters.dialect import CredentialField, Dialect
from backend_adapters.hugegraph.adapter import HugeGraphBackend
from backend_adapters.registry import DIALECTS, find_credentials, find_login_form, open_backend
from backend_adapters.simulator import HugeGraphSettings, hugegraph_app
from backend_adapters.transport.credentials import Credentials, FoundCredentials
from backend_adapters.transport.target import Target
from tests.adapters import contract
from tui.cli.setting_flags import add_connection_flags
from tui.config.profiles import parse_config
from tui.connection.address import Address, parse_address
from tui.screens.dialogs.login import LoginScreen

FORM = (CredentialField("user", "Moon name", is_secret=False), CredentialField("secret", "Moon word"))


class MoonBackend(HugeGraphBackend):
    """The adapter of a database that speaks as HugeGraph does."""


def find_moon_credentials(environ: Mapping[str, str]) -> FoundCredentials | None:
    """The user whom the environment names."""
    user = environ.get("MOON_USER")
    return FoundCredentials(Credentials(user), None, "MOON_USER") if user else None


ENTRY = Dialect(
    name="moon",
    adapter=f"{__name__}:MoonBackend",
    demo="backend_adapters.simulator.demo_targets:make_hugegraph_demo",
    url_path=r"/moons(?:/(?P<graph>[^/?#]+))?(?:/.*)?$",
    url_host=r"//moon\.",
    login_forms={"password": FORM},
    credentials_finder=f"{__name__}:find_moon_credentials",
)


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DIALECTS, ENTRY.name, ENTRY)


def flags() -> argparse.ArgumentParser:
    """A command's parser with the flags that name a server."""
    parser = argparse.ArgumentParser()
    add_connection_flags(parser)
    return parser


def test_the_flag_and_the_config_file_take_it() -> None:
    assert flags().parse_args(["--dialect", "moon"]).dialect == "moon"
    assert "moon" in flags().format_help()
    text = '[profiles.luna]\nurl = "http://h"\ndialect = "{}"\n'
    assert not parse_config(text.format("moon"), Path("c.toml")).problems
    (problem,) = parse_config(text.format("mooon"), Path("c.toml")).problems
    assert "Did you mean moon?" in problem.message


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://h:1/moons/m/tasks/7", Address("http://h:1", graph="m", dialect="moon")),
        ("http://moon.example", Address("http://moon.example", dialect="moon")),
        ("http://h:1/graphs/g", Address("http://h:1", graph="g")),
    ],
)
def test_an_address_tells_it(url: str, address: Address) -> None:
    assert parse_address(url) == address


def test_its_form_and_its_finder_are_used() -> None:
    assert find_login_form("moon", "password") == FORM
    assert LoginScreen("h", form=find_login_form("moon", "password"))._form == FORM
    found = find_credentials("moon", {"MOON_USER": "ann"})
    assert found is not None
    assert found.credentials.user == "ann"
    assert find_credentials("moon", {}) is None


async def test_its_demo_opens_its_adapter() -> None:
    backend = open_backend(Target(url=ENTRY.demo_url, dialect="moon", demo=1))
    assert isinstance(backend, MoonBackend)
    assert (await backend.connect()).product == "HugeGraph"
    await backend.aclose()


@pytest.mark.parametrize("check", contract.EVERYWHERE, ids=lambda check: check.__name__)
async def test_the_contract_suite_runs_on_it(check: contract.Check) -> None:
    http = httpx.ASGITransport(hugegraph_app(HugeGraphSettings(history=5, specials=False, pace=0)))
    await contract.run_check(
        check, contract.ContractServer("moon", Target(url="http://h", dialect="moon", http=http))
    )

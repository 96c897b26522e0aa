"""What a profile guards stays guarded, whatever a variable says and however its server is named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tui.config.profiles import parse_config
from tui.config.resolved import ResolvedSettings, resolve_settings

HERE = Path("/etc/graphtop/config.toml")
FILE = """\
[profiles.prod]
url = "https://prod.example"
production = true
[profiles.frozen]
url = "http://localhost:8080"
read_only = true
[profiles.admin]
url = "http://localhost:8080"
[profiles.cloud]
url = "https://ges.example"
project = "p1"
production = true
"""


def resolve(
    profile: str = "", url: str = "", environ: Mapping[str, str] | None = None, project: str = ""
) -> ResolvedSettings:
    flags = {"url": url, "project": project}
    return resolve_settings(parse_config(FILE, HERE), profile=profile, flags=flags, environ=environ or {})


def guards(one: ResolvedSettings) -> tuple[bool, bool]:
    return one.production.value, one.read_only.value


@pytest.mark.parametrize("word", ["0", "false", "no", "off"])
def test_no_variable_takes_a_guard_away(word: str) -> None:
    environ = {"GRAPHTOP_PRODUCTION": word, "GRAPHTOP_READ_ONLY": word}
    assert guards(resolve("prod", environ=environ)) == (True, False)
    held = resolve("frozen", environ=environ)
    assert guards(held) == (False, True)
    assert held.read_only.origin.text == f"{HERE}:6"
    assert held.read_only.overruled == "GRAPHTOP_READ_ONLY"
    assert held.production.overruled == "", "there was nothing to overrule"


def test_a_variable_and_a_flag_still_add_a_guard() -> None:
    assert guards(resolve("admin", environ={"GRAPHTOP_READ_ONLY": "1"})) == (False, True)
    added = resolve_settings(parse_config(FILE, HERE), profile="admin", flags={"production": True})
    assert (guards(added), added.production.origin.text) == ((True, False), "--production")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://prod.example", (True, False)),
        ("https://PROD.example:443/graphs/hugegraph/tasks", (True, False)),
        ("https://prod.example.", (True, False)),
        ("http://127.0.0.1:8080", (False, True)),
        ("https://prod.example:8443", (False, False)),
        ("https://other.example", (False, False)),
    ],
)
def test_a_profiles_server_named_by_its_address_has_the_profiles_guards(
    url: str, expected: tuple[bool, bool]
) -> None:
    assert guards(resolve(url=url)) == expected
    assert guards(resolve(environ={"GRAPHTOP_URL": url})) == expected
    lowered = {"GRAPHTOP_URL": url, "GRAPHTOP_PRODUCTION": "0", "GRAPHTOP_READ_ONLY": "0"}
    assert guards(resolve(environ=lowered)) == expected


def test_which_profile_guards_is_told() -> None:
    said = resolve(url="http://127.0.0.1:8080").read_only
    assert (said.origin.profile, said.origin.text) == ("frozen", f"{HERE}:6")


def test_a_profile_of_the_server_that_is_used_counts_alone() -> None:
    assert guards(resolve("admin")) == (False, False), "frozen is another profile of the same server"
    assert guards(resolve("admin", "http://127.0.0.1:8080")) == (False, False)
    assert guards(resolve("admin", "https://prod.example")) == (True, False), "now it is another server"
    assert guards(resolve("prod", "https://other.example")) == (True, False), "a profile keeps its guards"


def test_of_a_server_that_many_share_another_project_is_another_place() -> None:
    assert guards(resolve(url="https://ges.example")) == (True, False)
    assert guards(resolve(url="https://ges.example", project="p1")) == (True, False)
    assert guards(resolve(url="https://ges.example", project="p2")) == (False, False)

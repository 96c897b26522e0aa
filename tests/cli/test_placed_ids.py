"""Ids with their places: how they are read, and which profile is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.cli.errors import UsageError
from tui.cli.work.placed_ids import read_whole_id
from tui.config.profiles import parse_config
from tui.config.resolved import ConfigError

CONFIG = parse_config(
    "".join(f'[profiles."{name}"]\nurl = "http://h"\n' for name in ("prod", "prod:eu", "a b", "x/y")),
    Path("/etc/graphtop/config.toml"),
)


@pytest.mark.parametrize(
    ("word", "read"),
    [
        ("prod:DEFAULT/g/12", ("prod", "DEFAULT", "g", "12")),
        ("prod:g/12", ("prod", None, "g", "12")),
        ("prod:ff80", ("prod", None, "", "ff80")),
        ("prod:eu:g/12", ("prod:eu", None, "g", "12")),
        ("a b:g/12", ("a b", None, "g", "12")),
        ("x/y:g/12", ("x/y", None, "g", "12")),
    ],
)
@pytest.mark.parametrize("names_place", [False, True])
def test_an_id_is_read_with_the_longest_profile(word: str, read, names_place: bool) -> None:
    whole = read_whole_id(word, CONFIG, names_place=names_place)
    assert whole is not None
    assert (whole.profile, whole.scope.graphspace, whole.scope.graph, whole.id) == read
    assert whole.place_name == word[: -len(whole.id) - 1]


@pytest.mark.parametrize("word", ["12", "ff80-x", "a/b", "http://host:8080/x", "https://h"])
def test_what_has_no_place_is_a_plain_id(word: str) -> None:
    assert read_whole_id(word, CONFIG, names_place=False) is None


def test_a_colon_may_stand_in_a_plain_id_where_its_place_is_named() -> None:
    assert read_whole_id("dev:12", CONFIG, names_place=True) is None
    with pytest.raises(ConfigError, match="dev"):
        read_whole_id("dev:12", CONFIG, names_place=False)
    with pytest.raises(ConfigError, match='"dev", which does not exist'):
        read_whole_id("dev:g/12", CONFIG, names_place=True)


@pytest.mark.parametrize("word", ["--url=http://evil.example", "-p:12", ":12", "::g/12"])
@pytest.mark.parametrize("names_place", [False, True])
def test_what_could_be_an_option_names_no_place(word: str, names_place: bool) -> None:
    assert read_whole_id(word, CONFIG, names_place=names_place) is None


@pytest.mark.parametrize("word", ["dev:../12", "dev://h", "dev:g/1 2", "dev:"])
def test_what_is_no_id_is_refused_before_its_profile_is_looked_for(word: str) -> None:
    with pytest.raises(UsageError, match="is not a task id"):
        read_whole_id(word, CONFIG, names_place=False)


@pytest.mark.parametrize(
    "word",
    ["prod:", "prod:/1", "prod:g/", "prod:-x/1", "prod:g/../1", "prod:a/b/c/1", "prod:g/1 2", "prod:g/.."],
)
def test_a_part_that_could_be_an_option_or_a_path_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match="is not a task id"):
        read_whole_id(word, CONFIG, names_place=False)

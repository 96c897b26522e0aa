"""The config file and what it comes to: every mistake is pointed at, every value says who said it."""

from __future__ import annotations

import argparse
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target, Tls
from tui.cli.setting_flags import add_connection_flags, read_setting_flags
from tui.cli.work.connect import connect_by_flags
from tui.config.example import EXAMPLE_CONFIG, format_profile, suggest_profile_name
from tui.config.named_files import find_unreadable_files
from tui.config.options import make_screen_options
from tui.config.profiles import Config, find_config, load_config, parse_config, shorten_path
from tui.config.resolved import ConfigError, OriginKind, ResolvedSettings, resolve_settings
from tui.config.settings import PROFILE_SETTINGS, SETTINGS, SETTINGS_BY_NAME
from tui.config.toml_lines import find_error_line, find_key_line, find_lines
from tui.connection.resolve import ResolvedConnection, plan_connection
from tui.monitor.journal.file import default_journal_path

HERE = Path("/etc/graphtop/config.toml")
KNOWN = ", ".join(setting.name for setting in PROFILE_SETTINGS)
TWO = """\
default_profile = "dev"
[screen]
utc = true

[profiles.dev]
url = "http://dev:8080"

[profiles."prod eu"]
url = "https://prod:8443/hg"
graph = "g"
interval = 5
read_only = true
production = true
ca_file = "ca.pem"
"""


def wrong(text: str) -> list[str]:
    """What is wrong with a text: `line: words`."""
    return [f"{problem.line}: {problem.message}" for problem in parse_config(text, HERE).problems]


# --- the file ----------------------------------------------------------------------------------------


def test_a_file_is_read_with_the_line_of_each_value() -> None:
    config = parse_config(TWO, HERE)
    assert not config.problems
    assert (config.default, list(config.profiles)) == ("dev", ["dev", "prod eu"])
    entries = config.profiles["prod eu"].entries
    assert {name: entry.line for name, entry in entries.items()} == {
        "url": 9,
        "graph": 10,
        "interval": 11,
        "read_only": 12,
        "production": 13,
        "ca_file": 14,
    }
    assert (entries["interval"].value, entries["read_only"].value) == (5.0, True)
    assert config.screen["utc"].line == 3


def test_the_example_is_a_file_without_a_mistake_and_names_every_setting() -> None:
    config = parse_config(EXAMPLE_CONFIG, HERE)
    assert not config.problems
    assert config.default == "dev"
    for setting in SETTINGS:
        assert f"{setting.name} = " in EXAMPLE_CONFIG, setting.name
    loud = EXAMPLE_CONFIG.replace("\n# password_file", "\npassword_file").replace("\n# ca_file", "\nca_file")
    assert not parse_config(loud, HERE).problems


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("url = 'http://h'", ["1: Unknown key \"url\". It belongs in a profile, below a line such as"
                              " [profiles.prod]."]),
        ("default_profil = 'x'", ["1: Unknown key \"default_profil\". Did you mean default_profile?"]),
        ("xyz = 1", ["1: Unknown key \"xyz\". Use default_profile, profiles, screen,"
                      " findings, history_days, history_megabytes."]),
        ("default_profile = 'prd'\n[profiles.prod]\nurl = 'h'",
         ["1: default_profile names \"prd\", but there is no such profile. Did you mean prod?"]),
        ("default_profile = 1", ["1: default_profile must be the name of a profile, in quotes."]),
        ("[profiles.p]\nurl = 'h'\nread_olny = true",
         ["3: Unknown key \"read_olny\" in [profiles.p]. Did you mean"
                                                      " read_only?"]),
        ("[profiles.p]\nurl = 'h'\nread-only = true",
         ["3: Unknown key \"read-only\" in [profiles.p]. Did you mean"
                                                      " read_only?"]),
        ("[profiles.p]\nurl = 'h'\n\ninterval = '3'", ["4: interval must be a number of seconds."]),
        ("[profiles.p]\nurl = 'h'\ninterval = 0", ["3: interval must be between 0.2 and 3600 seconds."]),
        ("[profiles.p]\nurl = 'h'\ninterval = nan", ["3: interval must be between 0.2 and 3600 seconds."]),
        ("[profiles.p]\nurl = 'h'\nread_only = 1", ["3: read_only must be true or false."]),
        ("[profiles.p]\nurl = 'h'\ngraph = 3", ["3: graph must be a string in quotes."]),
        ("[profiles.p]\nurl = 'h'\ngraph = ' '", ["3: graph must not be empty."]),
        ("[profiles.p]\nurl = 'h'\ngraphs = '*'",
         ["3: graphs must be a list of strings, such as [\"a\", \"b\"]."]),
        ("[profiles.p]\nurl = 'h'\ngraphs = [1]",
         ["3: graphs must be a list of strings, such as [\"a\", \"b\"]."]),
        ("[profiles.p]\nurl = 'h'\n\ngraphs = []", ["4: graphs must not be empty."]),
        ("[profiles.p]\nurl = 'h'\ngraphs = ['a', '']", ["3: graphs must not be empty."]),
        ("[profiles.p]\nurl = 'h'\ngraphs = ['a/b/c']",
         ["3: graphs must be names of graphs, such as social, test* or DEFAULT/social."]),
        ("[profiles.p]\nurl = 'h'\ngraphs = ['*']\ngraph = 'g'",
         ["3: graphs can't be used together with graph."]),
        ("[profiles.p]\nurl = 'h'\nuser = 'a\tb'", ["3: user must not contain line breaks or invisible"
         " characters."]),
        ("[profiles.p]\nurl = 'ftp://h'", ["2: url is not a server address; write it as"
                                          " http://host:8080."]),
        ("[profiles.p]\nurl = 'h'\ndialect = 'hugegrap'",
         ["3: dialect must be one of {dialects}. Did you mean hugegraph?"]),
        ("[profiles.p]\nurl = 'h'\npassword_command = \"pass 'x\"",
         ["3: password_command is not a command: no closing quotation."]),
        ("[profiles.p]\ngraph = 'g'", ["1: [profiles.p] has no url."]),
        ("[profiles]\np = 3", ["2: [profiles.p] must be a table of settings."]),
        ("profiles = 3", ["1: profiles must be tables, each below a line such as [profiles.prod]."]),
        ("[profiles.-p]\nurl = 'h'", ["1: A profile's name must be printable and must not begin with"
         " a hyphen."]),
        ("[screen]\nthem = 'x'", ["2: Unknown key \"them\" in [screen]. Did you mean theme?"]),
        ("screen = []", ["1: [screen] must be a table of settings."]),
        ("a = 1\nb =\n", ["2: Invalid TOML: expected a value (strings need quotes)."]),
        ("a = " + "1" * 5000, ["1: A number has too many digits."]),
        ("a = " + "[" * 5000, ["1: The config file is nested more than 8 levels deep."]),
        ("\na.b.c.d.e.f.g.h.i = 1", ["2: The config file is nested more than 8 levels deep."]),
        ("[a . 'b' . \"c\" . d . e.f.g.h.i]", ["1: The config file is nested more than 8 levels deep."]),
        ("a = \"\"\"\n#\n\"\"\"\nb = " + "{c = " * 9 + "1" + "}" * 9,
         ["4: The config file is nested more than 8 levels deep."]),
        ("x" * 41 + " = 1", [f"1: Unknown key \"{'x' * 39}…\" Use default_profile, profiles,"
                             " screen, findings, history_days, history_megabytes."]),
        ("x" * 40 + " = 1", [f"1: Unknown key \"{'x' * 40}\". Use default_profile, profiles,"
                             " screen, findings, history_days, history_megabytes."]),
        ("default_profile = 'x'", ["1: default_profile names \"x\", but there is no such profile."]),
        ("[profiles.'']\nurl = 'h'", ["1: A profile's name must be printable and must not begin with"
         " a hyphen."]),
        ("[profiles.p]\nurl = 'h'\ngraph = ''\nuser = 3", ["3: graph must not be empty.",
                                                          "4: user must be a string in quotes."]),
        ("[profiles.p]\nurl = 'h'\ninterval = true", ["3: interval must be a number of seconds."]),
        ("[profiles.p]\nurl = 'h'\npaths = 'x'", ["3: paths must be one of auto, classic, graphspace."]),
        ("[screen]\npassword = 'x'", ["2: Unknown key \"password\" in [screen]. Use theme, utc, ascii,"
                                                 " title, notify, notify_command."]),
        ("[profiles.p]\nurl = 'h'\n[profiles.p.q]\nx = 1", ["3: Unknown key \"q\" in [profiles.p]. Use"
                                                           f" {KNOWN}."]),
    ],
)  # fmt: skip
def test_every_mistake_names_its_line_and_what_to_write(text: str, said: list[str]) -> None:
    from backend_adapters.registry import DIALECTS

    assert wrong(text) == [words.replace("{dialects}", ", ".join(sorted(DIALECTS))) for words in said]


@pytest.mark.parametrize(
    "text",
    [
        "a.b.c.d.e.f.g.h = 1",
        "a = " + "[" * 8 + "1" + "]" * 8,
        "a = [\n" + "[1.5],\n" * 20 + "]",
        "url = 'http://a.b.c.d.e.f.g.h.i.j'  # [[[[[[[[[ a.b.c.d.e.f.g.h.i",
        'a = "{{{{{{{{{ \\" a.b.c.d.e.f.g.h.i"',
        'a = """\na.b.c.d.e.f.g.h.i = 1\n[[[[[[[[[\n\\""""',
        "a = '''\na.b.c.d.e.f.g.h.i\n'''",
    ],
)
def test_what_is_not_deep_is_not_called_so(text: str) -> None:
    tomllib.loads(text)
    assert not any("deep" in one for one in wrong(text))


def test_keys_of_thousands_of_parts_do_not_reach_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = ".".join("a" * 15_000) + " = 1"
    parsed, loads = [], tomllib.loads

    def recorded(text: str) -> dict[str, object]:
        parsed.append(text)
        return loads(text)

    monkeypatch.setattr(tomllib, "loads", recorded)
    assert wrong(bomb) == ["1: The config file is nested more than 8 levels deep."]
    assert wrong(f"[profiles.p]\nurl = 'h'\ngraph = '''\n{bomb}\n'''") == [
        "3: graph must not contain line breaks or invisible characters."
    ]
    assert bomb not in parsed


@pytest.mark.parametrize(
    "key",
    ["password", "token", "Pass", "secret", "sk", "ak", "passwd", "access-key", "access_key", "secret_key"],
)
def test_a_secret_in_the_file_is_refused_and_never_repeated(key: str) -> None:
    (said,) = wrong(f"[profiles.p]\nurl = 'h'\n{key} = 'hunter2'")
    assert "Keep secrets out of this file: use password_command" in said
    assert "hunter2" not in said
    (said,) = wrong("[profiles.p]\nurl = 'http://admin:hunter2@h'")
    assert "hunter2" not in said
    assert "2: url must not contain a user or password" in said


def test_a_mistake_in_one_profile_leaves_the_others_open() -> None:
    config = parse_config("[profiles.a]\nurl = 'h'\n[profiles.b]\nurl = 3", HERE)
    assert resolve_settings(config, profile="a").url.value == "h"
    with pytest.raises(ConfigError, match=r"config.toml:4: url must be a string in quotes\.$"):
        resolve_settings(config, profile="b")


@given(st.text(max_size=300))
def test_any_text_is_read_or_has_a_mistake_on_a_line_that_it_has(text: str) -> None:
    config = parse_config(text, HERE)
    lines = max(1, len(text.splitlines()))
    assert all(1 <= problem.line <= lines for problem in config.problems)
    if not config.problems:
        tomllib.loads(text)


_KEYS = st.sampled_from([*SETTINGS_BY_NAME, "password", "nope", "'a b'"])
_VALUES = st.sampled_from(
    [
        "true",
        "1",
        "2.5",
        "'http://h'",
        "'x'",
        "''",
        "[1]",
        "['x']",
        "{a=1}",
        "1979-05-27",
        '"""\nx\n"""',
        "nan",
        "=",
    ]
)
_HEADS = st.sampled_from(["[profiles.p]", "[profiles]", "[screen]", "[[x]]", "[profiles.p.q]", "# [a]", ""])


@given(st.lists(st.one_of(_HEADS, st.builds("{} = {}".format, _KEYS, _VALUES)), max_size=12))
def test_what_looks_like_a_file_of_profiles_is_read_or_has_mistakes_with_lines(lines: list[str]) -> None:
    text = "\n".join(lines)
    config = parse_config(text, HERE)
    assert all(1 <= problem.line <= len(text.splitlines()) + 1 for problem in config.problems)
    for profile in config.profiles.values():
        for name, entry in profile.entries.items():
            value = list(entry.value) if isinstance(entry.value, tuple) else entry.value
            assert SETTINGS_BY_NAME[name].parse_toml(value) == entry.value
            assert name in text.splitlines()[entry.line - 1] or "{" in text


def test_a_file_that_there_is_not_is_none_of_a_mistake(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    config = load_config({})
    assert (config.exists, config.problems, config.profiles) == (False, (), {})
    assert config.path == tmp_path / "graphtop" / "config.toml"
    config.path.parent.mkdir()
    config.path.write_text(TWO)
    assert load_config({}).exists


def test_a_path_is_short_where_it_is_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    paths = ("/home/ann/x", "/home/anne/x", "/home/ann", "/x")
    assert [shorten_path(Path(path)) for path in paths] == ["~/x", "/home/anne/x", "/home/ann", "/x"]
    monkeypatch.setenv("HOME", "/")
    assert shorten_path(Path("/x")) == "/x"


def test_what_a_profile_says() -> None:
    profile = parse_config(TWO, HERE).profiles["prod eu"]
    assert (profile.line, profile.get_text("graph"), profile.get_text("user")) == (8, "g", "")
    assert (profile.is_true("read_only"), profile.is_true("insecure"), profile.is_true("graph")) == (
        True,
        False,
        False,
    )


def test_lines_are_found_under_every_kind_of_head() -> None:
    found = find_lines('a.b = 1\n[ c . "d e" ] # x\n  "f" = 2\n[[g]]\nh=1\n')
    assert found == {("a", "b"): 1, ("c", "d e"): 2, ("c", "d e", "f"): 3, ("g",): 4, ("g", "h"): 5}
    assert find_lines("x = 1\nx = 2\n[=]\ny = 3\n# z = 4\n") == {("x",): 1, ("y",): 4}
    assert find_key_line(found, ("c", "d e", "nope", "deeper")) == 2
    assert find_key_line(found, ("nope",)) == 1
    assert find_error_line(ValueError("bad (at line 7, column 3)"), "") == 7
    assert find_error_line(ValueError("bad (at end of document)"), "a\nb\nc") == 3
    assert find_error_line(ValueError("bad"), "") == 1


def test_where_the_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert find_config({}) == tmp_path / "xdg" / "graphtop" / "config.toml"
    assert shorten_path(find_config({})) == "~/xdg/graphtop/config.toml"
    assert find_config({"GRAPHTOP_CONFIG": "~/x.toml"}) == tmp_path / "x.toml"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    def said(path: Path) -> str:
        (problem,) = load_config({"GRAPHTOP_CONFIG": str(path)}).problems
        return f"{problem.line}: {problem.message}"

    assert said(tmp_path / "none") == "1: GRAPHTOP_CONFIG names a file that does not exist."
    assert said(tmp_path) == "1: Can't read the config file: Is a directory."
    latin = tmp_path / "latin"
    latin.write_bytes(b"# ok\n# caf\xe9\n")
    assert said(latin) == "2: The config file is not UTF-8."
    latin.write_bytes(b"\n\xe9\n")
    assert said(latin) == "2: The config file is not UTF-8."
    large = tmp_path / "large"
    large.write_bytes(b"#" * 65_537)
    assert said(large) == "1: The config file is larger than 64 kB."
    large.write_bytes(b"#" * 65_536)
    assert not load_config({"GRAPHTOP_CONFIG": str(large)}).problems
    marked = tmp_path / "marked"
    marked.write_bytes(b"\xef\xbb\xbf[profiles.p]\r\nurl = 'h'\r\n")
    assert not load_config({"GRAPHTOP_CONFIG": str(marked)}).problems


# --- the order ---------------------------------------------------------------------------------------


def test_flag_goes_before_variable_before_profile_before_default() -> None:
    config = parse_config(TWO, HERE)
    environ = {"GRAPHTOP_GRAPH": "from-variable", "GRAPHTOP_INTERVAL": "9"}
    settings = resolve_settings(config, profile="prod eu", flags={"graph": "from-flag"}, environ=environ)
    assert (settings.graph.value, settings.graph.origin.text) == ("from-flag", "--graph")
    assert (settings.interval.value, settings.interval.origin.text) == (9.0, "GRAPHTOP_INTERVAL")
    assert (settings.read_only.value, settings.read_only.origin.text) == (True, f"{HERE}:12")
    assert (settings.paths.value, settings.paths.origin.text) == ("auto", "default")
    assert (settings.utc.value, settings.utc.origin.kind) == (True, OriginKind.PROFILE)
    assert settings.ca_file.value == "/etc/graphtop/ca.pem"
    assert find_unreadable_files(settings) == {
        "ca_file": f"{HERE}:14: ca_file names a file that can't be read: no such file or directory."
    }


def test_several_graphs_or_one_whichever_has_more_weight() -> None:
    config = parse_config("[profiles.p]\nurl = 'h'\ngraphs = ['social', 'test*', 'social']", HERE)
    settings = resolve_settings(config, profile="p")
    assert settings.graphs.value == ("social", "test*")
    assert settings.graphs.origin.text == f"{HERE}:3"
    settings = resolve_settings(config, profile="p", flags={"graph": "g"})
    assert (settings.graph.value, settings.graphs.value) == ("g", ())
    settings = resolve_settings(
        parse_config(TWO, HERE), profile="prod eu", environ={"GRAPHTOP_GRAPHS": "a, DEFAULT/b*"}
    )
    assert (settings.graph.value, settings.graphs.value) == (None, ("a", "DEFAULT/b*"))
    both = {"GRAPHTOP_GRAPHS": "a", "GRAPHTOP_GRAPH": "b"}
    with pytest.raises(ConfigError, match=r"^GRAPHTOP_GRAPHS can't be used together with GRAPHTOP_GRAPH\.$"):
        resolve_settings(config, environ=both)
    assert resolve_settings(config).graphs.value == ()


def test_a_graph_in_the_address_and_several_graphs() -> None:
    config = parse_config("[profiles.p]\nurl = 'http://h:1/graphs/g'\ngraphs = ['*']", HERE)
    with pytest.raises(ConfigError, match=r"config.toml:3: graphs can't be used together with the graph in"):
        plan_connection(resolve_settings(config, profile="p"), {})
    plan = plan_connection(resolve_settings(config, profile="p", flags={"url": "http://h:1/graphs/f"}), {})
    assert (plan.address.graph, plan.settings.graphs.value) == ("f", ())
    plan = plan_connection(resolve_settings(config, profile="p", environ={"GRAPHTOP_GRAPHS": "a"}), {})
    assert plan.settings.graphs.value == ("a",)


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"GRAPHTOP_GRAPHS": "a,,b"}, r"^GRAPHTOP_GRAPHS must not be empty\.$"),
        ({"GRAPHTOP_INTERVAL": "soon"}, r"^GRAPHTOP_INTERVAL must be a number of seconds\.$"),
        ({"GRAPHTOP_READ_ONLY": "maybe"}, r"^GRAPHTOP_READ_ONLY must be 1 or 0, true or false\.$"),
        ({"GRAPHTOP_DIALECT": "hugegrph"}, r"^GRAPHTOP_DIALECT must be one of .*. Did you mean hugegraph\?$"),
    ],
)
def test_a_variable_that_is_wrong(environ: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        resolve_settings(parse_config(TWO, HERE), environ=environ)


def test_a_variable_can_say_no_and_an_empty_one_says_nothing() -> None:
    settings = resolve_settings(
        parse_config(TWO, HERE), profile="prod eu", environ={"GRAPHTOP_UTC": "0", "GRAPHTOP_GRAPH": ""}
    )
    assert (settings.utc.value, settings.utc.origin.text) == (False, "GRAPHTOP_UTC")
    assert settings.graph.value == "g"


def test_a_profile_that_there_is_not() -> None:
    with pytest.raises(ConfigError, match=r'^No profile "dve"\. Did you mean dev\?$'):
        resolve_settings(parse_config(TWO, HERE), profile="dve")
    with pytest.raises(
        ConfigError, match=r'^X names the profile "zzz", which does not exist\. Use one of dev, prod eu\.$'
    ):
        resolve_settings(parse_config(TWO, HERE), profile="zzz", profile_origin="X")
    with pytest.raises(ConfigError, match=r"The config file /etc/graphtop/config\.toml does not exist\.$"):
        resolve_settings(Config(path=HERE, exists=False), profile="dev")


# --- the place ---------------------------------------------------------------------------------------


def placed(
    *flags: str, text: str = TWO, environ: Mapping[str, str] | None = None, tmp_path: Path
) -> ResolvedConnection:
    """The place that a command's flags come to."""
    file = tmp_path / "config.toml"
    file.write_text(text)
    (tmp_path / "ca.pem").touch()
    parser = argparse.ArgumentParser()
    add_connection_flags(parser)
    return connect_by_flags(
        read_setting_flags(parser.parse_args(flags)), {"GRAPHTOP_CONFIG": str(file), **(environ or {})}
    )


def test_a_place_is_the_profile_with_its_safeguards(tmp_path: Path) -> None:
    here = placed("-p", "prod eu", tmp_path=tmp_path)
    assert (here.target.profile, here.target.url, here.target.graph) == (
        "prod eu",
        "https://prod:8443/hg",
        "g",
    )
    assert (here.settings.read_only.value, here.settings.production.value, here.settings.interval.value) == (
        True,
        True,
        5.0,
    )
    assert here.target.tls == Tls(ca_file=str(tmp_path / "ca.pem"))


def test_which_profile_is_meant(tmp_path: Path) -> None:
    def name(*flags: str, **environ: str) -> str:
        return placed(*flags, environ=environ, tmp_path=tmp_path).target.profile

    assert name() == "dev"
    assert name(GRAPHTOP_PROFILE="prod eu") == "prod eu"
    assert name("-p", "dev", GRAPHTOP_PROFILE="prod eu") == "dev"
    assert name("--url", "http://x:1", GRAPHTOP_PROFILE="prod eu") == "x:1"
    assert name(GRAPHTOP_URL="http://y:2") == "y:2"
    assert name("-p", "dev", "--url", "http://x:1") == "dev@x:1"
    assert name("-p", "dev", GRAPHTOP_URL="http://x:1") == "dev@x:1"


def test_a_url_alone_takes_nothing_from_any_profile(tmp_path: Path) -> None:
    here = placed("--url", "http://x:1", text=TWO.replace('"dev"', '"prod eu"', 1), tmp_path=tmp_path)
    assert (
        here.target.graph,
        here.settings.read_only.value,
        here.settings.production.value,
        here.target.tls,
    ) == (
        None,
        False,
        False,
        Tls(),
    )


def test_an_address_that_names_its_graph_counts_as_much_as_who_gave_it(tmp_path: Path) -> None:
    url = "http://x:1/graphs/from-url/tasks"
    assert placed("--url", url, environ={"GRAPHTOP_GRAPH": "h"}, tmp_path=tmp_path).target.graph == "from-url"
    assert placed("--url", url, "--graph", "h", tmp_path=tmp_path).target.graph == "h"
    text = f"[profiles.p]\nurl = '{url}'\n"
    assert placed("-p", "p", text=text, tmp_path=tmp_path).target.graph == "from-url"


@pytest.mark.parametrize(
    ("flags", "text", "words"),
    [
        ((), "", r"^No server given\. Use --url"),
        (("--url", "http://a:b@h"), "", r"^--url must not contain a user or password"),
        (("--url", "ftp://h"), "", r"^--url is not a server address"),
        (
            ("-p", "x"),
            "[profiles.x]\nurl = 'h'\nread_olny = true",
            r"config.toml:3: .*Did you mean read_only\?$",
        ),
        (
            ("-p", "x"),
            "[profiles.x]\nurl = 'h'\nclient_cert = 'no.pem'",
            r"client_cert names a file that can't be",
        ),
        (("-p", "x"), "[profiles.x]\nurl = 'h'\npassword_command = 'true'", r"password_command needs a user"),
        (("-p", "x"), "[profiles.x", r"config.toml:1: Invalid TOML"),
    ],
)
def test_what_makes_no_place(tmp_path: Path, flags: tuple[str, ...], text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        placed(*flags, text=text, tmp_path=tmp_path)


def test_a_broken_file_is_told_and_left_out_where_no_profile_is_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert placed("--url", "http://x:1", text="[profiles.x", tmp_path=tmp_path).target.url == "http://x:1"
    assert "config.toml:1: Invalid TOML" in capsys.readouterr().err


def test_an_insecure_place_says_so_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert placed("--url", "https://x:1", "--insecure", tmp_path=tmp_path).target.tls.insecure
    assert capsys.readouterr().err == "graphtop: INSECURE: the server's certificate is not checked.\n"


@pytest.mark.parametrize(
    ("url", "said", "dialect"),
    [
        ("http://x:1", None, "auto"),
        ("http://x:1", "ges", "ges"),
        ("https://ges.cn-north-4.myhuaweicloud.com", None, "ges"),
        ("https://ges.cn-north-4.myhuaweicloud.com", "auto", "ges"),
        ("https://x/v2/p/graphs/jobs", "auto", "ges-v2"),
        ("https://x/v2/p/graphs/jobs", "ges", "ges"),
    ],
)
def test_the_dialect_auto_takes_that_of_the_address(tmp_path: Path, url, said, dialect) -> None:
    flags = ("--dialect", said) if said else ()
    target = placed("--url", url, *flags, "--project", "q", tmp_path=tmp_path).target
    assert (target.dialect, target.project) == (dialect, "q")


def test_every_part_of_a_place_reaches_the_server(tmp_path: Path) -> None:
    for name in ("cert", "key"):
        (tmp_path / name).touch()
    flags = "--url http://x:1 --graph g --graphspace s --project p --paths classic --user u --insecure"
    files = ("--client-cert", str(tmp_path / "cert"), "--client-key", str(tmp_path / "key"))
    environ = {"GRAPHTOP_PASSWORD": "pw", "GRAPHTOP_INTERVAL": "7", "GRAPHTOP_NO_JOURNAL": "1"}
    here = placed(*flags.split(), *files, environ=environ, tmp_path=tmp_path)
    target = here.target
    assert (target.url, target.graph, target.graphspace, target.project) == ("http://x:1", "g", "s", "p")
    assert (target.paths, target.credentials.user, target.credentials.password()) == ("classic", "u", "pw")
    assert target.tls == Tls(
        client_cert=str(tmp_path / "cert"), client_key=str(tmp_path / "key"), insecure=True
    )
    assert (
        here.settings.interval.value,
        here.settings.journal.value,
        here.settings.read_only.value,
        here.settings.production.value,
    ) == (7.0, False, False, False)


def test_the_keys_of_the_environment_bring_their_project(tmp_path: Path) -> None:
    keys = {"HUAWEICLOUD_SDK_AK": "a", "HUAWEICLOUD_SDK_SK": "s", "HUAWEICLOUD_SDK_PROJECT_ID": "theirs"}
    url = ("--url", "https://x:1", "--dialect", "ges")
    environ = {"HOME": str(tmp_path), **keys}
    assert placed(*url, environ=environ, tmp_path=tmp_path).target.project == "theirs"
    mine = placed(*url, "--project", "mine", environ=environ, tmp_path=tmp_path)
    assert mine.target.project == "mine"


@pytest.mark.parametrize("name", ["ca_file", "client_cert", "client_key"])
@pytest.mark.parametrize(
    ("kind", "why"), [("folder", "it is a folder"), ("none", "no such file or directory")]
)
def test_a_file_that_can_not_be_read_is_in_the_way(tmp_path: Path, name: str, kind: str, why: str) -> None:
    (tmp_path / "folder").mkdir()
    text = f"[profiles.x]\nurl = 'h'\n{name} = '{kind}'"
    words = f"{tmp_path}/config.toml:3: {name} names a file that can't be read: {why}."
    with pytest.raises(ConfigError) as refused:
        placed("-p", "x", text=text, tmp_path=tmp_path)
    assert str(refused.value) == words


def test_a_pipe_counts_as_a_file_that_can_be_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    settings = resolve_settings(parse_config(TWO, HERE), flags={"ca_file": str(tmp_path / "pipe")})
    assert find_unreadable_files(settings) == {}


def test_a_broken_profile_is_told_where_it_is_used_and_other_faults_where_no_profile_is(
    tmp_path: Path, capsys
) -> None:
    text = "[profiles.x]\nurl = 3\n[profiles.y]\nurl = 'h'\n"
    assert placed("--url", "http://x:1", text=text, tmp_path=tmp_path).target.profile == "x:1"
    assert placed("-p", "y", text=text, tmp_path=tmp_path).target.profile == "y"
    assert capsys.readouterr().err == ""
    text += "[screen]\nutc = 3\nascii = 4\n"
    assert placed("--url", "http://x:1", text=text, tmp_path=tmp_path).target.profile == "x:1"
    words = f"{tmp_path}/config.toml:6: utc must be true or false. Run `graphtop config check` for 1 more."
    assert capsys.readouterr().err == f"graphtop: {words} The config file is ignored.\n"


def test_a_file_with_a_secret_that_others_can_read_is_told(tmp_path: Path, capsys) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    secret.chmod(0o640)
    placed("--url", "https://x:1", "--token-file", str(secret), tmp_path=tmp_path)
    assert capsys.readouterr().err == (
        f"graphtop: Others can read {secret}, which holds a secret. Run: chmod 600 {secret}\n"
    )


def test_a_profile_with_mistakes_is_used_without_them_where_nobody_is_strict() -> None:
    config = parse_config("[profiles.x]\nurl = 'h'\ngraph = 3\nuser = 'u'", HERE)
    settings = resolve_settings(config, profile="x", strict=False)
    assert (settings.url.value, settings.graph.value, settings.user.value) == ("h", None, "u")
    assert (settings.profile, settings.graph.origin.text) == ("x", "default")
    with pytest.raises(
        ConfigError, match=r"^/etc/graphtop/config\.toml:3: graph must be a string in quotes\.$"
    ):
        resolve_settings(config, profile="x")
    for strict in (True, False):
        with pytest.raises(ConfigError, match=r'No profile "z"'):
            resolve_settings(parse_config(TWO, HERE), profile="z", strict=strict)


def test_a_profile_that_there_is_not_in_a_file_without_any() -> None:
    with pytest.raises(ConfigError, match=r'^No profile "x"\. /etc/graphtop/config\.toml has no profiles\.$'):
        resolve_settings(Config(path=HERE), profile="x")
    with pytest.raises(ConfigError, match=r'^X names the profile "x", which does not exist\. /etc'):
        resolve_settings(Config(path=HERE), profile="x", profile_origin="X")


@pytest.mark.parametrize("word", ["1", "true", "YES", " on "])
def test_a_variable_says_yes(word: str) -> None:
    settings = resolve_settings(
        parse_config(TWO, HERE), environ={"GRAPHTOP_READ_ONLY": word, "GRAPHTOP_NO_JOURNAL": word}
    )
    assert (settings.read_only.value, settings.journal.value) == (True, False)


@pytest.mark.parametrize("word", ["0", "False", "no", "off "])
def test_a_variable_says_no(word: str) -> None:
    config = parse_config("[profiles.x]\nurl = 'h'\ninsecure = true\njournal = false", HERE)
    environ = {"GRAPHTOP_INSECURE": word, "GRAPHTOP_NO_JOURNAL": word}
    settings = resolve_settings(config, profile="x", environ=environ)
    assert (settings.insecure.value, settings.journal.value) == (False, True)


def test_each_setting_is_a_field_of_its_type() -> None:
    fields = get_type_hints(ResolvedSettings)
    assert list(fields)[: len(SETTINGS)] == [setting.name for setting in SETTINGS]
    for setting in SETTINGS:
        (kind,) = get_args(fields[setting.name])
        expected = {setting.kind}
        expected |= {NoneType} if setting.default is None else set()
        expected |= {str} if setting.extra_word else set()
        # `paths` is the literal of its choices.
        parts = (tuple,) if get_origin(kind) is tuple else get_args(kind) or (kind,)
        kinds = {str if isinstance(one, str) else one for one in parts}
        assert kinds == expected, setting.name


def test_the_defaults_are_those_of_nobody() -> None:
    settings = resolve_settings(Config(path=HERE))
    found = {setting.name: settings.get_value(setting.name).value for setting in SETTINGS}
    assert {name: value for name, value in found.items() if value is not None} == {
        "dialect": "auto",
        "graphs": (),
        "paths": "auto",
        "netrc": False,
        "insecure": False,
        "allow_plain": False,
        "interval": 2.0,
        "read_only": False,
        "production": False,
        "journal": True,
        "cache": True,
        "history": True,
        "history_days": 90,
        "history_megabytes": 500,
        "theme": "",
        "utc": False,
        "ascii": False,
        "title": True,
        "notify": "auto",
        "notify_command": "",
    }
    assert {settings.get_value(name).origin.text for name in found} == {"default"}
    assert {settings.get_value(name).origin.kind for name in found} == {OriginKind.DEFAULT}
    assert (settings.profile, settings.profile_origin) == ("", "")


def test_a_flag_can_be_a_number_a_yes_or_a_text() -> None:
    flags = {"interval": 0.5, "read_only": True, "journal": True, "graph": "g", "user": "", "utc": False}
    settings = resolve_settings(Config(path=HERE), flags=flags)
    assert (settings.interval.value, settings.read_only.value, settings.journal.value) == (
        0.5,
        True,
        False,
    )
    assert (settings.interval.origin.text, settings.journal.origin.text) == ("--interval", "--no-journal")
    assert (settings.graph.value, settings.user.value, settings.utc.origin.text) == ("g", None, "default")


@pytest.mark.parametrize("value", ["0.2", "3600", "1e1"])
def test_the_shortest_and_the_longest_interval_can_be_said(value: str) -> None:
    config = parse_config(f"[profiles.x]\nurl = 'h'\ninterval = {value}", HERE)
    assert not config.problems
    assert resolve_settings(config, profile="x").interval.value == float(value)
    assert resolve_settings(config, environ={"GRAPHTOP_INTERVAL": value}).interval.value == float(value)


@pytest.mark.parametrize("value", ["0.19", "3600.1", "inf"])
def test_other_intervals_are_told(value: str) -> None:
    assert wrong(f"[profiles.x]\nurl = 'h'\ninterval = {value}") == [
        "3: interval must be between 0.2 and 3600 seconds."
    ]
    with pytest.raises(ConfigError, match=r"^GRAPHTOP_INTERVAL must be between 0\.2 and 3600 seconds\.$"):
        resolve_settings(parse_config(TWO, HERE), environ={"GRAPHTOP_INTERVAL": value})


def test_files_are_beside_the_profile_or_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    config = parse_config("[profiles.x]\nurl='h'\nca_file='~/ca'\nclient_cert='sub/c'\nclient_key='/k'", HERE)
    settings = resolve_settings(
        config, profile="x", environ={"GRAPHTOP_PASSWORD_FILE": "~/pw"}, flags={"token_file": "t"}
    )
    names = ("ca_file", "client_cert", "client_key", "password_file", "token_file")
    assert [settings.get_value(name).value for name in names] == [
        "/home/ann/ca", "/etc/graphtop/sub/c", "/k", "/home/ann/pw", "t",
    ]  # fmt: skip


def test_the_options_of_the_screen_say_who_made_it_read_only() -> None:
    config = parse_config(TWO, HERE)
    options = make_screen_options(resolve_settings(config, profile="prod eu"))
    assert (options.read_only, options.production, options.utc, options.interval) == (True, True, True, 5.0)
    assert options.read_only_origin.attribution == f"the profile prod eu ({HERE}:12)"
    assert (
        make_screen_options(resolve_settings(config, flags={"read_only": True})).read_only_origin.attribution
        == "--read-only"
    )
    by_variable = make_screen_options(resolve_settings(config, environ={"GRAPHTOP_READ_ONLY": "1"}))
    assert by_variable.read_only_origin.attribution == "GRAPHTOP_READ_ONLY"


# --- what is pasted ----------------------------------------------------------------------------------


def test_a_place_as_a_profile_reads_back_and_holds_no_secret() -> None:
    target = Target(
        url='https://graph.example:8443/a%20b"c',
        graph='g"\\ü',
        graphspace="DEFAULT",
        credentials=Credentials("admin", lambda: "hunter2"),
        tls=Tls(ca_file="/x/ca.pem"),
    )
    text = format_profile(target, extra={"production": True, "read_only": False})
    assert "hunter2" not in text
    config = parse_config(text, HERE)
    assert not config.problems
    settings = resolve_settings(config, profile="graph")
    assert (settings.url.value, settings.graph.value) == (target.url, 'g"\\ü')
    assert (settings.production.value, settings.user.value, settings.ca_file.value) == (
        True,
        "admin",
        "/x/ca.pem",
    )


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("graph.example:8080", "graph"),
        ("127.0.0.1:80", "local"),
        ("10.0.0.7:80", "10-0-0-7"),
        ("[::1]:8", "server"),
        ("localhost", "local"),
        ("my_db-1", "my_db-1"),
        ("é.example:1", "server"),
    ],
)
def test_a_new_profile_gets_a_name(host: str, name: str) -> None:
    assert suggest_profile_name(host) == name


def test_a_place_to_paste_has_each_part_on_a_line() -> None:
    target = Target(
        url="https://h:1", dialect="ges", graph="g\x7f", project="p", paths="classic",
        credentials=Credentials("u"), tls=Tls(ca_file="/a", client_cert="/b", client_key="/c"),
    )  # fmt: skip
    text = format_profile(target, name="mine", extra={"production": True, "insecure": False, "utc": True})
    assert text.splitlines() == [
        "[profiles.mine]",
        'url = "https://h:1"',
        'dialect = "ges"',
        'graph = "g\\u007f"',
        'project = "p"',
        'paths = "classic"',
        'user = "u"',
        'ca_file = "/a"',
        'client_cert = "/b"',
        'client_key = "/c"',
        '# password_command = "pass show …"',
        "production = true",
        "utc = true",
    ]
    assert format_profile(Target(url="h")) == '[profiles.h]\nurl = "http://h"\n'


def test_a_user_without_a_home_has_places_for_files_that_are_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_001)
    assert find_config({}) == Path("/.config/graphtop/config.toml")
    assert default_journal_path({}) == Path("/.local/state/graphtop/journal.jsonl")
    assert not load_config({}).problems

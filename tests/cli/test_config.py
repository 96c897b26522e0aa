"""`graphtop config`: what it prints of the config file, word for word, and what it calls wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Done
from tui.config.example import EXAMPLE_CONFIG
from tui.config.schema import make_schema
from tui.config.settings import SETTINGS
from tui.styles.themes import THEMES

SECRET = "c4nary-Sesame"
PROFILE = """\
default_profile = "prod"
[screen]
utc = true
[profiles.prod]
url = "https://h:8443"
user = "admin"
password_command = "echo c4nary-Sesame"
interval = 2.5
[profiles.b]
url = "https://h"
token_command = "vault"
"""

Check = Callable[..., Done]


@pytest.fixture
def check(call: Callable[..., Done], home: Path) -> Check:
    """Call `graphtop config check` with this config file."""

    def checked(*flags: str, file: str | None = PROFILE, env: dict[str, str] | None = None) -> Done:
        path = home / ".config" / "graphtop" / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        if file is not None:
            path.write_text(file)
        return call("config", "check", *flags, env=env)

    return checked


def test_path_example_and_schema_are_printed(call: Callable[..., Done], home: Path) -> None:
    assert call("config", "path").stdout == f"{home}/.config/graphtop/config.toml\n"
    done = call("config", "example")
    assert (done.returncode, done.stdout, done.stderr) == (0, EXAMPLE_CONFIG, "")
    done = call("config", "schema")
    assert (done.returncode, json.loads(done.stdout), done.stderr) == (0, make_schema(), "")


def test_each_value_is_shown_with_who_says_it(check: Check) -> None:
    done = check("--graph", "g", "--read-only", env={"GRAPHTOP_INTERVAL": "10", "GRAPHTOP_NO_JOURNAL": "1"})
    assert (done.returncode, done.stderr) == (0, "")
    file = "~/.config/graphtop/config.toml"
    assert done.stdout.splitlines() == [
        f"file      {file}",
        "profiles  prod, b",
        "profile   prod  default_profile",
        f"url               https://h:8443  {file}:5",
        "dialect           auto            default  (GRAPHTOP_DIALECT)",
        "graphspace        -               default  (GRAPHTOP_GRAPHSPACE)",
        "graph             g               --graph",
        "graphs            -               default  (GRAPHTOP_GRAPHS)",
        "project           -               default  (GRAPHTOP_PROJECT)",
        "paths             auto            default  (GRAPHTOP_PATHS)",
        f"user              admin           {file}:6",
        f"password_command  echo …          {file}:7",
        "password_file     -               default  (GRAPHTOP_PASSWORD_FILE)",
        "token_command     -               default  (GRAPHTOP_TOKEN_COMMAND)",
        "token_file        -               default  (GRAPHTOP_TOKEN_FILE)",
        "netrc             false           default  (GRAPHTOP_NETRC)",
        "ca_file           -               default  (GRAPHTOP_CA_FILE)",
        "client_cert       -               default  (GRAPHTOP_CLIENT_CERT)",
        "client_key        -               default  (GRAPHTOP_CLIENT_KEY)",
        "insecure          false           default  (GRAPHTOP_INSECURE)",
        "allow_plain       false           default  (GRAPHTOP_ALLOW_PLAIN)",
        "interval          10              GRAPHTOP_INTERVAL",
        "read_only         true            --read-only",
        "production        false           default  (GRAPHTOP_PRODUCTION)",
        "journal           false           GRAPHTOP_NO_JOURNAL",
        "cache             true            default  (GRAPHTOP_NO_CACHE)",
        "history           true            default  (GRAPHTOP_NO_HISTORY)",
        "theme                             default  (GRAPHTOP_THEME)",
        f"utc               true            {file}:3",
        "ascii             false           default  (GRAPHTOP_ASCII)",
        "title             true            default  (GRAPHTOP_NO_TITLE)",
        "notify            auto            default  (GRAPHTOP_NOTIFY)",
        "notify_command                    default  (GRAPHTOP_NOTIFY_COMMAND)",
        "history_days      90              default  (GRAPHTOP_HISTORY_DAYS)",
        "history_megabytes 500             default  (GRAPHTOP_HISTORY_MEGABYTES)",
        f"login             password_command ({file}:7)",
    ]
    assert len(done.stdout.splitlines()) == len(SETTINGS) + 4


@pytest.mark.parametrize(
    ("flags", "file", "lines"),
    [
        (
            (),
            None,
            [
                "file      ~/.config/graphtop/config.toml (does not exist)",
                "profiles  none",
                "profile   none",
            ],
        ),
        (("-p", "b"), PROFILE, ["profile   b  --profile", "token_command     (a command)"]),
        (("--url", "http://x"), PROFILE, ["profile   none", "login             none"]),
    ],
)  # fmt: skip
def test_which_profile_is_used_and_who_logs_in(check: Check, flags, file, lines: list[str]) -> None:
    done = check(*flags, file=file)
    assert (done.returncode, done.stderr) == (0, "")
    told = done.stdout.splitlines()
    assert all(any(one.startswith(line) for one in told) for line in lines), told


def test_a_long_value_moves_no_other_line(check: Check) -> None:
    done = check("--graph", "x" * 60)
    graph, project = (
        next(one for one in done.stdout.splitlines() if one.startswith(n)) for n in ("graph ", "project")
    )
    assert graph == f"graph             {'x' * 60}  --graph"
    assert project == f"project           -{' ' * 47}  default  (GRAPHTOP_PROJECT)"


@pytest.mark.parametrize(
    ("flags", "file", "env", "said"),
    [
        ((), None, {"GRAPHTOP_INTERVAL": "soon"}, ["GRAPHTOP_INTERVAL must be a number of seconds."]),
        (("-p", "x"), PROFILE, {}, ["No profile \"x\". Use one of prod, b."]),
        (
            (),
            "[profiles.a]\nurl = 'h'\npassword_file = 'x'",
            {},
            ["{file}:3: password_file names a file that can't be read: no such file or directory."],
        ),
        (
            ("-p", "a"),
            "[profiles.a]\nurl = 'h'\npassword_file = 'x'",
            {},
            [
                "{file}:3: password_file names a file that can't be read: no such file or directory.",
                "{file}:3: password_file needs a user (--user, or `user` in the profile).",
            ],
        ),
        (("-p", "a"), "[profiles.a]\nurl = 3", {}, ["{file}:2: url must be a string in quotes."]),
        (
            (),
            None,
            {"GRAPHTOP_THEME": "graphtop-drak"},
            ["GRAPHTOP_THEME: Unknown theme \"graphtop-drak\". Did you mean graphtop-dark?"],
        ),
        (
            (),
            None,
            {"GRAPHTOP_THEME": "x"},
            ['GRAPHTOP_THEME: Unknown theme "x". Use one of graphtop-dark, '],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_once(check: Check, flags, file, env, said: list[str]) -> None:
    done = check(*flags, file=file, env=env)
    lines = done.stderr.splitlines()
    words = [f"graphtop: {one.format(file='~/.config/graphtop/config.toml')}" for one in said]
    assert [line[: len(word)] for line, word in zip(lines, words, strict=True)] == words
    assert done.returncode == 2


@pytest.mark.parametrize("theme", [THEMES[-1].name, "nord"])
def test_themes_that_there_are_are_right(check: Check, theme: str) -> None:
    assert check(env={"GRAPHTOP_THEME": theme}).returncode == 0


def test_a_file_with_a_secret_that_others_can_read_is_wrong(check: Check, home: Path) -> None:
    secret = home / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o644)
    done = check("--url", "https://h", "--token-file", str(secret))
    assert done.returncode == 2
    assert (
        done.stderr == f"graphtop: Others can read {secret}, which holds a secret. Run: chmod 600 {secret}\n"
    )
    secret.chmod(0o600)
    assert check("--url", "https://h", "--token-file", str(secret)).returncode == 0


def test_keys_that_can_not_be_read_are_told(check: Check, home: Path) -> None:
    keys = home / ".huaweicloud" / "credentials"
    keys.parent.mkdir()
    keys.write_text(f"nonsense {SECRET}")
    done = check("--url", "http://h", "--dialect", "ges")
    assert done.returncode == 2
    assert done.stderr.startswith(
        f"graphtop: The keys in {keys} can't be read: the file needs a section [basic]"
    )
    assert done.stderr.endswith(" Fix the file, or use other keys.\n")
    assert SECRET not in done.stdout + done.stderr


WRONG_FILES = [
    (b"[profiles.x\n", "config.toml:1: Invalid TOML: "),
    ('[profiles.x]\nurl = "h"\n'.encode("utf-16"), "config.toml:1: The config file is not UTF-8."),
    (
        b'default_profile = "prdo"\n[profiles.prod]\nurl = "h"\n',
        'config.toml:1: default_profile names "prdo"',
    ),
    (None, "config.toml:1: GRAPHTOP_CONFIG names a file that does not exist."),
]


@pytest.mark.parametrize(("file", "said"), WRONG_FILES, ids=["toml", "utf-16", "default", "missing"])
@pytest.mark.parametrize("command", ["ls", "get 1", "watch", "submit -", "doctor -o tsv", "wait 1"])
def test_a_file_that_can_not_be_read_is_told_by_every_command(call, home: Path, file, said, command) -> None:
    path = home / "config.toml"
    if file is not None:
        path.write_bytes(file)
    done = call(*command.split(), env={"GRAPHTOP_CONFIG": str(path)}, stdin="1")
    told = done.stdout if command.startswith("doctor") else done.stderr
    assert (done.returncode, said in told) == (2, True), told
    assert "No server given: correct the config file, or use --url." in told
    assert "Which server?" not in told


def test_a_file_that_can_not_be_read_is_told_for_a_name_too(call, home: Path) -> None:
    path = home / "config.toml"
    path.write_text("[profiles.prod")
    done = call("prod", env={"GRAPHTOP_CONFIG": str(path)})
    assert done.returncode == 2
    assert done.stderr.startswith('graphtop: No command "prod". Profiles can\'t be read: ~/config.toml:1: ')


@pytest.mark.parametrize("command", ["config check", "ls -p prod", "doctor -o tsv -p prod"])
def test_a_secret_in_a_key_that_is_wrong_is_masked(call, home: Path, command: str) -> None:
    path = home / "config.toml"
    path.write_text("[profiles.prod]\nurl = 'http://h'\n'password=hunter2' = 1\n")
    done = call(*command.split(), env={"GRAPHTOP_CONFIG": str(path)})
    said = done.stdout + done.stderr
    assert done.returncode == 2
    assert "config.toml:3: Unknown key" in said
    assert "hunter2" not in said


def test_thresholds_of_problems_are_shown_where_the_file_sets_any(check: Check) -> None:
    assert "findings" not in check().stdout
    done = check(file=f"{PROFILE}[findings]\nslow = false\nslow_times = 2.5\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split() for line in done.stdout.splitlines()[-2:]] == [
        ["findings.slow", "false", "~/.config/graphtop/config.toml:13"],
        ["findings.slow_times", "2.5", "~/.config/graphtop/config.toml:14"],
    ]

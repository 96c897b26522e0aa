"""Where a secret comes from, what goes before what, and that no word of it is ever told."""

from __future__ import annotations

import asyncio
import getpass
import io
import json
import logging
import os
import shlex
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE
from tui.config.profiles import parse_config
from tui.config.resolved import resolve_settings
from tui.connection import secret_sources as holders
from tui.connection.login import LoginDetails, LoginPlan, plan_login
from tui.connection.secret_sources import CommandSecret, FileSecret, LoginError, read_netrc, warn_of_readers

CANARY = "c4nary-Sesame"


def printing(text: str, code: int = 0) -> str:
    """A command that prints a text and ends so."""
    script = f"import sys; print({text!r}); sys.exit({code})"
    return f"{shlex.quote(sys.executable)} -c {shlex.quote(script)}"


def plan(
    profile: str = "",
    flags: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    folder: Path = Path("/nowhere"),
) -> LoginPlan:
    """The plan for a profile with these lines, and these flags and variables."""
    config = parse_config(f"[profiles.p]\nurl = 'https://h.example:8443'\n{profile}", folder / "config.toml")
    assert not config.problems, config.problems
    settings = resolve_settings(config, profile="p", flags=flags or {}, environ=environ or {})
    return plan_login(settings, "auto", environ or {})


def shown(login: LoginDetails) -> str:
    """The credentials as they would be sent."""
    held = login.credentials
    return f"{held.user}:{held.password()}:{held.token()}"


# --- what goes before what ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "flags", "environ", "origin"),
    [
        ("", {}, {}, ""),
        ("user = 'u'", {}, {}, "a prompt"),
        ("user = 'u'", {}, {"GRAPHTOP_PASSWORD": "x"}, "GRAPHTOP_PASSWORD"),
        ("", {}, {"GRAPHTOP_PASSWORD": "x"}, ""),
        ("", {}, {"GRAPHTOP_TOKEN": "x"}, "GRAPHTOP_TOKEN"),
        ("user = 'u'", {}, {"GRAPHTOP_TOKEN": "x", "GRAPHTOP_PASSWORD": "x"}, "GRAPHTOP_TOKEN"),
        ("user = 'u'\npassword_file = 'f'", {}, {}, "password_file (/nowhere/config.toml:4)"),
        ("user = 'u'\npassword_file = 'f'", {}, {"GRAPHTOP_PASSWORD": "x"}, "GRAPHTOP_PASSWORD"),
        ("user = 'u'\npassword_file = 'f'\ntoken_file = 't'", {}, {}, "token_file (/nowhere/config.toml:5)"),
        (
            "token_file = 't'",
            {"token_command": "x"},
            {"GRAPHTOP_TOKEN": "x"},
            "token_command (--token-command)",
        ),
        (
            "user = 'u'",
            {"password_command": "x"},
            {"GRAPHTOP_TOKEN": "x"},
            "password_command (--password-command)",
        ),
        ("user = 'u'\npassword_file = 'f'", {"user": "other"}, {}, "a prompt"),
        ("token_file = 't'", {"user": "other"}, {}, "token_file (/nowhere/config.toml:3)"),
        (
            "user = 'u'\npassword_file = 'f'",
            {},
            {"GRAPHTOP_PASSWORD_COMMAND": "x"},
            "password_command (GRAPHTOP_PASSWORD_COMMAND)",
        ),
    ],
)
def test_flag_variable_profile_prompt(
    profile: str, flags: dict[str, object], environ: dict[str, str], origin: str
) -> None:
    assert plan(profile, flags, environ).source_text == origin


def test_each_source_gives_its_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pw").write_text("from file\r\nsecond line\n")
    (tmp_path / "netrc").write_text("machine h.example login nell password from-netrc\n")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: f"typed at {prompt}")
    command = printing("from command")

    def login(profile: str = "", flags: Mapping[str, object] | None = None, **environ: str) -> str:
        return shown(plan(profile, flags, environ, tmp_path).fetch_login())

    assert login("user = 'u'\npassword_file = 'pw'") == "u:from file:None"
    assert login("token_file = 'pw'") == "None::from file"
    assert login("user = 'u'", {"password_command": command}) == "u:from command:None"
    assert login("", {"token_command": command}) == "None::from command"
    assert login("netrc = true", NETRC=str(tmp_path / "netrc")) == "nell:from-netrc:None"
    assert login("user = 'u'", GRAPHTOP_PASSWORD="pw") == "u:pw:None"
    assert login("user = 'u'") == "u:typed at Password for u at h.example:8443: :None"


async def test_beside_the_screen_nobody_is_asked_at_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("from file\n")
    assert shown(await plan("user = 'u'").fetch_login_aside()) == "u::None"
    assert (
        shown(await plan("user = 'u'\npassword_file = 'pw'", folder=tmp_path).fetch_login_aside())
        == "u:from file:None"
    )
    command = plan("user = 'u'", {"password_command": printing("from command")})
    assert shown(await command.fetch_login_aside()) == "u:from command:None"


async def test_a_secret_is_had_again(tmp_path: Path) -> None:
    file = tmp_path / "pw"
    file.write_text("old\n")
    (tmp_path / "ask.py").write_text(f"print(open({str(file)!r}).read())")
    ask = f"{shlex.quote(sys.executable)} {shlex.quote(str(tmp_path / 'ask.py'))}"
    for holder in (FileSecret(str(file), "x", "password"), CommandSecret(ask, "x", "password")):
        file.write_text("old\n")
        holder.fetch()
        assert holder() == "old"
        file.write_text("new\n")
        await holder.refresh()
        assert holder() == "new"
        file.unlink()
        await holder.refresh()
        assert holder() == "new", "what can't be had again leaves the old one"


async def test_a_file_that_is_empty_for_a_moment_leaves_the_old_secret(tmp_path: Path) -> None:
    file = tmp_path / "pw"
    file.write_text("old\n")
    holder = FileSecret(str(file), "x", "password")
    holder.fetch()
    file.write_text("")
    await holder.refresh()
    assert holder() == "old"


async def test_what_a_shell_made_for_one_reading_is_read_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    holder = FileSecret(str(pipe), "x", "password")
    writing = asyncio.to_thread(pipe.write_text, "once\n")
    _, _ = await asyncio.gather(writing, asyncio.to_thread(holder.fetch))
    await asyncio.wait_for(holder.refresh(), PATIENCE)
    assert holder() == "once"


# --- netrc, and who can read a file -------------------------------------------------------------------


def test_netrc_is_for_its_host_and_its_user(tmp_path: Path) -> None:
    file = tmp_path / "netrc"
    file.write_text(
        f"machine h login ann password {CANARY}\nmachine n password x\ndefault login d password {CANARY}\n"
    )
    assert read_netrc(file, "h", None) == ("ann", CANARY)
    assert read_netrc(file, "h", "ann") == ("ann", CANARY)
    for host, user, words in [
        ("h", "bob", f"{file} has an entry for h, but not for the user bob."),
        ("other", None, f"{file} has no entry for other."),
        ("n", None, f"{file} has an entry for n, but it names no login."),
    ]:
        with pytest.raises(LoginError) as caught:
            read_netrc(file, host, user)
        assert str(caught.value) == words


def test_a_netrc_that_is_none_is_not_repeated(tmp_path: Path) -> None:
    file = tmp_path / "netrc"
    file.write_text(f"machine h\nlogin ann {CANARY}\n")
    with pytest.raises(LoginError, match=r"netrc has a syntax error near line \d\.$") as caught:
        read_netrc(file, "h", None)
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    with pytest.raises(LoginError, match=r"can't be read: No such file"):
        read_netrc(tmp_path / "none", "h", None)


def test_a_file_that_others_can_read_is_warned_about(tmp_path: Path) -> None:
    file = tmp_path / "pw"
    file.write_text(CANARY)
    for mode, warned in ((0o600, False), (0o400, False), (0o640, True), (0o604, True), (0o644, True)):
        file.chmod(mode)
        assert bool(warn_of_readers(file)) is warned, oct(mode)
    file.chmod(0o644)
    said = plan("user = 'u'\npassword_file = 'pw'", folder=tmp_path).warning
    assert said == f"Others can read {file}, which holds a secret. Run: chmod 600 {file}"
    assert not warn_of_readers(tmp_path / "none")


# --- never told ---------------------------------------------------------------------------------------


def sources(tmp_path: Path) -> list[LoginPlan]:
    """Every way to the canary."""
    file, netrc = tmp_path / "pw", tmp_path / "netrc"
    file.write_text(f"{CANARY}\n")
    netrc.write_text(f"machine h.example login nell password {CANARY}\n")
    command = printing(CANARY)
    return [
        plan("user = 'u'", environ={"GRAPHTOP_PASSWORD": CANARY}),
        plan(environ={"GRAPHTOP_TOKEN": CANARY}),
        plan("user = 'u'\npassword_file = 'pw'", folder=tmp_path),
        plan("token_file = 'pw'", folder=tmp_path),
        plan("netrc = true", environ={"NETRC": str(netrc)}),
        plan("user = 'u'", {"password_command": command}),
        plan("", {"token_command": command}),
    ]


def test_no_repr_and_no_log_holds_a_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for source in sources(tmp_path):
        login = source.fetch_login()
        assert CANARY in shown(login), "the canary sings"
        told = f"{login!r} {login} {login.credentials!r} {source.secret_source!r} {source.source_text}"
        assert CANARY not in told
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    ("holder", "words"),
    [
        (CommandSecret(printing(CANARY, 3), "--password-command", "password"), r"\(exit code 3\)"),
        (
            CommandSecret("/no/such/command", "--password-command", "password"),
            "could not be run: No such file",
        ),
        (FileSecret("/no/such/file", "password_file", "password"), "No such file"),
    ],
)
async def test_a_failure_does_not_tell_what_was_printed(
    holder: CommandSecret | FileSecret, words: str
) -> None:
    with pytest.raises(LoginError, match=words) as at_once:
        holder.fetch()
    with pytest.raises(LoginError, match=words) as aside:
        await holder.fetch_aside()
    for caught in (at_once, aside):
        lines = io.StringIO()
        traceback.print_exception(caught.value, file=lines)
        assert CANARY not in lines.getvalue()


@pytest.mark.parametrize("kind", ["password", "token"])
def test_a_profiles_secret_does_not_go_to_a_server_that_a_variable_names(kind: str) -> None:
    profile = f"user = 'u'\n{kind}_command = {json.dumps(printing(CANARY))}"
    assert CANARY in shown(plan(profile).fetch_login())
    elsewhere = plan(profile, environ={"GRAPHTOP_URL": "https://other.example"})
    assert elsewhere.secret_source is None
    assert elsewhere.source_text == "a prompt"


def test_a_switch_within_the_screen_carries_no_keys_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HUAWEICLOUD_SDK_AK", "AK1")
    monkeypatch.setenv("HUAWEICLOUD_SDK_SK", CANARY)
    config = parse_config(
        "[profiles.p]\nurl = 'https://ges.example'\nproject = 'p'", tmp_path / "config.toml"
    )
    settings = resolve_settings(config, profile="p", flags={}, environ={})
    assert plan_login(settings, "ges", {}).credentials.keys() is None
    assert plan_login(settings, "ges", dict(os.environ)).credentials.keys() is not None


# --- what is said where there is no secret -------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "flags", "words"),
    [
        ("password_command = 'true'", {}, "/nowhere/config.toml:3: password_command needs a user"),
        ("", {"password_command": "true"}, "--password-command needs a user"),
        ("", {"password_file": "/x"}, "--password-file needs a user"),
    ],
)
def test_a_password_needs_a_user(line: str, flags: Mapping[str, object], words: str) -> None:
    with pytest.raises(LoginError) as refused:
        plan(line, flags)
    assert str(refused.value) == f"{words} (--user, or `user` in the profile)."


@pytest.mark.parametrize(
    ("line", "flags", "environ", "words"),
    [
        (
            "token_command = 'false'",
            {},
            {},
            "/nowhere/config.toml:3: token_command gave no token (exit code 1)",
        ),
        ("", {"token_command": "true"}, {}, "--token-command gave no token (it printed nothing)"),
        (
            "",
            {},
            {"GRAPHTOP_TOKEN_FILE": "/none"},
            "GRAPHTOP_TOKEN_FILE gave no token (No such file or directory)",
        ),
        (
            "",
            {"user": "u", "password_file": "/dev/null"},
            {},
            "--password-file gave no password (its first line is empty)",
        ),
        (
            "",
            {"user": "u", "password_file": f"/{'x' * 300}"},
            {},
            "--password-file gave no password (File name too long)",
        ),
    ],
)
async def test_a_source_that_gives_nothing_is_named(line, flags, environ, words: str) -> None:
    with pytest.raises(LoginError) as at_once:
        plan(line, flags, environ).fetch_login()
    with pytest.raises(LoginError) as aside:
        await plan(line, flags, environ).fetch_login_aside()
    assert str(at_once.value) == str(aside.value) == f"{words}."


async def test_a_file_that_can_not_be_looked_at_again_leaves_the_secret(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("first")
    holder = FileSecret(str(tmp_path / "pw"), "x", "password")
    holder.fetch()
    (tmp_path / "pw").unlink()
    # A name that is too long.
    (tmp_path / "pw").symlink_to("x" * 300)
    await holder.refresh()
    assert holder() == "first"


def test_a_file_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    (tmp_path / "pw").write_bytes(b"\xff")
    with pytest.raises(LoginError, match=r"^x gave no password \(it is not UTF-8\)\.$"):
        FileSecret(str(tmp_path / "pw"), "x", "password").fetch()
    (tmp_path / "netrc").write_bytes(b"\xff")
    with pytest.raises(LoginError, match=r"netrc is not UTF-8\.$"):
        read_netrc(tmp_path / "netrc", "h", None)


async def test_a_command_that_answers_not_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holders, "COMMAND_TIMEOUT", 0.01)
    holder = CommandSecret("sleep 60", "x", "password")
    with pytest.raises(LoginError, match=r"^x gave no password \(no answer in 0 s\)\.$"):
        await asyncio.to_thread(holder.fetch)
    with pytest.raises(LoginError, match=r"^x gave no password \(no answer in 0 s\)\.$"):
        await holder.fetch_aside()


async def test_a_command_that_can_not_be_one_is_told() -> None:
    holder = CommandSecret("'", "x", "password")
    with pytest.raises(LoginError, match=r"^x gave no password \(it could not be run\)\.$"):
        await holder.fetch_aside()
    with pytest.raises(LoginError, match=r"^x gave no password \(it could not be run\)\.$"):
        holder.fetch()


async def test_only_the_first_line_is_the_secret() -> None:
    holder = CommandSecret(printing("one\r\ntwo"), "x", "password")
    await holder.fetch_aside()
    assert holder() == "one"


def test_a_secret_in_quotes_that_a_shell_would_need_is_quoted_in_the_warning(tmp_path: Path) -> None:
    file = tmp_path / "my file"
    file.write_text("x")
    file.chmod(0o604)
    assert warn_of_readers(file).endswith(f"chmod 600 '{file}'")
    os.mkfifo(tmp_path / "pipe", 0o644)
    assert not warn_of_readers(tmp_path / "pipe"), "what is no file can't be closed to others for long"


def test_where_netrc_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    assert holders.find_netrc({"NETRC": "/x"}) == Path("/x")
    assert holders.find_netrc({"NETRC": ""}) == holders.find_netrc({}) == Path("/home/ann/.netrc")


def test_a_prompt_needs_a_terminal_and_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = plan("user = 'u'")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(LoginError) as refused:
        asked.fetch_login()
    assert (
        str(refused.value)
        == "No password, and no terminal to ask on. Set GRAPHTOP_PASSWORD, or use --password-command."
    )
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)

    def leave(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr(getpass, "getpass", leave)
    with pytest.raises(LoginError, match=r"^No password was typed\.$"):
        asked.fetch_login()


def test_netrc_says_where_it_comes_from_and_who_can_read_it(tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine h.example login nell password x\n")
    netrc.chmod(0o644)
    found = plan("netrc = true", environ={"NETRC": str(netrc)})
    assert found.source_text == "netrc (/nowhere/config.toml:3)"
    assert found.warning == f"Others can read {netrc}, which holds a secret. Run: chmod 600 {netrc}"
    assert plan("netrc = false", environ={"NETRC": str(netrc)}).source_text == ""


def test_an_empty_password_is_one_and_an_empty_token_is_none() -> None:
    assert plan("user = 'u'", environ={"GRAPHTOP_PASSWORD": ""}).source_text == "GRAPHTOP_PASSWORD"
    assert plan("user = 'u'", environ={"GRAPHTOP_TOKEN": ""}).source_text == "a prompt"


KEYS = {"HUAWEICLOUD_SDK_AK": "AK1", "HUAWEICLOUD_SDK_SK": CANARY, "HUAWEICLOUD_SDK_PROJECT_ID": "p9"}


def ges_plan(profile: str, environ: Mapping[str, str]) -> LoginPlan:
    config = parse_config(f"[profiles.p]\nurl = 'https://h.example'\n{profile}", Path("/nowhere/config.toml"))
    return plan_login(resolve_settings(config, profile="p"), "ges", environ)


def test_keys_of_the_environment_log_in_where_nothing_else_is_said(tmp_path: Path) -> None:
    found = ges_plan("", {"HOME": str(tmp_path), **KEYS})
    assert (found.source_text, found.project, found.credentials.keys().access) == (
        "HUAWEICLOUD_SDK_AK",
        "p9",
        "AK1",
    )
    said = ges_plan("token_file = 'x'", {"HOME": str(tmp_path), **KEYS})
    assert (said.source_text, said.project) == ("token_file (/nowhere/config.toml:3)", "p9")

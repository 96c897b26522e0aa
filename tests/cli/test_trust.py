"""Profiles and secrets that others could have written: nothing is run or sent, and every command says why."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from backend_adapters import files
from tests.cli.conftest import Done
from tests.support.other_user import give_away, need_root
from tui.cli.completion.complete import list_candidates
from tui.config.options import ScreenOptions
from tui.config.profiles import load_config
from tui.connection.profile_source import CannotOpen
from tui.connection.profile_switcher import ProfileSwitcher

pytestmark = pytest.mark.usefixtures("long_lines")

NOBODYS = "belongs to nobody, but graphtop runs as root"
Break = Callable[[Path], str]


class Config:
    """A config file with commands that leave a trace, and a server that nobody is."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.path = folder / "config.toml"
        self.ran = folder.parent / "ran"
        secret = folder / "secret"
        secret.write_text("hunter2\n")
        secret.chmod(0o600)
        kinds = {
            "password_command": f"touch {self.ran}",
            "token_command": f"touch {self.ran}",
            "password_file": secret,
            "token_file": secret,
        }
        self.path.write_text(
            "".join(
                f'[profiles.{kind}]\nurl = "http://127.0.0.1:9"\nuser = "ann"\n{kind} = "{value}"\n'
                for kind, value in kinds.items()
            )
            + '[profiles.netrc]\nurl = "http://127.0.0.1:9"\nnetrc = true\n'
            + '[profiles.plain]\nurl = "http://127.0.0.1:9"\n'
        )

    @property
    def env(self) -> dict[str, str | None]:
        return {"GRAPHTOP_CONFIG": str(self.path)}


KINDS = ("password_command", "token_command", "password_file", "token_file", "netrc")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(tmp_path / "etc")


def others_write_the_file(path: Path) -> str:
    path.chmod(0o666)
    return f"Other users can write to {path}. To fix this, run `chmod go-w {path}`."


def others_write_into_the_folder(path: Path) -> str:
    path.parent.chmod(0o777)
    return f"Other users can write to {path.parent}. To fix this, run `chmod go-w {path.parent}`."


def the_file_is_anothers(path: Path) -> str:
    need_root()
    give_away(path)
    return f"{path} {NOBODYS}."


def the_folder_is_anothers(path: Path) -> str:
    need_root()
    give_away(path.parent)
    return f"{path.parent} {NOBODYS}."


BREAKS = (
    others_write_the_file,
    others_write_into_the_folder,
    the_file_is_anothers,
    the_folder_is_anothers,
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("broken", BREAKS)
def test_no_secret_of_a_profile_that_others_could_have_written(
    call, config: Config, broken: Break, kind: str
) -> None:
    why = broken(config.path)
    done = call("ls", "-p", kind, env=config.env)
    assert done.returncode == 2
    (line,) = [number for number, line in enumerate(config.path.read_text().splitlines(), 1)
               if line.startswith(f"{kind} =")]  # fmt: skip
    assert done.stderr == f"graphtop: {config.path}:{line}: {kind} is not used. {why}\n"
    assert not config.ran.exists()


async def test_nor_from_the_screen(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    why = others_write_the_file(config.path)
    monkeypatch.setenv("GRAPHTOP_CONFIG", str(config.path))
    with pytest.raises(CannotOpen, match="password_command is not used") as refused:
        await ProfileSwitcher().open_profile("password_command", ScreenOptions())
    assert str(refused.value).endswith(why)
    assert not config.ran.exists()


def test_nor_for_a_completion(config: Config) -> None:
    others_write_the_file(config.path)
    for kind in KINDS:
        assert list_candidates(["get", "-p", kind, ""], config.env) == []
    assert not config.ran.exists()


def test_a_profile_that_only_its_owner_writes_has_its_command_run(call, config: Config) -> None:
    assert call("ls", "-p", "token_command", env=config.env).returncode == 2
    assert config.ran.exists()


@pytest.mark.parametrize("broken", BREAKS)
def test_the_check_and_the_doctor_say_it(call, config: Config, broken: Break) -> None:
    why = broken(config.path)
    done = call("config", "check", env=config.env)
    unused = "Secrets in the config file are not used, and its commands are not run."
    assert (done.returncode, f"graphtop: {unused} {why}\n" in done.stderr) == (2, True)
    done = call("config", "check", "-p", "token_command", env=config.env)
    assert done.returncode == 2
    assert done.stderr.count(why) == 1
    done = call("doctor", "-o", "tsv", "-p", "token_command", env=config.env)
    assert done.stdout.startswith(f"url\tfalse\t{config.path}:8: token_command is not used. {why}")
    done = call("doctor", "-o", "tsv", "-p", "plain", env=config.env)
    assert done.returncode == 2
    who = "Whoever can write to the config file chooses the server."
    assert done.stdout.startswith(f"url\tfalse\thttp://127.0.0.1:9, dialect auto. {who}\t{why}\n")


def test_a_profile_without_secrets_is_used_with_a_warning(call, config: Config) -> None:
    why = others_write_the_file(config.path)
    done = call("ls", "-p", "plain", env=config.env)
    assert done.returncode == 5
    assert done.stderr.startswith(f"graphtop: {why}\n")
    assert why not in call("ls", "--url", "http://127.0.0.1:9", env=config.env).stderr


# --- files of secrets --------------------------------------------------------------------------------


@pytest.mark.parametrize("flag", ["--password-file", "--token-file"])
@pytest.mark.parametrize("broken", BREAKS)
def test_a_secret_that_others_could_have_written_is_not_sent(
    call, tmp_path: Path, broken: Break, flag: str
) -> None:
    (tmp_path / "folder").mkdir()
    secret = tmp_path / "folder" / "secret"
    secret.write_text("hunter2\n")
    secret.chmod(0o600)
    why = broken(secret)
    done = call("ls", "--url", "http://127.0.0.1:9", "--user", "ann", flag, str(secret))
    assert (done.returncode, f"{flag} is not used. {why}" in done.stderr) == (2, True), done.stderr
    done = call("config", "check", "--url", "http://127.0.0.1:9", "--user", "ann", flag, str(secret))
    assert (done.returncode, f"is not used. {why}" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize("broken", BREAKS)
def test_nor_is_a_netrc_nor_are_keys(call, tmp_path: Path, broken: Break) -> None:
    (tmp_path / "folder").mkdir()
    file = tmp_path / "folder" / "file"
    file.write_text("machine 127.0.0.1 login ann password hunter2\n")
    file.chmod(0o600)
    why = broken(file)
    done = call("ls", "--url", "http://127.0.0.1:9", "--netrc", env={"NETRC": str(file)})
    assert (done.returncode, done.stderr) == (2, f"graphtop: netrc is not used. {why}\n")
    file.write_text("[basic]\nak = hunter2\nsk = hunter2\n")
    env = {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(file)}
    done = call("ls", "--url", "http://127.0.0.1:9", "--dialect", "ges", env=env)
    assert (done.returncode, f"The keys in {file} are not used. {why}" in done.stderr) == (2, True)


def test_a_secret_from_a_shells_pipe_is_used(call) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"hunter2\n")
    os.close(writing)
    place = ("--url", "http://127.0.0.1:9", "--user", "ann")
    done = call("ls", *place, "--password-file", f"/dev/fd/{reading}")
    assert (done.returncode, os.read(reading, 1)) == (5, b""), done.stderr
    os.close(reading)


# --- what never comes to an end ----------------------------------------------------------------------


@pytest.fixture
def pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A pipe into which nobody writes."""
    monkeypatch.setattr(files, "WRITER_WITHIN", 0.01)
    path = tmp_path / "pipe"
    os.mkfifo(path, 0o600)
    return str(path)


def test_a_pipe_without_a_writer_is_no_file_of_profiles(call, pipe: str) -> None:
    done: Done = call("config", "check", env={"GRAPHTOP_CONFIG": pipe})
    assert (
        done.returncode,
        f"{pipe}:1: Can't read the config file: nothing was written to it." in done.stderr,
    ) == (2, True)
    assert load_config({"GRAPHTOP_CONFIG": pipe}).profiles == {}


@pytest.mark.parametrize(
    ("flags", "env"),
    [
        ("--user ann --password-file {pipe}", ""),
        ("--token-file {pipe}", ""),
        ("--netrc", "NETRC"),
        ("--dialect ges", "HUAWEICLOUD_SDK_CREDENTIALS_FILE"),
    ],
)
def test_a_pipe_without_a_writer_holds_no_secret(call, pipe: str, flags: str, env: str) -> None:
    place = ["--url", "https://127.0.0.1:9", *flags.format(pipe=pipe).split()]
    done: Done = call("ls", *place, env={env: pipe} if env else None)
    assert (done.returncode, "nothing was written to it" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize(
    "flags",
    ["--ca-file {pipe}", "--client-cert {pipe}", "--client-cert tests/tls/client.pem --client-key {pipe}"],
)
def test_a_pipe_without_a_writer_is_no_certificate(call, pipe: str, flags: str) -> None:
    done: Done = call("ls", "--url", "https://127.0.0.1:9", *flags.format(pipe=pipe).split())
    assert (done.returncode, "can't be used: nothing was written to it." in done.stderr) == (5, True), (
        done.stderr
    )


def test_a_device_without_an_end_is_no_file_of_anything(call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_PIPE_BYTES", 10_000)
    done: Done = call("config", "check", env={"GRAPHTOP_CONFIG": "/dev/zero"})
    assert "The config file is larger than 64 kB" in done.stderr
    done = call("ls", "--url", "https://127.0.0.1:9", "--ca-file", "/dev/zero")
    assert "The certificates in /dev/zero can't be used" in done.stderr
    done = call("ls", "--url", "https://127.0.0.1:9", "--token-file", "/dev/null")
    assert "its first line is empty" in done.stderr

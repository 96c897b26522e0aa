"""The set-up and the update of the locks: what they install, what they ignore, and what they say."""

from __future__ import annotations

import ast
import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import psutil
import pytest

from tests.support.patience import PATIENCE
from tests.support.requirements import require_program

ROOT = Path(__file__).parents[3]


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / ".tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


set_up, update_locks = load("set_up"), load("update_locks")

LOCK = """\
pip-tools==7.5.0 \\
    --hash=sha256:aa
    # via graphtop
pip==26.3 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
    # via graphtop
pytest==8.4.2 \\
    --hash=sha256:dd
"""


def test_pip_is_installed_from_its_own_entry_of_the_lock() -> None:
    assert set_up.locked_entry(LOCK, "pip").split() == [
        "pip==26.3", "\\", "--hash=sha256:bb", "\\", "--hash=sha256:cc",
    ]  # fmt: skip


def test_pip_keeps_the_way_to_the_packages_and_no_other_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "pip.conf"
    # In [install], since the machine's own file is read as well.
    config.write_text(
        "[global]\nrequire-virtualenv = true\ntimeout = 7\n"
        "[install]\nproxy = http://proxy.example:3128\n"
        "extra-index-url =\n  https://a.example\n  https://b.example\n"
        "user = true\nconstraint = /nowhere\nno-binary = :all:\n"
    )
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "1")
    monkeypatch.setenv("PIP_TARGET", str(tmp_path))
    monkeypatch.setenv("PIP_TIMEOUT", "9")
    env = set_up.pip_environment(Path(sys.executable))
    told = {name: value for name, value in env.items() if name.startswith("PIP_")}
    expected = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_PROXY": "http://proxy.example:3128",
        "PIP_EXTRA_INDEX_URL": "https://a.example https://b.example",
        "PIP_TIMEOUT": "9",
    }
    assert expected.items() <= told.items()
    assert not {"PIP_USER", "PIP_TARGET", "PIP_CONSTRAINT", "PIP_NO_BINARY", "PIP_REQUIRE_VIRTUALENV"} & set(
        told
    )


LISTED = [
    "global.default-timeout='3'",
    "global.proxy='http://global.example'",
    "global.retries='1'",
    "global.user='true'",
    "install.proxy='http://install.example'",
    "install.retries='2'",
    "download.proxy='http://download.example'",
    ":env:.retries='3'",
    ":env:.default-timeout='9'",
    ":env:.cert=''",
    "global.cert='/ca.pem'",
    "global.extra-index-url='\\nhttps://a.example\\nhttps://b.example'",
]


@pytest.mark.parametrize("order", [list, sorted, reversed])
def test_a_variable_counts_most_in_whatever_order_pip_lists_its_settings(
    order: Callable[[list[str]], Iterable[str]],
) -> None:
    assert set_up.network_settings("\n".join(order(LISTED))) == {
        "cert": "/ca.pem",
        "extra-index-url": "https://a.example https://b.example",
        "proxy": "http://install.example",
        "retries": "3",
        "timeout": "9",
    }


def test_what_pip_says_of_a_broken_file_of_settings_is_seen(tmp_path: Path) -> None:
    config = tmp_path / "pip.conf"
    config.write_text("proxy = before any section\n")
    code = "import sys; from pathlib import Path; import set_up; set_up.pip_environment(Path(sys.executable))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT / ".tools"), "PIP_CONFIG_FILE": str(config)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode
    assert str(config) in done.stderr
    assert "Configuration file" in done.stderr


def test_a_folder_that_is_no_environment_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(SystemExit, match="was not made by this set-up"):
        set_up.create_environment(tmp_path, ROOT / "requirements.lock")
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_what_a_link_leads_to_is_left_alone(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "pyvenv.cfg").touch()
    (tmp_path / ".venv").symlink_to(shared)
    with pytest.raises(
        SystemExit, match=r"\.venv is a link to what was not made by this set-up\. Move it away"
    ):
        set_up.create_environment(tmp_path / ".venv", ROOT / "requirements.lock")
    assert (shared / "pyvenv.cfg").exists()


@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_what_is_no_folder_is_left_alone(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / ".venv"
    if kind == "file":
        folder.write_text("mine")
    else:
        folder.symlink_to(tmp_path / "nothing")
    with pytest.raises(SystemExit, match="Move it away, or name another one: make VENV=folder") as told:
        set_up.create_environment(folder, ROOT / "requirements.lock")
    assert "\n" not in str(told.value)
    assert folder.is_symlink() or folder.read_text() == "mine"


def test_an_environment_is_finished_only_while_nothing_is_installed_into_it(tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(LOCK)
    assert set_up.note_unfinished(tmp_path) == ""
    assert not (tmp_path / set_up.NOTE).exists()
    set_up.note_finished(tmp_path, lock, "")
    assert (tmp_path / set_up.NOTE).read_text() == LOCK
    assert set_up.note_unfinished(tmp_path) == LOCK
    assert not (tmp_path / set_up.NOTE).exists()
    assert set_up.note_unfinished(tmp_path) == LOCK, "also after a set-up that was killed"
    set_up.note_finished(tmp_path, lock, LOCK)
    assert (tmp_path / set_up.NOTE).read_text() == LOCK
    assert not (tmp_path / set_up.UNFINISHED).exists()


def run_set_up(
    code: str, *arguments: str, group: int | None = None, **variables: str
) -> subprocess.Popen[str]:
    """A Python that has imported the set-up and runs some code."""
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT / '.tools')!r}); {code}",
            *arguments,
        ],
        env=os.environ | variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=group,
    )


HOLD = """\
import set_up
from pathlib import Path
with set_up.only_one(Path(sys.argv[1])):
    print("begun", flush=True)
    sys.stdin.readline()
"""


def test_a_second_set_up_waits_for_the_first_and_says_so(tmp_path: Path) -> None:
    code = f"exec({HOLD!r})"
    with run_set_up(code, str(tmp_path)) as first:
        assert first.stdout.readline() == "begun\n"
        with run_set_up(code, str(tmp_path)) as second:
            assert second.stdout.readline() == "graphtop: waiting for another set-up that is under way\n"
            first.communicate("\n", PATIENCE)
            assert second.stdout.readline() == "begun\n"
            second.communicate("\n", PATIENCE)
    assert (first.returncode, second.returncode) == (0, 0)


def test_an_interrupt_is_told_in_one_line_and_ends_what_runs(tmp_path: Path) -> None:
    child = tmp_path / "child"
    work = (
        "import os, subprocess, sys, time; "
        f"grandchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)']); "
        f"open({str(child)!r}, 'w').write(str(grandchild.pid)); print('begun', flush=True); time.sleep(3600)"
    )
    code = (
        "import os, set_up; "
        f"set_up.set_up = lambda *_, **__: set_up.must_run([sys.executable, '-c', {work!r}], os.environ); "
        f"sys.argv[1:] = [{str(tmp_path / 'venv')!r}, 'some.lock']; set_up.main()"
    )
    # As the terminal does it: the signal goes to the whole process group.
    with run_set_up(code, group=0) as running:
        assert running.stdout.readline() == "begun\n"
        os.killpg(running.pid, signal.SIGINT)
        _, err = running.communicate(timeout=PATIENCE)
    assert running.returncode == 130
    assert err.strip() == "graphtop: interrupted; the next make begins the set-up anew"
    with suppress(psutil.NoSuchProcess):
        psutil.Process(int(child.read_text())).wait(PATIENCE)


def test_variables_of_python_do_not_lead_past_the_environment(tmp_path: Path) -> None:
    code = (
        "import set_up, os; set_up.set_up = lambda *_, **__: "
        "print([name for name in os.environ if name.startswith('PYTHON')]); "
        f"sys.argv[1:] = [{str(tmp_path / 'venv')!r}, 'some.lock']; set_up.main()"
    )
    variables = {"PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1", "PYTHONWARNINGS": "ignore"}
    with run_set_up(code, **variables) as running:
        out, _ = running.communicate(timeout=PATIENCE)
    assert not set(variables) & set(ast.literal_eval(out))


def test_the_way_to_the_packages_is_kept_where_pip_is_told_to_be_quiet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "pip.conf"
    config.write_text("[global]\nquiet = 1\n[install]\nproxy = http://proxy.example:3128\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    monkeypatch.setenv("PIP_QUIET", "1")
    assert set_up.pip_environment(Path(sys.executable))["PIP_PROXY"] == "http://proxy.example:3128"


def test_an_environment_of_another_python_is_left_alone_unless_the_set_up_made_it(tmp_path: Path) -> None:
    folder = tmp_path / ".venv"
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho 3.9\n")
    python.chmod(0o755)
    (folder / "pyvenv.cfg").touch()
    with pytest.raises(SystemExit, match=rf"\.venv has Python 3\.9, not {set_up.OWN_VERSION}\. Move it away"):
        set_up.create_environment(folder, ROOT / "requirements.lock")
    assert python.exists()


def link_environment(folder: Path, python: Path) -> Path:
    """An environment of some Python that is set up, as far as make knows; gives what make looks at."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(python)
    done = folder / ".dev"
    done.touch()
    return done


def is_up_to_date(done: Path, *arguments: str) -> bool:
    """Whether make would leave an environment as it is."""
    make = require_program("make", "make")
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "PYTHON")}
    command = [make, "--question", f"VENV={done.parent}", *arguments, str(done)]
    asked = subprocess.run(command, cwd=ROOT, env=env, check=False, capture_output=True, text=True)
    assert asked.returncode in (0, 1), asked.stderr
    return asked.returncode == 0


def test_make_sets_up_anew_what_a_removed_python_leaves(tmp_path: Path) -> None:
    assert is_up_to_date(link_environment(tmp_path / "whole", Path(sys.executable)))
    assert not is_up_to_date(link_environment(tmp_path / "left", tmp_path / "removed"))


def test_make_sets_up_anew_for_another_python_that_is_named(tmp_path: Path) -> None:
    other = tmp_path / "python3.9"
    other.write_text("#!/bin/sh\necho 3.9\n")
    other.chmod(0o755)
    done = link_environment(tmp_path / ".venv", Path(sys.executable))
    assert is_up_to_date(done, f"PYTHON={sys.executable}")
    assert not is_up_to_date(done, f"PYTHON={other}")


def test_another_tools_environment_is_left_alone_unless_it_is_the_usual_folder(tmp_path: Path) -> None:
    for name, ours in (("mine", False), (".venv", True)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "pyvenv.cfg").touch()
        assert set_up.is_ours(folder) is ours
    for mark in (set_up.NOTE, set_up.UNFINISHED):
        (tmp_path / "mine" / mark).write_text(LOCK)
        assert set_up.is_ours(tmp_path / "mine")
        (tmp_path / "mine" / mark).unlink()


def test_a_package_that_left_the_lock_is_a_leftover(tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(LOCK)
    assert not set_up.has_leftovers(tmp_path, lock)
    (tmp_path / set_up.NOTE).write_text(LOCK)
    assert not set_up.has_leftovers(tmp_path, lock)
    lock.write_text(LOCK.replace("pytest==8.4.2", "ruff==1"))
    assert set_up.has_leftovers(tmp_path, lock)
    lock.write_text(LOCK + "ruff[x]==1\n")
    assert not set_up.has_leftovers(tmp_path, lock)


def test_what_only_the_other_lock_names_is_no_leftover(tmp_path: Path) -> None:
    run, dev = tmp_path / "requirements.lock", tmp_path / "requirements-dev.lock"
    folder = tmp_path / ".venv"
    folder.mkdir()
    run.write_text("pip==26.3\n")
    dev.write_text(LOCK)
    for lock in (dev, run):
        set_up.note_finished(folder, lock, set_up.note_unfinished(folder))
        assert not set_up.has_leftovers(folder, run)
        assert not set_up.has_leftovers(folder, dev)
    dev.write_text("pip==26.3\n")
    assert set_up.has_leftovers(folder, run), "pytest is still installed and in neither lock"


def test_a_python_without_venv_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        set_up.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else real(name)
    )
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    with pytest.raises(SystemExit, match=f"no venv module.*apt install python{version}-venv") as told:
        set_up.check_venv_module()
    assert "\n" not in str(told.value)


def test_the_update_says_what_came_what_went_and_what_changed(tmp_path: Path) -> None:
    before, after = tmp_path / "before.lock", tmp_path / "after.lock"
    before.write_text(
        "a==1 \\\n    --hash=sha256:aa\nb[x]==2 ; python_version < '3.12' \\\n    --hash=sha256:bb\nc==3\n"
    )
    after.write_text("b[x,y]==2.1 \\\n    --hash=sha256:bb\nc==3\nd==4\n")
    changes = update_locks.describe_changes(update_locks.read_pins(before), update_locks.read_pins(after))
    assert changes == ["a 1 removed", "b 2 -> 2.1", "d 4 (new)"]
    assert update_locks.read_pins(tmp_path / "none.lock") == {}


UV = """\
import sys
from pathlib import Path

made = Path(sys.argv[sys.argv.index("--output-file") + 1])
if made.name == "{fails}":
    sys.exit("no such version")
kept = made.read_text()
made.write_text(kept + "new==1\\n")
"""


def update(folder: Path, *, fails: str = "") -> subprocess.CompletedProcess[str]:
    """Update both locks of a folder with a uv that adds a package, or fails at one of them."""
    (folder / "uv.py").write_text(UV.format(fails=fails))
    for name in update_locks.LOCKS:
        (folder / name).write_text("old==1\n")
    program = ROOT / ".tools" / "update_locks.py"
    env = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, program], cwd=folder, env=env, check=False, capture_output=True, text=True
    )


def test_the_update_replaces_both_locks(tmp_path: Path) -> None:
    done = update(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "".join(f"{name}:\n  new 1 (new)\n" for name in update_locks.LOCKS)
    for name in update_locks.LOCKS:
        assert (tmp_path / name).read_text() == "old==1\nnew==1\n"


@pytest.mark.parametrize("name", update_locks.LOCKS)
def test_the_update_replaces_no_lock_when_one_of_them_fails(tmp_path: Path, name: str) -> None:
    done = update(tmp_path, fails=name)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "no such version",
        f"graphtop: no lock was changed, since uv found no versions that fit for {name} (see above)",
    ]
    assert {path.name: path.read_text() for path in tmp_path.glob("*.lock")} == dict.fromkeys(
        update_locks.LOCKS, "old==1\n"
    )
    assert not list(tmp_path.glob(".locks-*"))

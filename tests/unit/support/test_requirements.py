"""What the suite does about a program that is not on the machine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.requirements import fail_skipped, require_program

WORDS = "There is no man on this machine: install man-db."


@pytest.fixture(autouse=True)
def _no_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.parametrize("ci", [None, "", "0", "false"])
def test_a_missing_program_skips_and_says_why(monkeypatch: pytest.MonkeyPatch, ci: str | None) -> None:
    monkeypatch.delenv("CI", raising=False)
    if ci is not None:
        monkeypatch.setenv("CI", ci)
    with pytest.raises(pytest.skip.Exception, match=WORDS):
        require_program("man", "man-db")


@pytest.mark.parametrize("ci", ["1", "true"])
def test_a_missing_program_fails_in_ci(monkeypatch: pytest.MonkeyPatch, ci: str) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(pytest.fail.Exception, match=WORDS):
        require_program("man", "man-db")


def test_a_program_that_is_there_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    python = Path(sys.executable)
    monkeypatch.setenv("PATH", str(python.parent))
    assert require_program(python.name, "python3") == str(python)


def skipped() -> pytest.TestReport:
    return pytest.TestReport("a", ("a.py", 1, "a"), {}, "skipped", ("a.py", 1, "Skipped: no time"), "call")


def test_whatever_is_skipped_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    report = fail_skipped(skipped())
    assert report.failed
    assert report.longrepr == "Nothing may be skipped in CI: Skipped: no time"


def test_a_skip_stays_one_elsewhere_and_an_expected_failure_does_everywhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CI", "")
    assert fail_skipped(skipped()).skipped
    monkeypatch.setenv("CI", "true")
    expected = skipped()
    expected.wasxfail = "a known fault"
    assert fail_skipped(expected).skipped

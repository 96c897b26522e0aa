"""What a test needs of the machine: without it the test is skipped and says why, and in CI it fails."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn, TypeVar

import pytest


def in_ci() -> bool:
    """Whether this is a CI run, where what a test lacks is a failure and not a skip."""
    return os.environ.get("CI", "") not in ("", "0", "false")


def skip_or_fail(lacking: str) -> NoReturn:
    """Skip the test, or fail it in CI; `lacking` is a sentence that says what is not there."""
    if in_ci():
        pytest.fail(lacking, pytrace=False)
    pytest.skip(lacking)


def require_program(name: str, package: str) -> str:
    """The path of a program, which comes with this Debian package."""
    found = shutil.which(name)
    if found is None:
        skip_or_fail(f"There is no {name} on this machine: install {package}.")
    return found


Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def fail_skipped(report: Report) -> Report:
    """A report of pytest, as a failure when it says in CI that something was skipped."""
    if report.skipped and in_ci() and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.longrepr = f"Nothing may be skipped in CI: {reason}"
    return report

"""A lock of this checkout, as a Python reads it."""

from __future__ import annotations

import re

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OWN_PYTHON = default_environment()["python_full_version"]
"""The version of the Python that runs the tests."""


class Lock:
    """A lock as one Python reads it: package -> the pinned requirement, where its marker holds."""

    def __init__(self, text: str, python: str) -> None:
        self.markers = {
            **default_environment(),
            "python_version": python.rpartition(".")[0],
            "python_full_version": python,
            "implementation_version": python,
        }
        entries = [Requirement(line) for line in pinned_lines(text)]
        self.pins = {
            canonicalize_name(entry.name): entry
            for entry in entries
            if entry.marker is None or entry.marker.evaluate(self.markers)
        }

    def wants(self, requirement: Requirement, extras: set[str]) -> bool:
        """Whether a requirement holds for this Python, for a package with these extras."""
        if requirement.marker is None:
            return True
        return any(requirement.marker.evaluate({**self.markers, "extra": extra}) for extra in {"", *extras})

    def unmet(self, requirement: Requirement) -> str | None:
        """Why a requirement isn't met inside the lock, or None."""
        pin = self.pins.get(canonicalize_name(requirement.name))
        if pin is None:
            return "is not in the lock"
        (version,) = pin.specifier
        if not requirement.specifier.contains(version.version, prereleases=True):
            return f"is locked as {version.version}"
        if missing := requirement.extras - pin.extras:
            return f"is locked without the extra {', '.join(sorted(missing))}"
        return None


def pinned_lines(text: str) -> list[str]:
    """The requirements of a lock, without their hashes."""
    joined = re.sub(r"\\\n", " ", text)
    lines = [line.partition(" --hash")[0].strip() for line in joined.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]

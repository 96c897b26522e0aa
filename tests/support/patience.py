"""How long a test waits for what must come: far longer than it takes on a machine with other work."""

from __future__ import annotations

PATIENCE = 120.0
"""Seconds. A test that waits for a condition ends as soon as it holds, so this costs only where one fails."""

"""`make bench`: every measurement of this folder, one table after the other."""

from __future__ import annotations

import subprocess
import sys

BENCHES = ("tests.bench.task_table", "tests.bench.text_view")

for bench in BENCHES:
    # Each in a process of its own: what one leaves in memory must not slow the next.
    subprocess.run([sys.executable, "-m", bench], check=True)

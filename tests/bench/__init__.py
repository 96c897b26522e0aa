"""The benches: whatever one of them starts keeps its history and all else in a temporary folder."""

import os
import sys

# The tests, some of which use parts of benches, have folders of their own.
if "BENCH_FOLDER" not in os.environ and "pytest" not in sys.modules:
    # Imported here: a program that a bench starts, which may be measured, has the folders already.
    from tests.support.own_folders import use_bench_folders

    use_bench_folders()

"""Everything a person at a terminal meets."""

VERSION = "0.1.0"
"""The only place of the version: the build reads it here, and `--version` looks nothing up."""

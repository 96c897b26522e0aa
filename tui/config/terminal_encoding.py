"""Whether the terminal can show more than ASCII."""

from __future__ import annotations

import os


def is_utf8_locale() -> bool:
    """Whether the locale in the environment uses UTF-8.

    Python reads the C locale as UTF-8 and then sets LC_CTYPE to C.UTF-8, so this looks at the environment
    itself. An environment without any locale, as in a container, counts as UTF-8, as it does for Python.
    """
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        value = os.environ.get(name, "")
        coerced = name == "LC_CTYPE" and value == "C.UTF-8" and os.environ.get("LANG")
        if value and not coerced:
            return "utf8" in value.lower().replace("-", "")
    return True

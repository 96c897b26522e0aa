"""What every UI test starts from: no setting of the machine shows in what is drawn."""

from __future__ import annotations

import os
import time

from tests.ui.parsed_styles import share_parsed_styles

for name in ("NO_COLOR", "TEXTUAL", "TEXTUAL_THEME", "TEXTUAL_ANIMATIONS", "TEXTUAL_COLOR_SYSTEM"):
    os.environ.pop(name, None)
os.environ.pop("COLORTERM", None)
os.environ["TERM"] = "xterm-256color"
os.environ["TZ"] = "UTC"
time.tzset()
share_parsed_styles()

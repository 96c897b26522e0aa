"""Leaves out of the start what Textual imports with an application and graphtop never shows: its palette.

`textual.app` imports `textual.command`, and that `textual.types` with nine widgets: a twelfth of the start
(measured). All that an application needs of it are names to annotate with, and one class to inherit from.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

PALETTE_MODULE = "textual.command"
PALETTE_NAMES = frozenset(
    ("CommandListItem", "CommandPalette", "DiscoveryHit", "Hit", "Hits", "Provider", "SimpleProvider")
)
"""What the modules that are imported with an application take from it."""


def leave_out_palette() -> None:
    """Let Textual be imported without its command palette, which no application can open after that.

    To be called before `textual.app` is imported; later it changes nothing.
    """
    sys.modules.setdefault(PALETTE_MODULE, _PaletteStandIn(PALETTE_MODULE))


class _LeftOut:
    """Stands for each class of the palette."""


class _PaletteStandIn(ModuleType):
    """Has the names that are needed at the start. For any other one the real module takes its place."""

    def __getattr__(self, name: str) -> object:
        """Return what stands for a class of the palette, or what the real module has."""
        if name in PALETTE_NAMES:
            return _LeftOut
        if name.startswith("__"):
            # The import machinery asks for these.
            raise AttributeError(name)
        if sys.modules.get(PALETTE_MODULE) is self:
            del sys.modules[PALETTE_MODULE]
        return getattr(import_module(PALETTE_MODULE), name)

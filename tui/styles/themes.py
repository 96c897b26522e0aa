"""The two themes of graphtop, and what its widgets need of every other one.

A theme gives colours to names. The widgets of the list use Textual's own names only (`$primary`,
`$text-error`, `$text-muted` ...), so that they work in any theme; `$status-…` are there for whoever wants
a status's colour by its name, and come from `variable_defaults` where a theme doesn't define them.
"""

from __future__ import annotations

from textual.theme import Theme

from tui.widgets.status_style import StatusStyle

DARK = "graphtop-dark"
LIGHT = "graphtop-light"
PLAIN = "ansi-dark"
"""Textual's theme of the terminal's own colours: of ours, 16 colours leave no hue."""

_FALLBACK_MUTED = "#8a8f98"


def _status_colors(
    *, running: str, waiting: str, success: str, failed: str, cancelled: str, transient: str
) -> dict[str, str]:
    """The variables for the looks of `StatusStyle`."""
    colours: dict[StatusStyle, str] = {
        "running": running,
        "waiting": waiting,
        "success": success,
        "failed": failed,
        "cancelled": cancelled,
        "transient": transient,
        "stuck": failed,
        "unknown": waiting,
    }
    return {f"status-{name}": colour for name, colour in colours.items()}


def variable_defaults(theme: Theme) -> dict[str, str]:
    """Return the variables of graphtop for a theme that doesn't have them, from the colours it has.

    For `App.get_theme_variable_defaults`: a variable's value can't name another variable there.
    """
    error, warning = theme.error or theme.primary, theme.warning or theme.primary
    return _status_colors(
        running=theme.primary,
        waiting="ansi_default" if theme.ansi else _FALLBACK_MUTED,
        success=theme.success or theme.primary,
        failed=error,
        cancelled=warning,
        transient=warning,
    )


VARIABLE_DEFAULTS = _status_colors(
    running="#6cb1f0",
    waiting=_FALLBACK_MUTED,
    success="#6d9c7a",
    failed="#f0727c",
    cancelled="#cf9f5a",
    transient="#e0b064",
)
"""The same for an App that has no theme at hand: readable on dark and, just, on light."""


def _muted_colors(
    *, foreground: str, background: str, tint: str, rule: str, thumb: str, accent: str
) -> dict[str, str]:
    """The variables that keep Textual's own widgets as calm as ours: tints, thin rules, no filled bars."""
    return {
        "block-cursor-background": tint,
        "block-cursor-foreground": foreground,
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": tint,
        "block-cursor-blurred-foreground": foreground,
        "border": accent,
        "border-blurred": rule,
        "footer-background": background,
        "footer-foreground": foreground,
        "footer-key-foreground": accent,
        "footer-description-foreground": foreground,
        "scrollbar": thumb,
        "scrollbar-hover": thumb,
        "scrollbar-active": accent,
        "scrollbar-background": background,
        "scrollbar-background-hover": background,
        "scrollbar-background-active": background,
        "scrollbar-corner-color": background,
        "input-cursor-background": accent,
        "input-cursor-foreground": background,
        "input-selection-background": tint,
    }


GRAPHTOP_DARK = Theme(
    name=DARK,
    dark=True,
    primary="#6cb1f0",
    secondary="#8aa4c0",
    accent="#6cb1f0",
    success="#7fb08c",
    warning="#e0b064",
    error="#f0727c",
    foreground="#cdd4de",
    background="#0f141b",
    surface="#141a22",
    panel="#18202a",
    variables={
        "text": "#cdd4de",
        "text-muted": "#8b96a5",
        "text-disabled": "#5d6876",
        "text-primary": "#6cb1f0",
        "text-accent": "#6cb1f0",
        "text-success": "#7fb08c",
        "text-warning": "#e0b064",
        "text-error": "#f0727c",
        **_muted_colors(
            foreground="#e6ebf2",
            background="#0f141b",
            tint="#1d2a3a",
            rule="#252e3a",
            thumb="#2b3644",
            accent="#6cb1f0",
        ),
        **_status_colors(
            running="#6cb1f0",
            waiting="#8b96a5",
            success="#5f8a6d",
            failed="#f0727c",
            cancelled="#c0955a",
            transient="#e0b064",
        ),
    },
)

GRAPHTOP_LIGHT = Theme(
    name=LIGHT,
    dark=False,
    primary="#1c5fb0",
    secondary="#4a6683",
    accent="#1c5fb0",
    success="#2b7a46",
    warning="#8f5a00",
    error="#bd2b3a",
    foreground="#1e2731",
    background="#f8f9fb",
    surface="#f1f3f6",
    panel="#e9edf2",
    variables={
        "text": "#1e2731",
        "text-muted": "#56626f",
        "text-disabled": "#78838f",
        "text-primary": "#1c5fb0",
        "text-accent": "#1c5fb0",
        "text-success": "#2b7a46",
        "text-warning": "#8f5a00",
        "text-error": "#bd2b3a",
        **_muted_colors(
            foreground="#10171f",
            background="#f8f9fb",
            tint="#dbe7f6",
            rule="#d5dbe3",
            thumb="#c3ccd7",
            accent="#1c5fb0",
        ),
        **_status_colors(
            running="#1c5fb0",
            waiting="#56626f",
            success="#4b7f5c",
            failed="#bd2b3a",
            cancelled="#8f5a00",
            transient="#8f5a00",
        ),
    },
)

THEMES = (GRAPHTOP_DARK, GRAPHTOP_LIGHT)
"""Register each; the first is the default."""

"""The flags of `graphtop simulate`, as the simulated server takes them."""

from __future__ import annotations

import pytest

from backend_adapters.simulator import HugeGraphApp, Settings
from tui.cli.simulate import _complete, _hugegraph, _misplaced, parser


def settings_of(*flags: str) -> Settings:
    chosen = parser().parse_args(flags)
    assert not _misplaced(chosen)
    _complete(chosen)
    app, _ = _hugegraph(chosen)
    assert isinstance(app, HugeGraphApp)
    return app.world.settings


def test_a_huge_result_is_given_in_megabytes():
    settings = settings_of("--huge-result", "200", "--tasks", "1000", "--pace", "0")
    assert (settings.huge, settings.history, settings.specials) == (200_000_000, 1_000, False)
    assert settings_of().huge == 0


def test_ges_has_no_huge_results():
    chosen = parser().parse_args(["--dialect", "ges", "--huge-result", "200"])
    assert _misplaced(chosen) == "--huge-result is for --dialect hugegraph, not for ges."


@pytest.mark.parametrize("size", ["-1", "much", "1.5"])
def test_a_size_that_is_none_is_refused(size, capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["--huge-result", size])
    assert "not a number of that kind" in capsys.readouterr().err

"""The flags of `graphtop simulate`, as the simulated server takes them."""

from __future__ import annotations

import pytest

from tui.cli.simulate import _settings, parser


def test_a_huge_result_is_given_in_megabytes():
    chosen = parser().parse_args(["--huge-result", "200", "--tasks", "100000", "--pace", "0"])
    settings = _settings(chosen, None)
    assert (settings.huge, settings.history, settings.specials) == (200_000_000, 100_000, False)
    assert _settings(parser().parse_args([]), None).huge == 0


@pytest.mark.parametrize("size", ["-1", "much", "1.5"])
def test_a_size_that_is_none_is_refused(size, capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["--huge-result", size])
    assert "not a number of that kind" in capsys.readouterr().err

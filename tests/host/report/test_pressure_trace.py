"""The plot of the pressure before an alarm: each sample has a marker, and the legend stands beside the curves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pumpctl import defs
from pumpctl.protocol.answers import Sample
from pumpctl.report import plots, pressure_trace

pytest.importorskip("matplotlib")


def test_each_sample_has_a_marker_and_the_legend_covers_no_curve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures: list[Any] = []
    styled = plots.styled

    class Kept:
        def __enter__(self) -> Any:
            self._context = styled()
            figures.append(self._context.__enter__())
            return figures[0]

        def __exit__(self, *error: Any) -> Any:
            return self._context.__exit__(*error)

    monkeypatch.setattr(plots, "styled", Kept)
    samples = [Sample(1, 0, 1000), Sample(0, 0, 1100), Sample(0, 250, 1500)]  # the first stroke has a single one
    pressure_trace.write_png(tmp_path / "plot.png", defs.ALARMS[104], samples)
    (axes,) = figures[0].axes
    assert [line.get_marker() for line in axes.lines[:2]] == ["o", "o"]
    legend = axes.get_legend().get_window_extent()
    assert legend.x0 >= axes.get_window_extent().x1

"""Files of weights: read, written, cut short, damaged; mass to volume."""

from __future__ import annotations

from pathlib import Path

import pytest
from pumpctl import errors
from pumpctl.measurement import fluid, weights
from pumpctl.measurement.weights import Weight, Weights


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "run.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    rows = [Weight(0, 0), Weight(900_000, 10_399), Weight(1_800_000, -5, 2)]
    weights.write(tmp_path / "run.csv", Weights(rows, [], {"rate_ul_day": "1000"}))
    found = weights.read(tmp_path / "run.csv")
    assert (found.rows, found.marks, found.conditions) == (rows, [], {"rate_ul_day": "1000"})


def test_a_file_cut_short_is_read_up_to_there_and_marked(tmp_path: Path) -> None:
    found = weights.read(file(tmp_path, "time_s,mass_mg\n0,0\n900,10.4\n1800,2"))
    assert found.rows == [Weight(0, 0), Weight(900_000, 10_400)]
    assert [mark.cause for mark in found.marks] == ["cut"]


def test_a_clock_that_jumps_back_begins_a_new_piece(tmp_path: Path) -> None:
    found = weights.read(file(tmp_path, "time_s,mass_mg\n0,0\n900,10\n100,12\n1000,20\n"))
    assert [row.piece for row in found.rows] == [1, 1, 2, 2]
    assert [row.time_ms for row in found.rows] == [0, 900_000, 900_001, 1_800_001]
    assert [mark.cause for mark in found.marks] == ["clock"]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "Line 1"),
        ("time_s,grams\n0,0\n", "Line 1"),
        ("# rate_ul_day: 1\ntime_s,mass_mg\n0,0\n900,ten\n", "Line 4"),
        ("time_s,mass_mg\n0\n", "Line 2"),
        ("time_s,mass_mg\n0,nan\n", "Line 2"),
    ],
)
def test_a_damaged_file_is_told_with_its_line(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(errors.BadWeights, match=rf"^{where} of .*\.$"):
        weights.read(file(tmp_path, text))


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "run.csv").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "run.csv", tmp_path / "none.csv"):
        with pytest.raises(errors.BadWeights, match="can't be read"):
            weights.read(path)


def test_evaporation_is_added_again() -> None:
    found = weights.corrected([Weight(0, 0), Weight(7_200_000, 1000, 2)], 120)
    assert found == [Weight(0, 0), Weight(7_200_000, 1240, 2)]


# The density from the table of CIPM 2001 (kg/m3): 5 °C 999.967, 20 °C 998.207, 25 °C 997.047, 40 °C 992.215.
@pytest.mark.parametrize(
    ("temperature_c", "density_g_ml"), [(5, 0.999967), (20, 0.998207), (25, 0.997047), (40, 0.992215)]
)
def test_the_density_of_water_is_that_of_the_table(temperature_c: float, density_g_ml: float) -> None:
    assert fluid.water_g_ml(temperature_c) == pytest.approx(density_g_ml, abs=1.5e-6)


def test_buoyancy_gives_the_factor_z() -> None:
    # Z at 20 °C and 1013 hPa is 1.0029 uL/mg in ISO 8655-6.
    assert 1 / fluid.weighed_g_ml(fluid.water_g_ml(20)) == pytest.approx(1.0029, abs=5e-5)
    assert fluid.weighed_g_ml(0.9982, air_g_ml=0) == 0.9982

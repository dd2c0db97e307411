"""`make demo` as a new user runs it: succeeds, and writes its files."""

import json
import subprocess
import sys
from pathlib import Path

import interpreters
import pytest

KEYS = {
    "days", "rate_ul_day", "programmed_nl", "delivered_nl", "book_nl", "error_ppm", "reservoir_left_nl", "refills",
    "occlusion", "alarms", "wall_s", "interpreter", "withdrawals", "hold_over_s", "dose",
}  # fmt: skip
OCCLUSION_KEYS = {"injected_s", "alarm_after_s", "missing_nl", "released_nl"}


@pytest.mark.long("the whole demo, as `make demo` runs it")
def test_demo_runs_its_scenario(tmp_path: Path) -> None:
    words = [sys.executable, "hil/demo.py", "--seed", "5", "--folder", str(tmp_path)]
    done = subprocess.run(
        words, cwd=interpreters.ROOT, capture_output=True, text=True, timeout=interpreters.LONGEST_S, check=False
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert set(summary) == KEYS
    assert set(summary["occlusion"]) == OCCLUSION_KEYS
    assert 15 <= summary["days"] < 15.1
    assert summary["refills"] == 1
    (withdrawal,) = summary["withdrawals"]
    assert abs(withdrawal["difference_nl"]) <= 250_000  # 0.2 % of 14 mL, the fill, a syringe's resolution
    assert withdrawal["percent"] <= 5
    assert summary["hold_over_s"] == 25_920  # 0.3 mL of dead volume at 1 mL/day
    assert abs(summary["dose"]["day_nl"] - 1_000_000) <= 15_000  # rounded up to a quarter of an hour
    assert abs(summary["dose"]["moved_ul"] - summary["book_nl"] // 1000) <= 1
    assert abs(summary["book_nl"] - summary["programmed_nl"]) <= 3 * 250  # each of three stops may cost one stroke
    assert 0 < summary["occlusion"]["alarm_after_s"] <= 900
    assert 0 < summary["occlusion"]["missing_nl"] <= 10_000
    assert -500 <= summary["occlusion"]["released_nl"] <= 5_000  # released after the relief
    assert [row["alarm"] for row in summary["alarms"]] == ["occlusion", "reservoir_low", "refill_due"]
    page = (tmp_path / "report.html").read_text()
    assert page.count("<svg") == 6
    assert "Trumpet curve" in page
    assert "for water" in page
    assert "src=" not in page  # self-contained: nothing is loaded from elsewhere
    assert "href=" not in page.replace("xlink:href=", "")
    for word in ("programmed", "delivered", "occlusion alarm after"):
        assert word in done.stdout

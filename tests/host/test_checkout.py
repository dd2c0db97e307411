"""The checkout is found from the environment or from any folder in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pumpctl import checkout as checkouts, errors


def test_the_checkout_is_found_from_below(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PUMP_CHECKOUT")
    monkeypatch.chdir(checkout / "boards" / "unix")
    assert checkouts.find_checkout() == checkout


def test_a_folder_that_is_no_checkout_is_named(tmp_path: Path) -> None:
    with pytest.raises(errors.SimulatorMissing, match=str(tmp_path)):
        checkouts.find_checkout(tmp_path)

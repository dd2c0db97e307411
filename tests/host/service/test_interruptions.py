"""A simulated pump behind a cable that is pulled, and a service that is killed: nothing is lost, nothing doubled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import service_runs
from pumpctl import checkout, errors


@pytest.fixture(autouse=True)
def real_checkout() -> Iterator[None]:
    try:
        checkout.find_interpreter(checkout.find_checkout())
    except errors.SimulatorMissing as missing:
        pytest.skip(str(missing))
    return


def test_over_unplugged_ports_and_killed_services_each_record_is_stored_once_and_each_hole_is_marked(
    tmp_path: Path,
) -> None:
    found = service_runs.cuts(tmp_path, unplugs=3, kills=2)
    assert (found["lost"], found["doubled"], found["unmarked"]) == (0, 0, 0), found
    assert found["gaps"] >= 5
    assert found["records"] >= 5


def test_twenty_clients_at_once_are_all_answered() -> None:
    direct_ms, served_ms = service_runs.fan_out(20, 4)
    assert direct_ms > 0
    assert served_ms > 0

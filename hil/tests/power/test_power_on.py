"""After power-on a pump waits in standby and delivers nothing."""

import pytest
from pumpctl import defs, errors
from pumpctl.testing import Bench

REQUIREMENTS = ("D12", "V6")
pytestmark = pytest.mark.needs("fresh")


@pytest.mark.quick
def test_hello_names_protocol_and_definitions(bench: Bench) -> None:
    assert bench.pump.hello.digest == defs.DIGEST
    assert bench.pump.hello.protocol == defs.PROTOCOL


@pytest.mark.needs("world")
def test_waits_in_standby_and_moves_nothing(bench: Bench) -> None:
    bench.wait(hours=6)
    assert bench.state == "standby"
    assert bench.status.strokes == 0
    assert bench.truth()["steps_counted"] == 0


@pytest.mark.quick
def test_has_no_default_dose(bench: Bench) -> None:
    with pytest.raises(errors.Refused) as refusal:
        bench.pump.start()
    assert refusal.value.name == "held"
    assert "plan_missing" in str(refusal.value)
    assert "contents_unknown" in str(refusal.value)
    assert bench.state == "standby"


def test_does_not_start_on_another_fluid_than_the_plans(bench: Bench) -> None:
    bench.set_up(fluid="drug")
    bench.pump.therapy_set("intrahepatic", 1000)  # begins with saline
    with pytest.raises(errors.Refused, match="fluid_wrong"):
        bench.pump.start()


def test_parameters_have_their_defaults(bench: Bench) -> None:
    for row in bench.pump.params():
        assert row.value == defs.PARAMS[row.param].default, row.name

"""A flash written by earlier firmware, before its modules moved into packages, is read correctly."""

import flash_vectors
import pump_rig
from pump import defs

REQUIREMENTS = ("L2", "L4")


def test_plan_rate_sums_alarms_settings_and_log_are_found_again():
    for name in flash_vectors.NAMES:
        vector = flash_vectors.load(name)
        flash_vectors.compare(flash_vectors.pump(vector), vector["reset"])


def test_a_stroke_that_the_power_cut_interrupted_is_counted_and_uncertain():
    vector = flash_vectors.load("infusing")
    pump = flash_vectors.pump(vector)
    assert pump.do("journal")["uncertain"] == 1
    assert pump.controller.account.strokes == vector["host"]["strokes"]
    assert vector["host"]["open"] == 1


def test_the_plan_goes_on_as_it_did_with_the_firmware_that_wrote_it():
    vector = flash_vectors.load("infusing")
    pump = flash_vectors.pump(vector)
    pump.do("start")
    pump.run(30 * pump_rig.MINUTE)
    flash_vectors.compare(pump, vector["later"])


def test_the_alarm_that_stopped_it_holds_until_it_is_acknowledged():
    vector = flash_vectors.load("stopped")
    pump = flash_vectors.pump(vector)
    assert pump.controller.alarms.top == defs.ALARM_OCCLUSION
    assert pump.refused("start") == defs.REFUSE_HELD
    pump.do("ack")
    pump.do("start")
    pump.run(30 * pump_rig.MINUTE)
    later = vector["later"]
    for sum_nl in ("hour_nl", "day_nl"):
        later["dose"][sum_nl] += 10  # the slack that the first stroke after a relief takes up counts by now
    flash_vectors.compare(pump, later)

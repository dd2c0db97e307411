"""The ledger, its marks, and the refill."""

import pump_rig
import reservoir_rig
from pump import defs
from pump.core import params
from pump.reservoir import refill

REQUIREMENTS = ("V1", "V3", "V4", "V5")


def test_a_fill_is_kept_to_the_nanolitre():
    _, _, tank = reservoir_rig.make(fill_nl=12345678)
    assert tank.ledger_nl() == 12345678
    assert tank.fluid == defs.FLUID_SALINE


def test_strokes_are_taken_exactly():
    _, _, tank = reservoir_rig.make()
    for _ in range(4001):
        tank.take(250041)
    assert tank.ledger_nl() == (16000000000 - 4001 * 250041) // 1000


def test_the_ledger_ends_at_zero():
    _, _, tank = reservoir_rig.make(fill_nl=1)
    tank.take(500000)
    assert tank.ledger_nl() == 0
    tank.take(500000)
    assert tank.ledger_nl() == 0
    tank.fill(1000, defs.FLUID_SALINE)
    tank.take(500000)
    assert tank.ledger_nl() == 500


def test_time_left_is_to_the_empty_mark():
    _, _, tank = reservoir_rig.make()
    assert tank.left_s(1000) == 15500 * 86400 // 1000
    assert tank.left_s(24000) == 15500 * 86400 // 24000
    tank.fill(400000, defs.FLUID_SALINE)
    assert tank.left_s(1000) == 0


def test_the_low_mark_is_the_larger_of_volume_and_time():
    level, condition_bits, tank = reservoir_rig.make(level_nl=2000001, fill_nl=2000001)
    assert not condition_bits.noted(defs.NOTE_RESERVOIR_LOW)
    tank.take(1000)
    assert condition_bits.noted(defs.NOTE_RESERVOIR_LOW)
    tank.configure(params.Params({}), 24000)  # 48 h are 48 mL now
    tank.fill(40000000, defs.FLUID_SALINE)
    assert condition_bits.noted(defs.NOTE_RESERVOIR_LOW)
    tank.configure(params.Params({}), 1000)
    assert not condition_bits.noted(defs.NOTE_RESERVOIR_LOW)
    tank.configure(params.Params({}), 50)  # 48 h are 0.1 mL now, and 2 mL are still low
    tank.fill(1999999, defs.FLUID_SALINE)
    assert condition_bits.noted(defs.NOTE_RESERVOIR_LOW)


def test_the_empty_mark_by_the_ledger():
    _, condition_bits, tank = reservoir_rig.make(level_nl=500001, fill_nl=500001)
    assert not condition_bits.has(defs.BIT_RESERVOIR_EMPTY)
    tank.take(1000)
    assert condition_bits.has(defs.BIT_RESERVOIR_EMPTY)


def test_the_empty_mark_by_the_level_alone():
    level, condition_bits, tank = reservoir_rig.make()
    level.nl = 400000
    for _ in range(40):
        tank.read_level()
    assert condition_bits.has(defs.BIT_RESERVOIR_EMPTY)
    assert tank.ledger_nl() == 16000000


def test_a_level_around_the_empty_mark_makes_one_alarm():
    level, condition_bits, tank = reservoir_rig.make(level_nl=510000)
    changes = 0
    for turn in range(400):
        before = condition_bits.has(defs.BIT_RESERVOIR_EMPTY)
        level.nl = 500000 + (turn * 37 % 9 - 4) * 15000
        tank.read_level()
        changes += condition_bits.has(defs.BIT_RESERVOIR_EMPTY) != before
    assert changes == 1 and condition_bits.has(defs.BIT_RESERVOIR_EMPTY)
    level.nl = 620000
    for _ in range(20):
        tank.read_level()
    assert not condition_bits.has(defs.BIT_RESERVOIR_EMPTY)


def test_a_level_around_the_limit_of_disagreement_makes_one_alarm():
    for sign in (-1, 1):
        level, condition_bits, tank = reservoir_rig.make()
        changes = 0
        for turn in range(400):
            before = condition_bits.noted(defs.NOTE_RESERVOIR_DISAGREES)
            level.nl = 16000000 + sign * (500000 + (turn // 8 % 2 * 2 - 1) * 40000)
            tank.read_level()
            changes += condition_bits.noted(defs.NOTE_RESERVOIR_DISAGREES) != before
        assert changes == 1 and condition_bits.noted(defs.NOTE_RESERVOIR_DISAGREES)
        level.nl = 16000000 + sign * 380000
        for _ in range(1000):
            tank.read_level()
        assert not condition_bits.noted(defs.NOTE_RESERVOIR_DISAGREES)


def test_a_fill_just_above_the_empty_mark_and_a_lower_mark_end_it_at_once():
    _, condition_bits, tank = reservoir_rig.make(level_nl=510000, fill_nl=500000)
    assert condition_bits.has(defs.BIT_RESERVOIR_EMPTY)
    reservoir_rig.fill(tank, 510000)
    assert not condition_bits.has(defs.BIT_RESERVOIR_EMPTY)
    reservoir_rig.fill(tank, 500000)
    assert condition_bits.has(defs.BIT_RESERVOIR_EMPTY)
    tank.configure(params.Params({defs.PARAM_EMPTY_VOLUME_NL: 499999}), 1000)
    assert not condition_bits.has(defs.BIT_RESERVOIR_EMPTY)


def test_before_a_fill_nothing_is_evaluated():
    level, condition_bits, tank = reservoir_rig.make(level_nl=0, fill_nl=None)
    for _ in range(10):
        tank.read_level()
    assert condition_bits.word == 0


def test_what_was_withdrawn_is_compared_with_what_was_commanded():
    _, condition_bits, tank = reservoir_rig.make()
    for _ in range(40000):  # 10 mL
        tank.take(250000)
    transaction = refill.Refill(tank, condition_bits)
    transaction.begin()
    assert not transaction.withdrawn_known
    for volume_nl, percent, differs, unsettled in (
        (6000000, 0, False, False),
        (6500000, 5, False, False),
        (6500001, 6, True, False),
        (5499999, 6, True, False),
        (7000000, 10, True, False),
        (7000001, 11, True, True),
        (4999999, 11, True, True),
        (0, 60, True, True),
    ):
        assert transaction.withdrawn(volume_nl) == (6000000, volume_nl - 6000000, 10000000, percent)
        assert condition_bits.noted(defs.NOTE_REFILL_DIFFERS) == differs, volume_nl
        assert condition_bits.has(defs.BIT_REFILL_UNSETTLED) == unsettled, volume_nl
    assert transaction.withdrawn_known
    assert (tank.ledger_nl(), tank.commanded_nl()) == (6000000, 10000000)
    transaction.settle()
    assert not condition_bits.has(defs.BIT_REFILL_UNSETTLED)
    tank.fill(16000000, defs.FLUID_DRUG)
    assert tank.commanded_nl() == 0
    assert not condition_bits.noted(defs.NOTE_REFILL_DIFFERS)


def _differs(commanded_strokes, difference_nl):
    """(warns, alarms) for what was withdrawn after so many strokes of 0.25 uL."""
    _, condition_bits, tank = reservoir_rig.make()
    for _ in range(commanded_strokes):
        tank.take(250000)
    transaction = refill.Refill(tank, condition_bits)
    transaction.begin()
    transaction.withdrawn(tank.ledger_nl() + difference_nl)
    return condition_bits.noted(defs.NOTE_REFILL_DIFFERS), condition_bits.has(defs.BIT_REFILL_UNSETTLED)


def test_a_large_share_of_a_small_volume_warns():
    assert _differs(1000, -100000) == (True, False)  # two fifths of 0.25 mL
    assert _differs(1000, 50000) == (False, False) and _differs(1000, 50001) == (True, False)
    assert _differs(1000, -100001) == (True, True)


def test_what_a_syringe_can_not_show_is_no_difference():
    assert _differs(1, -20000) == _differs(1, 20000) == (False, False)
    assert _differs(1, -20001) == (True, False)
    assert _differs(4000, 100000) == (False, False)  # 10 % of 1 mL, as a syringe of 20 mL may be read


def _entered(tank):
    return tank.ledger_nl(), tank.commanded_nl(), tank.fluid, tank.dead.tip_fluid, tank.dead.left_nl()


def test_a_refill_that_is_cancelled_before_a_withdrawal_leaves_all_as_it_was():
    _, condition_bits, tank = reservoir_rig.make()
    condition_bits.note(defs.NOTE_REFILL_DIFFERS, True)
    condition_bits.set(defs.BIT_REFILL_UNSETTLED)
    before = (_entered(tank), condition_bits.word, condition_bits.notes)
    transaction = refill.Refill(tank, condition_bits)
    transaction.begin()
    transaction.cancel()
    transaction.interrupted()
    assert (_entered(tank), condition_bits.word, condition_bits.notes) == before
    assert tank.present_fluid() == tank.fluid == defs.FLUID_SALINE


def test_after_a_withdrawal_the_contents_are_unknown_until_they_are_entered():
    for end in ("cancel", "interrupted"):
        _, condition_bits, tank = reservoir_rig.make()
        before = _entered(tank)
        transaction = refill.Refill(tank, condition_bits)
        transaction.begin()
        transaction.withdrawn(tank.ledger_nl())
        assert condition_bits.has(defs.BIT_CONTENTS_UNKNOWN) and tank.present_fluid() == defs.FLUID_NONE
        assert not condition_bits.noted(defs.NOTE_REFILL_OPEN), "the refill goes on"
        getattr(transaction, end)()
        assert condition_bits.noted(defs.NOTE_REFILL_OPEN) and condition_bits.has(defs.BIT_CONTENTS_UNKNOWN)
        assert _entered(tank) == before
        transaction.begin()
        assert transaction.withdrawn_known and not transaction.began_known
        tank.fill(5000000, defs.FLUID_DRUG)
        assert condition_bits.word == 0 and condition_bits.notes == 0
        assert (tank.ledger_nl(), tank.present_fluid()) == (5000000, defs.FLUID_DRUG)


def test_volume_withdrawn_in_a_cancelled_refill_is_no_fault_of_the_drive():
    level, condition_bits, tank = reservoir_rig.make()
    for _ in range(100):
        tank.read_level()
    transaction = refill.Refill(tank, condition_bits)
    transaction.begin()
    level.nl -= 200000
    transaction.cancel()
    for _ in range(100):
        tank.read_level()
    assert condition_bits.word == 0 and condition_bits.notes == 0


def test_an_unknown_content_needs_no_withdrawal():
    _, condition_bits, tank = reservoir_rig.make(fill_nl=None)
    transaction = refill.Refill(tank, condition_bits)
    transaction.begin()
    assert transaction.withdrawn_known


def test_the_refill_falls_due_at_the_low_mark_with_all_boluses_used():
    _, _, tank = reservoir_rig.make()
    assert tank.refill_in_s(1000, 0) == 14 * 86400  # 16 mL less the low mark of 2 mL
    assert tank.refill_in_s(1000, 400000) == 10 * 86400
    tank.fill(1000000, defs.FLUID_SALINE)
    assert tank.refill_in_s(1000, 0) == 0


def test_contents_are_unknown_until_a_fluid_is_named():
    _, condition_bits, tank = reservoir_rig.make(fill_nl=None)
    condition_bits.set(defs.BIT_CONTENTS_UNKNOWN)
    tank.fill(1000000, defs.FLUID_DRUG)
    assert not condition_bits.has(defs.BIT_CONTENTS_UNKNOWN)
    tank.fill(0, defs.FLUID_NONE)
    assert condition_bits.has(defs.BIT_CONTENTS_UNKNOWN)


def test_the_level_is_known_two_seconds_after_a_refill_and_after_power_on():
    pump = pump_rig.Pump()
    pump.run(1999)
    assert pump.do("status")["level_nl"] is None
    pump.run(1)
    assert pump.do("status")["level_nl"] == 0
    pump_rig.fill(pump, 16000000)
    pump.run(1999)
    assert pump.do("status")["level_nl"] is None
    pump.run(1)
    assert pump.do("status")["level_nl"] == 16000000


def test_the_pump_reads_the_level_every_five_seconds_and_decides_once_a_minute():
    pump = pump_rig.infuse(pump_rig.Pump())
    pump.run(5000)
    before = pump.board.level.reads
    pump.run(100 * 4900)
    assert pump.board.level.reads == before + 100
    pump.board.level.off = True
    pump.run(2 * 58800)
    assert not pump.controller.conditions.noted(defs.NOTE_LEVEL_BLIND)
    pump.run(2 * 58800)
    assert pump.controller.conditions.noted(defs.NOTE_LEVEL_BLIND)


def test_the_time_left_is_that_of_the_lower_estimate():
    level, condition_bits, tank = reservoir_rig.make()
    assert tank.left_s(1000) == 1339200 and not tank.left_by_level()  # 15.5 mL above the empty mark
    for level_nl, lowest_nl in ((15900000, 16000000), (15899999, 15899999), (13000000, 13000000), (18000000, 16000000)):
        level.nl = level_nl
        reservoir_rig.fill(tank, 16000000)
        assert tank.left_s(1000) == (lowest_nl - 500000) * 86400 // 1000000, level_nl
        assert tank.left_by_level() == (lowest_nl == level_nl), level_nl
    level.nl = 13000000
    reservoir_rig.fill(tank, 16000000)
    assert tank.refill_in_s(1000, 0) == 11 * 86400
    level.off = True
    for _ in range(3):
        tank.read_level()
    assert tank.left_s(1000) == 1339200 and not tank.left_by_level(), "without a level the ledger alone counts"


def test_delivery_stops_at_the_empty_mark():
    pump = pump_rig.Pump()
    pump.run(0)
    pump_rig.infuse(pump, 24000)
    pump.do("stop")
    pump_rig.fill(pump, 510000)
    pump.do("start")
    pump.run(pump_rig.HOUR)
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    assert pump.controller.alarms.top == defs.ALARM_RESERVOIR_EMPTY
    assert pump.controller.reservoir.ledger_nl() == 500000
    assert pump.refused("resume") == defs.REFUSE_HELD
    pump_rig.fill(pump, 10000000)
    assert pump.refused("start") == defs.REFUSE_HELD  # the alarm is latched
    pump.do("ack", alarm=defs.ALARM_RESERVOIR_EMPTY)
    pump.run(0)
    pump.do("start")

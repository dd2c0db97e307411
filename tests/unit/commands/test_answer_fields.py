"""What the fields of `status`, `dose`, `therapy`, `journal` and `exchanges` say in each case that a user can meet."""

import journal_store
import persistence_rig
import pump_rig
from pump import defs

_LEFT_S = 15500 * 86400 // 1000  # of 16 mL to the empty mark of 0.5 mL, at 1 mL/day
_HOLD_OVER_S = 300 * 86400 // 1000  # the dead volume of 0.3 mL
_REFILL_IN_S = 14000 * 86400 // (1000 + 4 * 100)  # to the low mark of 2 mL, with four boluses of 0.1 mL a day


def _filled(**board):
    pump = pump_rig.Pump(**board)
    pump.run(0)
    pump_rig.fill(pump)
    return pump


def _some(answer, *names):
    return tuple(answer[name] for name in names)


def _times(pump):
    """The times that follow from the rate, and the one to the next stroke."""
    times = _some(pump.do("status"), "rate_ul_day", "left_s", "stroke_in_ms")
    return times + _some(pump.do("dose"), "hold_over_s", "refill_in_s")


def test_times_are_null_without_a_rate_and_the_one_to_the_next_stroke_also_at_rest():
    pump = _filled()
    assert _times(pump) == (0, None, None, None, None)
    pump.change("therapy_set", **pump_rig.plan(1000))
    assert _times(pump) == (1000, _LEFT_S, None, _HOLD_OVER_S, _REFILL_IN_S)
    pump.do("start")
    assert _times(pump) == (1000, _LEFT_S, 21600, _HOLD_OVER_S, _REFILL_IN_S)
    pump.do("pause")
    assert _times(pump) == (1000, _LEFT_S, None, _HOLD_OVER_S, _REFILL_IN_S)


def test_the_time_left_follows_from_the_level_where_that_is_lower_by_more_than_its_errors():
    for lower_nl, left_by in ((0, "ledger"), (100000, "ledger"), (100001, "level"), (400000, "level")):
        pump = _filled()
        pump.change("therapy_set", **pump_rig.plan(1000))
        pump.board.level.nl = 16000000 - lower_nl
        pump.controller.reservoir.level.restart()
        pump.run(10000)
        status = pump.do("status")
        assert (status["level_nl"], status["left_by"]) == (16000000 - lower_nl, left_by)
        lost_nl = lower_nl if left_by == "level" else 0
        assert status["left_s"] == (15500000 - lost_nl) * 86400 // 1000000


def test_what_is_left_of_a_bolus_and_of_a_prime_is_told_in_nanolitres():
    pump = _filled()
    assert pump.do("dose")["bolus_left_nl"] == 0
    pump.change("prime", volume_nl=10100, purpose="prime")
    assert pump.do("dose")["bolus_left_nl"] == 10000
    pump.do("stop")
    pump.change("therapy_set", **pump_rig.plan(1000))
    pump.do("start")
    pump.change("bolus", volume_nl=20000)
    assert pump.do("dose")["bolus_left_nl"] == 20000


def test_therapy_tells_the_plan_and_null_for_what_it_does_not_have():
    pump = _filled()
    plan = pump.do("therapy")
    assert (plan["profile"], "rows" in plan) == (None, False)
    shown = ("profile", "fluid", "next_fluid", "phase_left_s", "volume_left_nl")
    for fields, expected in (
        (pump_rig.plan(24000), ("continuous", "saline", None, None, None)),
        (pump_rig.plan(24000, profile="timed", hours=2), ("timed", "saline", None, 7200, None)),
        (pump_rig.plan(24000, profile="timed", volume_nl=1000), ("timed", "saline", None, None, 1000)),
        (pump_rig.alternating(24000, hours=1), ("intrahepatic", "saline", "drug", 3600, None)),
    ):
        pump.change("therapy_set", **fields)
        pump.do("start")
        assert _some(pump.do("therapy"), *shown) == expected
        pump.do("stop")


def test_a_plan_whose_volume_is_given_has_nothing_left():
    pump = _filled()
    pump.change("therapy_set", **pump_rig.plan(24000, profile="timed", volume_nl=500))
    pump.do("start")
    left_nl = []
    for _ in range(3):
        left_nl.append(pump.do("therapy")["volume_left_nl"])
        pump.run(1000)
    assert left_nl == [500, 250, 0]


def test_journal_names_the_setting_that_is_invalid_and_null_for_none():
    for number in (None, 0, 2):
        pump = persistence_rig.new()
        pump.run(0)
        pump.do("param_set", name="silence_s", value=60)
        saved = journal_store.boot(pump.board.store)
        values = list(saved.settings)
        if number is not None:
            values[number] = 0
            assert saved.save_settings(values)
        told = persistence_rig.again(pump).do("journal")
        assert (told["unfit"], told["unfit_index"]) == ("none" if number is None else "settings", number)


def test_exchanges_lists_each_part_that_counts_disturbed_ones_itself_although_none_was():
    class Quiet:
        disturbed = 0

        def check(self):
            pass

    class Counting(Quiet):
        exchanges = 7

    pump = pump_rig.Pump()
    pump.board.PARTS += ((defs.PART_DRIVER, Counting()), (defs.PART_BUS, Quiet()))
    pump.run(0)
    rows = pump.do("exchanges")["rows"]
    assert [defs.PART_DRIVER, 7, 0] in rows and [defs.PART_BUS, 0, 0] in rows
    assert defs.PART_ANNUNCIATOR not in [row[0] for row in rows], "it counts nothing"

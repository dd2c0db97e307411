"""Strokes of a whole pump: exactly as many as rate x time, in all conditions; each is monitored and accounted."""

import pump_rig
from pump import defs
from pump.core import ticks

REQUIREMENTS = ("D2", "D3")
_ODD_PL = 33 * 7577


def _count(pump):
    return pump.controller.account.strokes


def test_the_first_stroke_comes_one_period_after_the_start():
    pump = pump_rig.infuse(pump_rig.Pump())
    pump.run(21599)
    assert (_count(pump), pump.board.drive.strokes) == (0, 0)
    pump.run(1)
    assert (_count(pump), pump.board.drive.strokes) == (1, 1)


def test_strokes_of_the_pump_are_exact_at_every_rate_across_the_wrap():
    for ul_day, hours in ((50, 10), (1000, 5), (7300, 1), (24000, 1)):
        span_ms = hours * pump_rig.HOUR
        pump = pump_rig.infuse(pump_rig.Pump(), ul_day)
        pump.run(span_ms)
        assert _count(pump) == pump.board.drive.strokes == pump_rig.strokes_due([(ul_day, span_ms)])
        assert not pump.board.errors


def test_strokes_with_an_odd_calibration():
    pump = pump_rig.Pump()
    pump.run(0)
    pump.change("param_set", name="steps_per_stroke", value=33)
    pump.change("param_set", name="pl_per_step", value=7577)
    pump_rig.infuse(pump, 7300)
    pump.run(pump_rig.HOUR)
    account = pump.controller.account
    assert account.strokes == pump_rig.strokes_due([(7300, pump_rig.HOUR)], _ODD_PL)
    assert account.delivered.ul * 1000000 + account.delivered.pl == account.strokes * _ODD_PL


def test_strokes_with_rate_changes_and_pauses():
    pump = pump_rig.infuse(pump_rig.Pump(low_time_h=1), 1000)  # so that the low mark doesn't depend on the rate (A6)
    parts = []
    for turn in range(60):
        ul_day, span_ms = (1000, 24000, 50, 7300)[turn % 4], (turn * 7919) % 60013
        pump.change("rate", ul_day=ul_day, override="soft_rate")
        pump.run(span_ms)
        parts.append((ul_day, span_ms))
        assert _count(pump) == pump_rig.strokes_due(parts)
        if turn % 5 == 0:
            pump.do("pause")
            pump.run(turn * 1009)
            assert _count(pump) == pump_rig.strokes_due(parts)
            pump.do("resume")


def test_a_rate_set_in_the_pause_counts_from_the_resume():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(20000)
    pump.do("pause")
    pump.change("rate", ul_day=24000, override="soft_rate")
    pump.run(pump_rig.HOUR)
    pump.do("resume")
    pump.run(pump_rig.MINUTE)
    assert _count(pump) == pump_rig.strokes_due([(1000, 20000), (24000, pump_rig.MINUTE)])


def test_a_start_after_a_stop_begins_with_nothing_due():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(21000)
    pump.do("stop")
    pump.run(pump_rig.HOUR)
    pump.do("start")
    pump.run(21599)
    assert _count(pump) == 0
    pump.run(1)
    assert _count(pump) == 1


def test_the_delivered_total_and_the_ledger_move_by_the_stroke():
    pump = pump_rig.infuse(pump_rig.Pump(), 24000)
    pump.run(pump_rig.HOUR)
    account = pump.controller.account
    assert (account.delivered.ul, account.delivered.pl) == divmod(account.strokes * 250000, 1000000)
    assert pump.controller.reservoir.ledger_nl() == 16000000 - account.strokes * 250


def test_a_pause_finishes_the_stroke_that_is_under_way():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(21650)
    assert pump.board.drive.moving()
    pump.do("pause")
    pump.run(pump_rig.MINUTE)
    assert pump.board.drive.steps_done() == 100
    assert pump.board.drive.stops == 0
    pump.do("resume")
    pump.run(21600 - 50)
    assert _count(pump) == 2


def test_a_resume_while_the_stroke_is_still_under_way():
    pump = pump_rig.infuse(pump_rig.Pump(), 24000)
    pump.run(950)
    assert pump.board.drive.moving()
    pump.do("pause")
    pump.do("resume")
    pump.run(pump_rig.MINUTE - 950)
    assert _count(pump) == pump.board.drive.strokes == pump_rig.strokes_due([(24000, pump_rig.MINUTE)])
    pump.do("stop")
    pump.run(1000)
    assert pump.board.drive.moved_nl() == _count(pump) * 250


def test_a_rate_change_while_the_stroke_is_under_way():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(21650)
    assert pump.board.drive.moving()
    pump.change("rate", ul_day=24000, override="soft_rate")
    pump.run(pump_rig.MINUTE)
    assert _count(pump) == pump_rig.strokes_due([(1000, 21650), (24000, pump_rig.MINUTE)])
    assert not pump.app.conditions.has(defs.BIT_DRIVE_FAULT)


def test_a_stroke_changed_in_standby_while_one_is_under_way():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(21650)
    pump.do("stop")
    assert pump.board.drive.moving()
    pump.change("param_set", name="steps_per_stroke", value=50)
    pump.run(1000)
    assert pump.board.drive.steps_done() == 100
    pump.do("start")
    pump.run(10800)
    assert pump.board.drive.strokes == 2
    pump.run(1000)
    assert pump.board.drive.steps_done() == 50
    assert pump.controller.account.delivered.pl == 375000
    assert pump.controller.supervisor.state == defs.STATE_INFUSING


def test_a_refused_stroke_is_a_fault_and_stays_accounted():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(30000)
    pump.board.drive.refuses = True
    pump.run(20000)
    assert pump.controller.supervisor.state == defs.STATE_FAULT
    assert (_count(pump), pump.board.drive.strokes) == (2, 1)
    pump.board.drive.refuses = False
    pump.run(pump_rig.HOUR)
    assert (_count(pump), pump.board.drive.strokes) == (2, 1)
    assert pump.board.annunciator.light == defs.PRIORITY_HIGH


def test_a_stroke_that_does_not_end_is_a_fault_within_its_period():
    for ul_day, at_ms in ((1000, 21600), (24000, 900)):
        pump = pump_rig.infuse(pump_rig.Pump(), ul_day)
        pump.board.drive.stuck = True
        pump.run(at_ms + 500)
        assert pump.controller.supervisor.state == defs.STATE_INFUSING
        pump.run(300)
        assert pump.controller.supervisor.state == defs.STATE_FAULT
        assert pump.app.conditions.has(defs.BIT_DRIVE_FAULT)
        assert pump.board.drive.stops == 1
        assert pump.logged(defs.EVENT_STROKE_CUT) == [[0, 100]]


def test_a_stuck_stroke_is_found_in_standby_as_well():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.board.drive.stuck = True
    pump.run(21650)
    pump.do("stop")
    pump.run(1000)
    assert pump.controller.supervisor.state == defs.STATE_FAULT


def test_an_alarm_cuts_the_stroke_and_accounts_it_whole():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(21650)
    pump.app.conditions.set(defs.BIT_OCCLUDED)
    pump.run(0)
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    assert not pump.board.drive.moving()
    assert pump.logged(defs.EVENT_STROKE_CUT) == [[25, 100]]
    assert _count(pump) == 1
    pump.run(pump_rig.HOUR)
    assert pump.board.drive.strokes == 1


def test_a_stroke_that_begins_late_is_noticed_and_none_is_lost():
    pump = pump_rig.infuse(pump_rig.Pump(), 24000)
    pump.run(10000)
    pump.board.clock.now = ticks.add(pump.board.clock.now, 4000)
    pump.run(6000)
    assert pump.controller.alarms.rows()[0][0] == defs.ALARM_LATE
    assert _count(pump) == pump_rig.strokes_due([(24000, 20000)])


def test_strokes_never_overlap_and_keep_their_distance():
    pump = pump_rig.infuse(pump_rig.Pump(), 24000)
    times = pump.board.drive.times = []
    pump.run(pump_rig.MINUTE)
    for earlier, later in zip(times, times[1:]):
        assert ticks.diff(later, earlier) == 900


def test_no_gap_is_a_second_longer_than_the_period_whatever_else_there_is_to_do():
    """Level readings, self-tests, samples and telemetry are done between strokes."""
    for ul_day, span_ms in ((50, 15 * pump_rig.HOUR), (1000, pump_rig.HOUR), (24000, 20 * pump_rig.MINUTE)):
        pump = pump_rig.infuse(pump_rig.Pump(), ul_day)
        pump.do("telemetry", period_s=7)
        times = pump.board.drive.times = []
        for _ in range(60):
            pump.run(span_ms // 60)
            pump.board.link.sent = bytearray()
        period_ms = -(-250000 * 864 // (ul_day * 10))
        assert len(times) > 100
        assert max(ticks.diff(later, earlier) for earlier, later in zip(times, times[1:])) <= period_ms + 1000


def test_status_tells_the_time_to_the_next_stroke():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(1600)
    assert pump.ask("status")["stroke_in_ms"] == 20000
    pump.do("stop")
    assert pump.ask("status")["stroke_in_ms"] is None

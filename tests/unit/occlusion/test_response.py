"""After an occlusion: a limited number of reverse strokes and of automatic restarts; then the pump waits."""

import pump_rig
from pump import defs

REQUIREMENTS = ("O4", "O5", "O6")
STROKE_MS = 21600


def _blocked(**board):
    """A pump that was just stopped by a block."""
    pump = pump_rig.infuse(pump_rig.Pump(**board), 1000)
    pump.run(20 * pump_rig.MINUTE)
    pump.board.pressure.block()
    for _ in range(6 * STROKE_MS // 100):
        pump.run(100)
        if pump.app.conditions.has(defs.BIT_OCCLUDED):
            break
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    return pump


def _retries(pump):
    return [row[0] for row in pump.logged(defs.EVENT_RETRY)]


def test_retained_volume_is_reversed_stroke_by_stroke():
    pump = _blocked()
    excess_pa = pump.controller.monitor.input.pressure_pa - pump_rig.REST_PA
    assert excess_pa >= 3 * 2500
    pump.run(pump_rig.MINUTE)
    assert pump.controller.monitor.input.pressure_pa == pump_rig.REST_PA
    assert abs(pump.controller.response.relief.left_pa) < 2500 // 2  # of the average, which follows
    assert pump.logged(defs.EVENT_RELIEF) == [[100 * excess_pa // 2500, pump_rig.REST_PA]]
    assert pump.board.drive.net == pump.controller.account.strokes - excess_pa // 2500
    assert not pump.app.conditions.has(defs.BIT_COUNT_WRONG)
    moved = pump.board.drive.strokes
    pump.run(pump_rig.DAY)
    assert pump.board.drive.strokes == moved
    assert pump.controller.alarms.top == defs.ALARM_OCCLUSION


def test_the_delivered_total_is_not_touched_by_a_relief():
    pump = _blocked()
    booked = pump.controller.account.strokes, pump.controller.reservoir.ledger_nl()
    pump.run(pump_rig.MINUTE)
    assert (pump.controller.account.strokes, pump.controller.reservoir.ledger_nl()) == booked


def test_a_drive_that_has_no_reverse_waits_until_the_pressure_falls():
    pump = _blocked(reverses=False, occlusion_retries=3)
    moved = pump.board.drive.strokes
    pump.run(pump_rig.HOUR)
    assert pump.board.drive.strokes == moved
    assert _retries(pump) == []
    pump.board.pressure.unblock()
    pump.run(pump_rig.HOUR)
    assert _retries(pump) == [1]
    assert pump.controller.supervisor.state == defs.STATE_INFUSING


def test_a_blind_sensor_has_nothing_taken_back():
    pump = _blocked()
    pump.board.pressure.off = True
    pump.run(pump_rig.HOUR)
    assert pump.logged(defs.EVENT_RELIEF) == []
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM


def test_the_absolute_limit_is_relieved_too():
    pump = pump_rig.infuse(pump_rig.Pump(occlusion_rise_pa=50000), 1000)
    pump.controller.monitor.detector.update = lambda *_: False
    pump.run(pump_rig.HOUR)
    pump.controller.monitor.detector.level.begin(pump_rig.REST_PA)
    pump.board.pressure.block(10000)
    pump.run(7 * STROKE_MS)
    assert pump.controller.alarms.top == defs.ALARM_PRESSURE_LIMIT
    assert pump.logged(defs.EVENT_RELIEF)[0][1] < 30000


def test_a_block_that_opens_by_itself_costs_one_restart_and_the_alarm_waits_for_a_user():
    pump = _blocked(occlusion_retries=3)
    pump.board.pressure.unblock()
    pump.run(pump_rig.HOUR)
    assert _retries(pump) == [1]
    assert pump.controller.supervisor.state == defs.STATE_INFUSING
    assert pump.controller.alarms.top == defs.ALARM_OCCLUSION
    assert pump.controller.response.relief.restarts == 0  # the line has taken ten strokes, so the count is cleared
    pump.do("ack")
    assert pump.controller.alarms.top == 0


def test_a_block_that_stays_is_tried_three_times_at_most_and_then_left_to_a_user():
    for ul_day in (200, 1000, 7300):
        pump = pump_rig.infuse(pump_rig.Pump(occlusion_retries=3), ul_day)
        stroke_ms = 21600000 // ul_day
        pump.run(100 * stroke_ms)
        pump.board.pressure.block()
        pump.run(200 * stroke_ms)
        assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
        tries = _retries(pump)
        # An alarm that comes for the third time in ten minutes holds the pump before the third retry (A6).
        held = pump.app.conditions.has(defs.BIT_ALARM_REPEATS)
        assert tries == ([1, 2] if held else [1, 2, 3]), (ul_day, tries)
        assert held == (ul_day > 200)
        moved = pump.board.drive.strokes
        pump.run(2 * pump_rig.HOUR)
        assert pump.board.drive.strokes == moved
        pump.board.pressure.unblock()
        pump.do("ack")
        pump.run(pump_rig.MINUTE)
        pump.do("resume")
        pump.run(50 * stroke_ms)
        assert pump.controller.alarms.top == 0


def test_after_an_acknowledgement_nothing_goes_on_by_itself():
    pump = _blocked(occlusion_retries=3)
    pump.do("ack")
    pump.board.pressure.unblock()
    pump.run(pump_rig.HOUR)
    assert _retries(pump) == []
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    pump.do("resume")
    assert pump.controller.supervisor.state == defs.STATE_INFUSING


def test_another_stopping_alarm_holds_the_restart():
    pump = _blocked(occlusion_retries=3)
    pump.app.conditions.set(defs.BIT_SUPPLY_OUT)
    pump.run(0)
    pump.app.conditions.clear(defs.BIT_SUPPLY_OUT)
    pump.board.pressure.unblock()
    pump.run(pump_rig.HOUR)
    assert _retries(pump) == []
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM


def test_a_prime_that_is_blocked_is_relieved_and_not_made_a_delivery():
    pump = pump_rig.infuse(pump_rig.Pump(occlusion_retries=3), 1000)
    pump.do("stop")
    pump.change("prime", volume_nl=100000, purpose="prime")
    pump.run(20 * 900)
    assert pump.controller.supervisor.state == defs.STATE_PRIMING
    pump.board.pressure.block()
    pump.run(pump_rig.HOUR)
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    assert _retries(pump) == []
    assert len(pump.logged(defs.EVENT_RELIEF)) == 1


def test_a_stop_ends_the_relief():
    pump = _blocked()
    pump.run(3000)
    pump.do("ack")
    pump.board.pressure.unblock()
    pump.run(2500)
    pump.do("stop")
    moved = pump.board.drive.strokes
    pump.run(pump_rig.HOUR)
    assert pump.board.drive.strokes == moved
    assert pump.controller.supervisor.state == defs.STATE_STANDBY


def test_the_traces_of_the_alarm_are_given_out_until_it_is_acknowledged_and_delivery_goes_on():
    pump = _blocked()
    pump.run(2 * pump_rig.HOUR)
    rows = []
    while True:
        answer = pump.do("trace", first=len(rows))
        assert answer["alarm"] == defs.ALARM_OCCLUSION
        rows += answer["rows"]
        if answer["next"] is None:
            break
        assert answer["next"] == len(rows)
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), reverse=True)
    assert {row[0] for row in rows} == set(range(16))
    assert rows[-1][2] - rows[1][2] >= 3 * 2500  # the stroke that was found, and before the second one that is kept
    assert pump.do("trace", first=1000)["rows"] == []
    pump.board.pressure.unblock()
    pump.do("ack")
    pump.run(pump_rig.MINUTE)
    assert pump.do("trace")["alarm"] == defs.ALARM_OCCLUSION
    pump.do("resume")
    pump.run(2 * STROKE_MS)
    assert pump.do("trace")["alarm"] == 0

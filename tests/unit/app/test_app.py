"""The pump as a whole: its main loop, its states, parts that fail, unexpected errors."""

import part_fakes
import pump_rig
from pump import defs
from pump.core import params, ticks

REQUIREMENTS = ("D9", "S3")


def test_power_on_ends_in_standby_without_motion_sound_or_light():
    pump = pump_rig.Pump()
    pump.run(pump_rig.MINUTE)
    assert pump.controller.supervisor.state == defs.STATE_STANDBY
    rows = [[defs.EVENT_POWER_ON, 0, 0], [defs.EVENT_RESET, defs.RESET_POWER_ON, 0], [defs.EVENT_STATE, 0, 1]]
    assert [row[3:] for row in pump.log()] == rows
    assert (pump.board.drive.strokes, pump.board.annunciator.shows, pump.board.annunciator.sounds) == (0, 0, 0)


def test_the_pump_sleeps_between_strokes_and_feeds_the_watchdog_in_time():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    fed = pump.board.watchdog.fed
    pump.run(pump_rig.HOUR)
    assert pump.board.watchdog.longest_ms <= 5000
    assert pump.board.watchdog.fed - fed < 167 * 43  # 33 samples a stroke, and three conversions started early


def test_a_day_at_1_ml_is_a_millilitre():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(pump_rig.DAY)
    status = pump.do("status")
    assert (status["strokes"], status["book_ul"], status["book_pl"]) == (4000, 1000, 0)
    assert status["ledger_nl"] == 15000000
    assert status["uptime_s"] == 86400
    assert pump.board.drive.strokes == 4000


def test_any_start_of_the_clock_gives_the_same_run():
    logs = []
    for start in (0, pump_rig.START, ticks.add(0, -1), (1 << 29) - 7000, 1 << 29):
        pump = pump_rig.infuse(pump_rig.Pump(start), 24000)
        pump.run(10 * pump_rig.MINUTE)
        pump.board.pressure.block()
        pump.run(pump_rig.MINUTE)
        logs.append((pump.log(), pump.do("status")))
    assert all(log == logs[0] for log in logs)
    assert logs[0][1]["state"] == defs.STATE_STOPPED_ALARM


def test_the_same_scenario_in_small_and_large_pieces_of_time():
    logs = []
    for piece in (1000, 60000, 37):
        pump = pump_rig.infuse(pump_rig.Pump(), 7300)
        for _ in range(120000 // piece):
            pump.run(piece)
        pump.run(120000 % piece)
        logs.append((pump.log(), pump.do("status")))
    assert logs[0] == logs[1] == logs[2]


def test_no_state_without_motion_delivers():
    for leave in ("pause", "stop", "refill_begin"):
        pump = pump_rig.infuse(pump_rig.Pump(), 24000)
        pump.run(pump_rig.MINUTE)
        pump.do(leave)
        count = pump.board.drive.strokes
        pump.run(pump_rig.HOUR)
        assert not pump.controller.supervisor.may_move()
        assert (pump.board.drive.strokes, pump.controller.account.strokes) == (count, count)


def test_every_dangerous_condition_stops_the_pump_in_the_step_that_finds_it():
    bits = [1 << at for at in range(12) if defs.CUTS >> at & 1]
    assert len(bits) == 10
    for bit in bits:
        pump = pump_rig.infuse(pump_rig.Pump(), 1000)
        pump.run(21650)
        assert pump.board.drive.moving()
        pump.app.conditions.set(bit)
        pump.app.step()
        assert not pump.board.drive.moving()
        assert pump.board.annunciator.light >= defs.PRIORITY_MEDIUM
        pump.run(1000)
        assert pump.board.drive.strokes == 1


def test_an_empty_reservoir_lets_the_stroke_be_finished():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(21650)
    pump.app.conditions.set(defs.BIT_RESERVOIR_EMPTY)
    pump.app.step()
    assert pump.board.drive.moving()
    pump.run(pump_rig.MINUTE)
    assert pump.board.drive.strokes == 1
    assert pump.board.drive.steps_done() == 100
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    assert pump.logged(defs.EVENT_STROKE_CUT) == []


def test_only_a_reset_ends_the_state_fault():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.app.conditions.set(defs.BIT_DRIVE_FAULT)
    pump.run(0)
    pump.app.conditions.clear(defs.BIT_DRIVE_FAULT)
    pump.do("ack")
    for command in ("start", "resume", "refill_begin", "pause"):
        assert pump.refused(command) == defs.REFUSE_WRONG_STATE
    pump.do("stop")
    pump.run(pump_rig.HOUR)
    assert pump.controller.supervisor.state == defs.STATE_FAULT


def test_the_level_sensor_fails_and_comes_back():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(pump_rig.MINUTE)
    pump.board.level.off = True
    pump.run(2 * pump_rig.MINUTE)
    assert pump.controller.alarms.rows() == []
    pump.run(pump_rig.MINUTE)
    assert pump.controller.alarms.top == defs.ALARM_LEVEL_SENSOR
    assert pump.do("status")["level_nl"] is None
    assert pump.controller.supervisor.state == defs.STATE_INFUSING
    pump.board.level.off = False
    pump.run(17 * pump_rig.MINUTE)
    assert [row[:3] for row in pump.controller.alarms.rows()] == [[defs.ALARM_LEVEL_SENSOR, 0, 0]]
    pump.do("ack")
    assert pump.controller.alarms.rows() == []


def test_a_refill_with_a_dead_level_sensor_can_be_started():
    pump = pump_rig.infuse(pump_rig.Pump(), 24000)
    pump.do("stop")
    pump_rig.fill(pump, 510000)
    pump.do("start")
    pump.run(pump_rig.HOUR)
    assert pump.controller.alarms.top == defs.ALARM_RESERVOIR_EMPTY
    pump.board.level.off = True
    pump.run(5 * pump_rig.MINUTE)
    pump_rig.fill(pump, 16000000)
    pump.do("ack")
    pump.do("start")


def test_a_slow_part_sets_the_condition_late():
    pump = pump_rig.Pump()
    pump.run(2000)
    clock = pump.board.clock
    read_pa = pump.board.pressure.read_pa

    def slow():
        clock.now = ticks.add(clock.now, 250)
        return read_pa()

    pump.controller.monitor.input._read_pa = slow
    pump.run(3000)
    assert pump.controller.alarms.top == defs.ALARM_LATE


# ---- the main loop and unexpected errors ----------------------------------------------------------------------------


def _failed(pump):
    """What must hold after any failure."""
    assert pump.controller.supervisor.state == defs.STATE_FAULT
    assert defs.ALARM_INTERNAL_ERROR in [row[0] for row in pump.controller.alarms.rows()]
    assert pump.board.annunciator.light == defs.PRIORITY_HIGH
    assert pump.board.drive.stops > 0
    assert pump.board.errors
    assert len(pump.logged(defs.EVENT_ERROR)) == 1


def test_the_main_loop_runs_and_stops_the_drive_at_its_end():
    pump = pump_rig.infuse(pump_rig.Pump(), 24000)
    pump.main(pump_rig.MINUTE + 50)
    assert pump.controller.account.strokes == pump_rig.strokes_due([(24000, pump_rig.MINUTE)])
    assert pump.board.drive.stops == 1
    assert pump.board.errors == []


def test_an_error_in_a_part_ends_in_fault_and_the_link_answers():
    for part in ("pressure", "level", "step_counter", "supply", "temperature"):
        pump = pump_rig.infuse(pump_rig.Pump(), 1000)
        getattr(pump.board, part).breaks = True
        pump.main(2 * pump_rig.MINUTE)
        _failed(pump)
        count = pump.board.drive.strokes
        pump.board.link.waiting.extend(pump.frame("status"))
        pump.main(10 * pump_rig.MINUTE)
        assert [said["state"] for said in pump.heard() if "state" in said] == [defs.STATE_FAULT]
        assert pump.board.drive.strokes == count
        assert pump.board.watchdog.longest_ms <= 5200


def test_an_error_of_the_drive_at_the_start_of_a_stroke():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.board.drive.breaks = True
    pump.main(pump_rig.HOUR)
    _failed(pump)
    assert pump.controller.account.strokes == 1


def test_an_error_of_the_drive_in_the_stroke_still_shows_its_alarm():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(21650)
    pump.board.drive.lost = True
    pump.main(pump_rig.MINUTE)
    _failed(pump)
    assert pump.board.drive.strokes == 1


def test_an_error_of_the_annunciator_stops_the_pump():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.board.annunciator.breaks = True
    pump.app.conditions.note(defs.NOTE_LEVEL_BLIND, True)
    pump.main(pump_rig.MINUTE)
    _failed(pump)
    assert pump.board.annunciator.tone == defs.PRIORITY_HIGH


def test_no_stroke_begins_after_an_error():
    """The pressure sensor fails in a step in which a stroke is also due."""
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(20790)
    pump.board.pressure.breaks = True
    pump.board.clock.now = ticks.add(pump.board.clock.now, 900)
    pump.main(pump_rig.MINUTE)
    _failed(pump)
    assert pump.board.drive.strokes == 0


def test_no_stroke_begins_in_the_step_that_finds_a_reason_to_stop():
    """Found by a job that runs in the very step in which a stroke is due."""
    for name in ("monitor", "reservoir", "environment", "guards"):
        pump = pump_rig.infuse(pump_rig.Pump(), 1000)
        pump.run(10000)
        job = getattr(pump.controller, name).job
        due = ticks.add(pump.board.clock.now, pump.controller.delivery.stroke_in_ms(pump.board.clock.now))
        job.run = lambda now, pump=pump: pump.controller.conditions.set(defs.BIT_UPSTREAM_BLOCKED)
        job.at(due)
        pump.run(pump_rig.MINUTE)
        assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM, name
        assert pump.board.drive.strokes == 0, name


def test_a_stroke_that_is_due_at_the_end_of_a_plan_is_given():
    pump = pump_rig.infuse(pump_rig.Pump(), fields=pump_rig.plan(1000, profile="timed", hours=6))
    pump.run(6 * pump_rig.HOUR - 1)
    assert (pump.controller.account.strokes, pump.controller.supervisor.state) == (999, defs.STATE_INFUSING)
    pump.run(1)
    assert (pump.controller.account.strokes, pump.controller.supervisor.state) == (1000, defs.STATE_KEEP_OPEN)
    pump.run(10000)
    assert pump.board.drive.strokes == 1000


def test_what_a_drive_with_a_pace_of_its_own_cannot_have_is_refused():
    part_fakes.Drive.cycle_ms = 181
    try:
        pump = pump_rig.Pump(steps_per_stroke=1, pl_per_step=250000)
        pump.run(0)
        for name in ("steps_per_stroke", "step_interval_us", "backlash_steps"):
            value = pump.controller.params.get(params.number_of(name))
            assert pump.refused("param_set", name=name, value=value + 1) == defs.REFUSE_OUT_OF_RANGE, name
    finally:
        part_fakes.Drive.cycle_ms = 0


def test_a_step_that_fails_feeds_no_watchdog():
    pump = pump_rig.Pump()
    pump.run(pump_rig.MINUTE)
    pump.board.link.breaks = True
    fed = pump.board.watchdog.fed
    pump.main(pump_rig.MINUTE)
    assert pump.board.watchdog.fed == fed + 1  # the feed that starts the watchdog
    _failed(pump)


def test_no_step_feeds_the_watchdog_without_heartbeats_one_that_only_samples_neither():
    pump = pump_rig.infuse(pump_rig.Pump(), 24000)
    strokes, fed = pump.board.drive.strokes, pump.board.watchdog.fed
    pump.app.heartbeats.fresh = lambda now: False
    pump.run(10000)  # the line is sampled around each stroke
    assert pump.board.drive.strokes > strokes
    assert pump.board.watchdog.fed == fed


def test_the_watchdog_runs_before_the_first_step():
    pump = pump_rig.Pump()
    fed = []

    def run(now):
        fed.append(pump.board.watchdog.fed)

    pump.app.scheduler.jobs[0].run = run
    pump.main(pump_rig.MINUTE)
    assert fed[0] == 1


def test_an_error_that_comes_back_leaves_the_log_readable():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.board.pressure.breaks = True
    pump.main(pump_rig.DAY)
    _failed(pump)
    assert pump.log()[0][3] == defs.EVENT_POWER_ON


def test_an_interrupt_by_a_user_ends_the_loop_with_the_drive_stopped():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(21650)

    def interrupt(now):
        raise KeyboardInterrupt

    pump.app.port.job.run = interrupt
    try:
        pump.main(1000)
    except KeyboardInterrupt:
        pass
    else:
        raise AssertionError("the loop did not end")
    assert not pump.board.drive.moving()


def test_a_new_pump_has_neither_a_plan_nor_known_contents():
    conditions = pump_rig.Pump().app.conditions
    assert conditions.has(defs.BIT_PLAN_MISSING) and conditions.has(defs.BIT_CONTENTS_UNKNOWN)


def test_a_step_that_fails_is_tried_again_ten_times_a_second_and_its_record_names_no_command():
    pump = pump_rig.Pump()
    pump.run(pump_rig.MINUTE)
    pump.board.pressure.breaks = True
    pump.board.clock.wait_ms(5000)
    waits = [pump.app.turn() for _ in range(3)]
    assert 100 in waits
    assert [row[0] for row in pump.logged(defs.EVENT_ERROR)] == [0]


def test_a_step_that_only_samples_evaluates_nothing_until_there_is_an_error():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(2 * pump_rig.MINUTE)
    evaluated = []
    evaluate = pump.controller.evaluate
    pump.controller.evaluate = lambda now: evaluated.append(now) or evaluate(now)
    pump.app.scheduler.sample = lambda: 50
    assert pump.app.step() == 50 and not evaluated
    pump.app.conditions.set(defs.BIT_INTERNAL_ERROR)
    assert pump.app.step() == 50 and len(evaluated) == 1

"""The watchdog is fed only while every job runs within its longest gap."""

import pump_rig
from pump import defs
from pump.core import conditions, scheduler, ticks
from pump.safety import heartbeats

REQUIREMENTS = ("S3",)
_START = ticks.add(0, -10000)  # the ticks wrap while the tests run
_FIRST_MEAL = 1  # the feed with which the main loop starts the watchdog


class _Clock:
    def __init__(self):
        self.now = _START

    def ticks_ms(self):
        return self.now


def _make(longest_ms=0, always=False):
    clock = _Clock()
    condition_bits = conditions.Conditions(0)
    job = scheduler.Job(lambda now: None, 100, always, longest_ms)
    tasks = scheduler.Scheduler(clock, condition_bits, (job,))
    return clock, condition_bits, tasks, job, heartbeats.Heartbeats(condition_bits, tasks.jobs, _START)


def test_a_job_of_every_step_is_fresh_while_it_runs():
    clock, _, tasks, _, beats = _make(always=True)
    for _ in range(10):
        tasks.step()
        assert beats.fresh(clock.now)
        clock.now = ticks.add(clock.now, 4900)


def test_a_job_that_has_not_run_within_its_gap_is_found_to_the_millisecond():
    for always, longest_ms in ((True, 6000), (False, 15000)):
        _, _, _, job, beats = _make(longest_ms, always)
        assert job.longest_ms == longest_ms
        assert beats.fresh(ticks.add(_START, longest_ms))
        assert not beats.fresh(ticks.add(_START, longest_ms + 1))


def test_a_job_without_a_gap_may_rest_but_not_be_passed_over():
    clock, _, _, job, beats = _make()
    clock.now = ticks.add(_START, pump_rig.DAY)
    assert beats.fresh(clock.now)
    job.at(ticks.add(clock.now, 1000))
    assert beats.fresh(ticks.add(clock.now, 7000))
    assert not beats.fresh(ticks.add(clock.now, 7001))
    job.off()
    assert beats.fresh(ticks.add(clock.now, 7001))


def test_behind_an_internal_error_only_the_jobs_of_every_step_count():
    for always in (False, True):
        _, condition_bits, _, _, beats = _make(15000, always)
        condition_bits.set(defs.BIT_INTERNAL_ERROR)
        assert beats.fresh(ticks.add(_START, 20000)) is not always


def test_the_pump_is_fed_in_time_whatever_it_does():
    for pump in (pump_rig.Pump(), pump_rig.infuse(pump_rig.Pump(), 50), pump_rig.infuse(pump_rig.Pump(), 24000)):
        pump.run(pump_rig.HOUR)
        assert pump.board.watchdog.longest_ms <= 5000


def test_a_sensor_only_job_that_sets_no_next_time_stops_feeding_the_watchdog():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(pump_rig.MINUTE)
    pump.controller.reservoir.job.off()
    fed = pump.board.watchdog.fed
    pump.main(pump_rig.MINUTE // 2)
    assert pump.board.watchdog.fed > fed + _FIRST_MEAL  # up to the end of the gap
    pump.main(2 * pump_rig.MINUTE)
    fed = pump.board.watchdog.fed
    pump.main(pump_rig.MINUTE)
    assert pump.board.watchdog.fed == fed + _FIRST_MEAL


def test_a_job_that_the_scheduler_passes_over_stops_feeding_the_watchdog():
    pump = pump_rig.Pump()
    pump.run(pump_rig.MINUTE)
    pump.controller.guards.job.always = False
    pump.main(10000)
    fed = pump.board.watchdog.fed
    pump.main(pump_rig.MINUTE)
    assert pump.board.watchdog.fed == fed + _FIRST_MEAL


def test_a_job_that_raised_once_leaves_the_alarm_on_and_the_watchdog_fed():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.board.level.breaks = True
    pump.main(10 * pump_rig.MINUTE)
    assert len(pump.board.errors) == 1
    assert pump.controller.alarms.top == defs.ALARM_INTERNAL_ERROR
    assert pump.board.watchdog.longest_ms <= 5000 + 100

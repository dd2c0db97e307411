"""Jobs: fixed order, due times across the wrap, the wait, the budget."""

from pump import defs
from pump.core import conditions, scheduler, ticks


class _Clock:
    def __init__(self, now):
        self.now = now

    def ticks_ms(self):
        return self.now


class _Work:
    """Records its name and time; can take time and arm itself again."""

    def __init__(self, clock, name, seen):
        self.clock, self.name, self.seen = clock, name, seen
        self.takes_ms = 0
        self.again_ms = 0
        self.job = None

    def run(self, now):
        self.seen.append((self.name, now))
        self.clock.now = ticks.add(self.clock.now, self.takes_ms)
        if self.again_ms:
            self.job.at(ticks.add(now, self.again_ms))


def _join(tasks, job):
    """One more job, after the others."""
    tasks.take(tasks.jobs + (job,))


def _add(tasks, run, always=False, sensor_only=False):
    job = scheduler.Job(run, 100, always, sensor_only=sensor_only)
    _join(tasks, job)
    return job


def _make(*names, now=1000, always=()):
    clock = _Clock(now)
    bits = conditions.Conditions(0)
    tasks = scheduler.Scheduler(clock, bits, ())
    seen = []
    works = []
    for name in names:
        work = _Work(clock, name, seen)
        work.job = _add(tasks, work.run, name in always)
        works.append(work)
    return clock, bits, tasks, seen, works


def test_the_order_is_that_of_adding_and_not_that_of_the_due_times():
    _, _, tasks, seen, (first, second, third) = _make("a", "b", "c")
    third.job.at(990)
    first.job.at(1000)
    second.job.at(995)
    tasks.step()
    assert [name for name, _ in seen] == ["a", "b", "c"]


def test_a_job_runs_once_unless_it_asks_again():
    clock, _, tasks, seen, (work,) = _make("a")
    work.job.at(1000)
    assert tasks.step() == 4900
    tasks.step()
    assert len(seen) == 1
    work.again_ms = 300
    work.job.at(1000)
    assert tasks.step() == 300
    clock.now += 300
    tasks.step()
    assert seen[1:] == [("a", 1000), ("a", 1300)]


def test_nothing_runs_early_and_the_wait_ends_with_the_nearest():
    _, _, tasks, seen, (one, two) = _make("a", "b")
    one.job.at(1700)
    two.job.at(1001)
    assert tasks.step() == 1
    assert seen == []
    two.job.off()
    assert tasks.step() == 700


def test_the_wait_is_never_longer_than_the_watchdog_allows():
    _, _, tasks, _, (work,) = _make("a")
    assert tasks.step() == 4900
    work.job.at(1000 + 86400000)
    assert tasks.step() == 4900


def test_due_times_across_the_wrap():
    now = ticks.add(0, -3)
    clock, _, tasks, seen, (work,) = _make("a", now=now)
    work.job.at(ticks.add(now, 10))
    assert tasks.step() == 10
    clock.now = 6
    assert tasks.step() == 1
    clock.now = 7
    tasks.step()
    assert seen == [("a", 7)]


def test_a_job_that_is_overdue_across_the_wrap_runs():
    _, _, tasks, seen, (work,) = _make("a", now=2)
    work.job.at(ticks.add(0, -9))
    tasks.step()
    assert seen == [("a", 2)]


def test_a_job_that_runs_always_is_left_out_of_the_wait_unless_it_asked_for_a_time():
    _, _, tasks, seen, (work,) = _make("a", always=("a",))
    assert tasks.step() == 4900
    assert tasks.step() == 4900
    assert len(seen) == 2
    work.again_ms = 40
    assert tasks.step() == 40
    work.again_ms = 0
    assert tasks.step() == 4900


def test_a_job_that_does_not_wake_ends_no_wait_and_runs_in_the_first_step_from_its_time_on():
    clock, _, tasks, seen, _ = _make()
    job = scheduler.Job(lambda now: seen.append(("ran", now)), wakes=False)
    _join(tasks, job)
    job.at(1300)
    assert tasks.step() == 4900 and tasks.quiet_ms() == 4900
    clock.now = 1299
    assert tasks.step() == 4900 and seen == []
    clock.now = 1400
    assert tasks.step() == 4900 and tasks.step() == 4900
    assert seen == [("ran", 1400)]


def test_a_job_armed_after_its_turn_is_not_missed():
    _, _, tasks, _, (early, late) = _make("a", "b")
    late.job.run = early.job.at
    late.job.at(1000)
    assert tasks.step() == 0


def test_off_before_its_turn_in_the_same_step():
    _, _, tasks, seen, (first, second) = _make("a", "b")
    first.job.run = lambda now: second.job.off()
    first.job.at(1000)
    second.job.at(1000)
    tasks.step()
    assert seen == []


def test_past_its_budget_a_job_sets_late_and_only_then():
    _, bits, tasks, _, (work, _) = _make("a", "b")
    work.takes_ms = 100
    work.job.at(1000)
    tasks.step()
    assert not bits.noted(defs.NOTE_LATE)
    work.takes_ms = 101
    work.job.at(1100)
    tasks.step()
    assert bits.noted(defs.NOTE_LATE)


def test_the_job_behind_a_slow_one_is_told_the_right_time_and_not_blamed():
    _, bits, tasks, seen, (slow, quick) = _make("a", "b", always=("a", "b"))
    slow.job.budget_ms = 5000
    slow.takes_ms = 700
    assert tasks.step() == 4900
    assert seen == [("a", 1000), ("b", 1700)]
    assert not bits.noted(defs.NOTE_LATE)
    quick.takes_ms = 700
    tasks.step()
    assert bits.noted(defs.NOTE_LATE)


def test_a_job_that_raises_stays_off_until_asked_again():
    _, _, tasks, seen, (work, other) = _make("a", "b")

    def fail(now):
        raise ValueError("broken")

    run = work.job.run
    work.job.run = fail
    work.job.at(1000)
    other.job.at(1000)
    try:
        tasks.step()
    except ValueError:
        pass
    else:
        raise AssertionError("the error was swallowed")
    work.job.run = run
    tasks.step()
    assert [name for name, _ in seen] == ["b"]


def _with_a_look(again_ms=250):
    """A job of every step and a sensor-only job that is due at once, after the first step."""
    clock, bits, tasks, seen, _ = _make("step", always=("step",))
    looker = _Work(clock, "look", seen)
    looker.job = _add(tasks, looker.run, sensor_only=True)
    looker.again_ms = again_ms
    looker.job.at(1000)
    tasks.step()
    del seen[:]
    return clock, bits, tasks, seen, looker


def test_a_sensor_only_job_that_is_due_alone_runs_alone():
    clock, _, tasks, seen, _ = _with_a_look()
    clock.now = 1250
    assert tasks.sample() == 250
    assert seen == [("look", 1250)]
    clock.now = 1500
    assert tasks.sample() == 250
    assert seen[1:] == [("look", 1500)]


def test_a_step_follows_when_a_sensor_only_job_has_found_something():
    for put in (lambda bits: bits.set(defs.BIT_PRESSURE_HIGH), lambda bits: bits.note(defs.NOTE_PRESSURE_BLIND, 1)):
        clock, bits, tasks, seen, looker = _with_a_look()
        looker.job.run = lambda now, put=put, bits=bits: put(bits)
        clock.now = 1250
        assert tasks.sample() == -1
        assert seen == []  # the scheduler doesn't remove it itself


def test_a_step_follows_when_another_job_is_due():
    clock, _, tasks, seen, _ = _with_a_look()
    other = _add(tasks, lambda now: seen.append(("other", now)))
    other.at(1400)
    clock.now = 1250
    tasks.step()
    del seen[:]
    clock.now = 1399
    assert tasks.sample() == -1  # the sensor-only job ran already, so something else ended the wait
    clock.now = 1400
    assert tasks.sample() == -1
    assert seen == []
    tasks.step()
    assert [name for name, _ in seen] == ["step", "other"]


def test_a_sensor_only_job_waits_no_longer_than_to_the_next_job_that_is_not_one():
    clock, _, tasks, seen, _ = _with_a_look()
    other = _add(tasks, lambda now: seen.append(("other", now)))
    other.at(1300)
    clock.now = 1240
    tasks.step()
    clock.now = 1250
    assert tasks.sample() == 50


def test_a_step_follows_when_nothing_is_due_as_bytes_of_the_link_have_ended_the_wait():
    clock, _, tasks, seen, _ = _with_a_look()
    clock.now = 1100
    assert tasks.sample() == -1
    assert seen == []


def test_looks_hold_off_a_step_no_longer_than_the_watchdog_allows():
    clock, _, tasks, seen, _ = _with_a_look()
    waited_ms = 0
    while True:
        clock.now = ticks.add(clock.now, 250)
        waited_ms += 250
        if tasks.sample() < 0:
            break
    assert waited_ms == 5000  # the first run after the longest wait, 4900 ms
    assert len(seen) == 19


def test_a_step_that_failed_is_not_followed_by_a_sensor_only_job():
    clock, _, tasks, seen, _ = _with_a_look()

    def fail(now):
        raise ValueError("broken")

    tasks.jobs[0].run = fail
    clock.now = 1250
    try:
        tasks.step()
    except ValueError:
        pass
    clock.now = 1500
    assert tasks.sample() == -1


def test_work_that_goes_on_is_not_put_off_by_a_sensor_only_job():
    clock, _, tasks, seen, _ = _with_a_look()
    clock.now = 1250
    assert tasks.follow() == 0
    assert tasks.sample() == -1
    assert seen == []


def test_a_sensor_only_job_that_runs_past_its_budget_sets_late():
    clock, bits, tasks, _, looker = _with_a_look()
    looker.takes_ms = 101
    clock.now = 1250
    assert tasks.sample() == -1
    assert bits.noted(defs.NOTE_LATE)


def test_looks_across_the_wrap():
    clock, _, tasks, seen, _ = _make("a", now=ticks.add(0, -1000))
    looker = _Work(clock, "look", seen)
    looker.job = _add(tasks, looker.run, sensor_only=True)
    looker.again_ms = 250
    looker.job.at(clock.now)
    tasks.step()
    for _ in range(8):
        clock.now = ticks.add(clock.now, 250)
        assert tasks.sample() == 250
    assert len(seen) == 9

"""Jobs: fixed order, due times across the wrap, the wait, the budget."""

from pump import conditions, defs, scheduler, ticks


class _Clock:
    def __init__(self, now):
        self.now = now

    def ticks_ms(self):
        return self.now


class _Work:
    """Notes its name and time; can take time and arm again."""

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


def _make(*names, now=1000, always=()):
    clock = _Clock(now)
    facts = conditions.Conditions(0)
    tasks = scheduler.Scheduler(clock, facts)
    seen = []
    works = []
    for name in names:
        work = _Work(clock, name, seen)
        work.job = tasks.add(work.run, 100, name in always)
        works.append(work)
    return clock, facts, tasks, seen, works


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


def test_a_job_armed_behind_its_turn_is_not_slept_over():
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
    _, facts, tasks, _, (work, _) = _make("a", "b")
    work.takes_ms = 100
    work.job.at(1000)
    tasks.step()
    assert not facts.noted(defs.NOTE_LATE)
    work.takes_ms = 101
    work.job.at(1100)
    tasks.step()
    assert facts.noted(defs.NOTE_LATE)


def test_the_job_behind_a_slow_one_is_told_the_right_time_and_not_blamed():
    _, facts, tasks, seen, (slow, quick) = _make("a", "b", always=("a", "b"))
    slow.job.budget_ms = 5000
    slow.takes_ms = 700
    assert tasks.step() == 4900
    assert seen == [("a", 1000), ("b", 1700)]
    assert not facts.noted(defs.NOTE_LATE)
    quick.takes_ms = 700
    tasks.step()
    assert facts.noted(defs.NOTE_LATE)


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

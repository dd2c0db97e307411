"""Steps of the set-up that run at the same time: their results, one failure for all, and what is made only once."""

import threading

import pytest
from toolchain import machine, steps

_LIMIT_S = 300


@pytest.fixture
def place(tmp_path):
    return steps.Place(tmp_path)


def test_jobs_run_at_the_same_time_and_their_results_keep_the_order():
    meeting = threading.Barrier(2, timeout=_LIMIT_S)

    def job(result):
        meeting.wait()  # passes only if both run
        return result

    assert steps.side_by_side(lambda: job("a"), lambda: job("b")) == ["a", "b"]


@pytest.mark.parametrize("error", [steps.Trouble("No flour.", "Buy some."), OSError(28, "full"), KeyboardInterrupt()])
def test_a_job_that_fails_ends_the_command_of_the_other_and_its_error_is_raised(place, error):
    log, started = place.log("sleep"), threading.Event()
    succeeded = []

    def sleep():
        started.set()
        succeeded.append(steps.run(["sleep", "100000"], log))
        succeeded.append(steps.run(["true"], log))

    def fail():
        started.wait(_LIMIT_S)
        raise error

    with pytest.raises(type(error)) as raised:
        steps.side_by_side(sleep, fail)
    assert raised.value is error
    assert succeeded == [False, False]
    assert steps.run(["true"], log)  # the next set-up works


def test_a_product_that_two_jobs_need_is_made_once(place):
    made = []

    def fill(folder, log):
        made.append(threading.get_ident())
        (folder / "loaf").write_text("warm")
        return {"made": len(made)}

    product = steps.Product("bread", "k", "baking", fill, ["loaf"])
    jobs = [lambda: steps.make(place, product)] * 4
    assert steps.side_by_side(*jobs) == [{"made": 1}] * 4
    assert len(made) == 1


class OneAtATime(machine.Machine):
    """A computer whose apt-get fails if it is called while it works."""

    def __init__(self):
        self.busy, self.installed = threading.Lock(), []

    def is_root(self):
        return True

    def has(self, command):
        return True

    def install(self, packages, log):
        if not self.busy.acquire(blocking=False):
            return False
        self.installed += packages
        self.busy.release()
        return True


def test_packages_are_installed_by_one_job_after_the_other_and_once(place):
    computer = OneAtATime()

    def job():
        machine.require(place, computer, {"gcc": lambda: "gcc" in computer.installed})

    steps.side_by_side(*[job] * 8)
    assert computer.installed == ["gcc"]

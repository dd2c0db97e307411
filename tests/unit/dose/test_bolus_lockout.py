"""The count of boluses, and its state after a reset."""

from pump.core import uptime
from pump.dose import bolus_lockout


def test_a_bolus_that_has_just_begun_is_saved_as_one_of_age_nothing():
    time = uptime.Uptime(0)
    time.s = 100
    account = bolus_lockout.BolusLockout(time)
    account.begun()
    numbers = [7, 7]
    assert account.save_to(numbers, 0) == 2
    assert numbers == [0, 1]


def test_a_lock_out_goes_on_after_a_reset_and_is_not_shorter():
    time = uptime.Uptime(0)
    account = bolus_lockout.BolusLockout(time)
    account.begun()
    time.s = 600
    numbers = [0, 0]
    account.save_to(numbers, 0)
    after = bolus_lockout.BolusLockout(uptime.Uptime(0))
    assert after.load_from(numbers, 0) == 2
    assert after.lockout_s(30) == account.lockout_s(30)
    assert after.left(4) == 3

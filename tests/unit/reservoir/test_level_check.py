"""The level sensor against the ledger: finds a drive with wrong volume per step, and no fault without one."""

from pump.reservoir import level_check

REQUIREMENTS = ("D4", "D10", "V2")
NOISE_NL = (20000, -30000, 5000, -15000, 40000, -20000)
TAKEN_NL = 694  # a minute of 1 mL/day


def _watch(minutes, percent, level_of=None):
    """Minutes until an excess or a deficit is found, -1 for never; and the check."""
    watch = level_check.LevelCheck()
    ledger = level = 16000000
    for minute in range(minutes):
        ledger -= TAKEN_NL
        level -= TAKEN_NL * percent // 100
        shown = level + NOISE_NL[minute % 6]
        watch.add(shown if level_of is None else level_of(minute, shown), ledger)
        if watch.over or watch.under:
            return minute, watch
    return -1, watch


def test_a_drive_that_gives_half_more_is_found_before_eighty_microlitres():
    minute, watch = _watch(1440, 150)
    assert watch.over and not watch.under
    assert 0 < minute * TAKEN_NL // 2 < 80000


def test_it_makes_no_difference_when_the_drive_begins_to_give_more():
    watch = level_check.LevelCheck()
    ledger = level = 16000000
    for minute in range(2000):
        ledger -= TAKEN_NL
        level -= TAKEN_NL if minute < 1500 else TAKEN_NL * 3 // 2
        watch.add(level + NOISE_NL[minute % 6], ledger)
        if watch.over:
            break
    assert minute > 1500 and (minute - 1500) * TAKEN_NL // 2 < 80000


def test_a_drive_that_gives_nothing_is_found():
    minute, watch = _watch(1440, 0)
    assert watch.under and not watch.over
    assert 0 < minute < 120


def test_five_percent_and_noise_are_no_finding():
    for percent in (95, 100, 105):
        minute, watch = _watch(20000, percent)
        assert minute == -1 and not watch.over and not watch.under


def test_an_offset_is_no_finding():
    minute, _ = _watch(5000, 100, lambda minute, nl: nl + 400000)
    assert minute == -1


def test_a_jump_restarts_the_sum():
    minute, _ = _watch(5000, 100, lambda minute, nl: nl - (3000000 if minute > 700 else 0))
    assert minute == -1
    minute, watch = _watch(5000, 150, lambda minute, nl: nl - (3000000 if minute > 40 else 0))
    assert watch.over and 80 < minute < 130


def test_a_sensor_that_stays_where_it_is_reads_as_too_little():
    minute, watch = _watch(1440, 100, lambda minute, nl: 15000000)
    assert watch.under and 0 < minute < 120


def test_the_drift_of_a_sensor_is_no_finding_at_the_slowest_rate():
    for drift_nl in (-7, 7):  # a minute, 10 uL in a day
        watch = level_check.LevelCheck()
        for minute in range(20000):
            level_nl = 16000000 - minute * (35 + drift_nl) + NOISE_NL[minute % 6]
            watch.add(level_nl, 16000000 - minute * 35)
            assert not watch.over and not watch.under


def _level(minutes, percent):
    """The minute in which the level was seen to rise or to fall, -1 for never; and the watch."""
    watch = level_check.LevelCheck()
    ledger = level = 16000000
    for minute in range(minutes):
        ledger -= TAKEN_NL
        level -= TAKEN_NL * percent // 100
        watch.add(level + NOISE_NL[minute % 6], ledger)
        if watch.rises or watch.falls:
            return minute, watch
    return -1, watch


def test_a_drive_that_moves_backwards_fills_the_reservoir_and_is_found_within_eighty_microlitres():
    minute, watch = _level(1440, -100)
    assert watch.rises and not watch.falls
    assert 0 < minute * TAKEN_NL < 80000


def test_a_drive_that_delivers_empties_it_and_that_is_seen_too():
    for percent in (50, 100, 150):
        minute, watch = _level(1440, percent)
        assert watch.falls and not watch.rises
        assert 0 < minute < 240


def test_a_level_that_stays_where_it_is_neither_rises_nor_falls():
    minute, watch = _level(20000, 0)
    assert minute == -1
    assert watch.under


def test_a_level_that_drifts_at_rest_does_not_rise():
    for drift_nl in (-7, 7):  # a minute, 10 uL in a day
        watch = level_check.LevelCheck()
        for minute in range(20000):
            watch.add(16000000 + minute * drift_nl + NOISE_NL[minute % 6], 16000000)
            assert not watch.rises and not watch.falls


def test_restart_forgets():
    _, watch = _watch(1440, 150)
    watch.restart()
    assert not watch.over and not watch.falls and not watch.known()
    for _ in range(40):
        watch.add(9000000, 12000000)
    assert not watch.over and not watch.under


def test_a_finding_lasts_until_its_sum_is_used_up_and_does_not_come_and_go_at_the_mark():
    # Then just what is allowed, a tenth of what was taken and 20 nL: the sum swings about the mark.
    for found_nl, stays_nl in ((0, TAKEN_NL - 89), (2 * TAKEN_NL, TAKEN_NL + 89)):
        watch = level_check.LevelCheck()
        ledger = level = 16000000
        changes = 0
        before = False
        for minute in range(4000):
            ledger -= TAKEN_NL
            level -= stays_nl if changes else found_nl
            watch.add(level + 3 * NOISE_NL[minute % 6], ledger)
            now = watch.over or watch.under
            changes += now != before
            before = now
        assert changes == 1
        for _ in range(1000):
            ledger -= TAKEN_NL
            level -= TAKEN_NL
            watch.add(level, ledger)
        assert not watch.over and not watch.under

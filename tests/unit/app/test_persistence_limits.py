"""What a saved state may be, when it is saved, and what the pump does when it can't be."""

import journal_store
import pump_rig
from persistence_rig import PARTS, again, new
from pump import defs
from pump.journal import flash_area

REQUIREMENTS = ("L2",)

_MOST = (1 << 30) - 1  # of an integer that needs no memory in MicroPython
_QUARTER_MS = 15 * 60000
_SIX_HOURS_MS = 6 * 3600000
_SLACK = PARTS + 21


def _most(name):
    return defs.PARAMS[name][2]


# Place of a number in the state, its least and its most, and what it is.
_LIMITS = (
    (0, 4, 4, "layout"),
    (1, 0, len(defs.MOTIONS) - 1, "supervisor's state"),
    (2, 0, _MOST, "conditions"),
    (3, 0, _MOST, "notes"),
    (PARTS, 0, 2585599, "plan's profile, cycles and place"),
    (PARTS + 1, 0, 40000000, "plan's volume in nL"),
    (PARTS + 2, -1, _MOST, "seconds of the phase, -1 before it begins"),
    (PARTS + 4, 0, 999999, "pL that are left of the plan's volume"),
    (PARTS + 13, 0, _MOST, "alarms"),
    (PARTS + 20, 0, 24000, "rate in uL/day"),
    (_SLACK, 0, 2 * 1000 + 1, "twice the slack in steps, and whether strokes are dose"),
    (PARTS + 22, 0, 2000000, "asked volume of a bolus or prime in nL"),
    (PARTS + 23, 0, 2000000, "given volume of it"),
    (PARTS + 24, 0, 26, "three fluids, with three kinds each"),
    (PARTS + 31, 0, 1 << 29, "seconds since the last bolus"),
    (PARTS + 32, 0, 48, "boluses of a day"),
    (PARTS + 33, 0, _QUARTER_MS - 1, "age of the newest part of an hour"),
    (PARTS + 39, 0, _SIX_HOURS_MS - 1, "age of the newest part of a day"),
    (PARTS + 45, 0, 2 * 400000 + 1, "level of the line from -200 to 200 kPa, twice, and whether relief is due"),
    (PARTS + 47, -100000, 100000, "trim in ppm"),
    (PARTS + 48, -3000, 3000, "offset of the flow sensor in pL/s"),
)


def test_a_number_at_its_limit_is_loaded_and_one_beyond_it_is_named():
    pump = new()
    pump.run(0)
    saved = pump.controller.persistence
    assert saved.save_now()
    good = journal_store.boot(pump.board.store).snapshot
    for at, least, most, what in _LIMITS:
        for value, wrong in ((least - 1, at), (least, -1), (most, -1), (most + 1, at)):
            numbers = list(good)
            numbers[at] = value
            assert saved._wrong(numbers) == wrong, (what, value)
    assert saved._wrong(list(good) + [0]) == len(good)
    assert saved._wrong(list(good)[:-1]) == len(good)


def test_a_pump_without_a_fault_says_so_and_one_with_damaged_settings_names_no_number():
    pump = new()
    pump.run(1000)
    assert pump.controller.persistence.unfit_index == -1
    assert pump.do("journal")["unfit_index"] is None
    store = pump.board.store
    saved = journal_store.boot(store)
    assert saved.save_settings(list(saved.settings) + [1])
    assert saved.save_settings(list(saved.settings) + [1])
    assert pump_rig.Pump(store=store).controller.persistence.unfit_index == 0  # of too many, the first


def _tries_s(pump, minutes, succeeds):
    """The seconds of uptime at which the pump tries to save."""
    saved = pump.controller.persistence
    tried = []
    save = saved._save

    def count():
        tried.append(pump.controller.uptime.s)
        return succeeds and save()

    saved._save = count
    pump.run(minutes * pump_rig.MINUTE)
    saved._save = save
    return tried


def test_the_state_is_saved_each_minute_at_most_and_early_after_a_power_on():
    pump = new()
    pump.run(1000)
    tries = _tries_s(pump, 10, True)
    spans = [after - before for before, after in zip(tries, tries[1:])]
    early = [(after, span) for after, span in zip(tries[1:], spans) if after < 110]
    assert len(early) >= 3
    for after, span in early:  # half of the uptime is lost at most, and a step of ten seconds
        assert max(5, after // 2) <= span <= max(5, after // 2) + 10, early
    late = spans[len(early) + 1 :]
    assert len(late) >= 6 and min(late) >= 55 and max(late) < 65


def test_a_write_that_failed_is_repeated_with_the_next_save_or_after_a_minute_without_supply():
    pump = new()
    pump.run(5 * pump_rig.MINUTE)
    spans = []
    for out in (False, True):
        pump.board.supply.value = 1000 if out else 5000
        pump.run(pump_rig.MINUTE)
        assert pump.app.conditions.has(defs.BIT_SUPPLY_OUT) == out
        pump.controller.journal.write(defs.EVENT_TIME_SET)
        tries = _tries_s(pump, 5, False)
        spans.append([after - before for before, after in zip(tries, tries[1:])])
    with_supply, without = spans
    assert len(with_supply) >= 4 and min(with_supply) >= 55 and max(with_supply) < 65
    assert len(without) >= 3 and min(without) >= 60 and max(without) < 70


def test_a_fault_that_cannot_be_saved_is_told_to_be_unsaved():
    pump = new()
    pump.run(1000)
    saved = pump.controller.persistence
    assert saved.save_fault()
    assert journal_store.boot(pump.board.store).snapshot[1] == defs.STATE_FAULT
    pump.board.store.refusals = 1 << 20
    assert not saved.save_fault()
    assert not saved.save_now()
    pump.controller.journal.refuse()
    assert not saved.save_fault()


def test_settings_are_written_twice_when_there_are_none_and_not_again():
    pump = new()
    saved = pump.controller.persistence
    written = []
    journal = pump.controller.journal
    save_settings = journal.save_settings

    def count(values):
        written.append(1)
        return save_settings(values)

    journal.save_settings = count
    pump.run(1000)
    assert len(written) == 2
    pump.run(10 * pump_rig.MINUTE)
    assert len(written) == 2
    pump.change("param_set", name="link_timeout_s", value=77)
    assert len(written) == 3
    saved._settings = []
    journal.save_settings = lambda values: False
    assert not saved.save_now()
    assert saved._settings == []
    journal.save_settings = save_settings
    assert saved.save_now()
    assert again(pump).controller.params.all() == pump.controller.params.all()
    takes = [True, False]  # of the two copies
    saved._settings = []
    journal.save_settings = lambda values: takes.pop(0)
    assert not saved.save_now()


def test_what_an_operator_or_a_refill_has_left_open_outlasts_a_reset_and_the_rest_is_found_again():
    kept = (defs.BIT_PLAN_DONE, defs.BIT_REFILL_UNSETTLED, defs.BIT_STOPPED, defs.BIT_CONTENTS_UNKNOWN)
    for bit in kept + (defs.BIT_OCCLUDED, defs.BIT_PRESSURE_HIGH):
        pump = new()
        pump.run(1000)
        saved = pump.controller.persistence
        pump.app.conditions.word = bit
        assert saved.save_now()
        after = pump_rig.Pump(store=pump.board.store)
        after.app.conditions.word = 0
        after.controller.persistence.load_conditions()
        assert after.app.conditions.word == (bit if bit in kept else 0), bit


def test_settings_that_are_all_damaged_name_no_number_unless_there_never_were_any():
    for found, state, unfit in (
        (flash_area.FOUND_NOTHING, None, defs.UNFIT_NONE),
        (flash_area.FOUND_NOTHING, (4,), defs.UNFIT_SETTINGS),
        (flash_area.FOUND_OTHER_LENGTH, None, defs.UNFIT_SETTINGS),
    ):
        saved = new().controller.persistence
        journal = saved._journal
        journal.settings = None
        journal.snapshot = state
        journal.settings_found = found
        saved._load()
        assert (saved._found, saved.unfit_index) == (unfit, -1), (found, state)


def test_a_state_whose_slack_is_that_of_the_drive_is_not_saved_again():
    pump = new()
    pump.run(pump_rig.MINUTE)
    saved = pump.controller.persistence
    written = []
    saved._write = lambda: written.append(1)
    saved._failed = False
    saved._next = pump.app.journal.next
    saved._tried_s = pump.controller.uptime.s
    saved._numbers[_SLACK] = 2 * 6 + 1
    saved.run(6)
    assert written == []
    saved.run(5)
    assert written == [1]


def test_a_saved_state_is_never_older_than_a_minute():
    longest_wait_s = 4.9
    pump = new()
    pump.run(5 * pump_rig.MINUTE)  # after a power-on it is saved more often
    saved = pump.controller.persistence
    written = []
    saved._write = lambda: written.append(1)
    for age_s, times in ((54, 0), (55, 1)):
        assert age_s + longest_wait_s <= 60
        saved._failed = False
        saved._next = pump.app.journal.next
        saved._tried_s = pump.controller.uptime.s - age_s
        saved.run(pump.controller.delivery.slack_steps)
        assert len(written) == times

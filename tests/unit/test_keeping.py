"""What the pump takes up again after a reset, what it never takes up, and when it goes on by itself."""

import fakes
import journal_store
from plant import flash
from pump import defs, flash_area, journal, keeping, params

REQUIREMENTS = ("D12", "S6", "L2", "L3", "L4")

_ROOMS = 4  # numbers before those of the rooms


def _new(**board):
    return fakes.Pump(store=journal_store.Flash(), **board)


def _again(pump, **board):
    """The same pump after a reset: what moves and measures stays, the firmware begins anew."""
    after = fakes.Pump(store=pump.board.store, **board)
    after.board.level.full_nl = pump.board.level.full_nl - pump.board.drive.moved_nl()
    after.run(100)
    return after


def _book_nl(pump):
    status = pump.do("status")
    return status["book_ul"] * 1000 + status["book_pl"] // 1000


def _events(pump, event):
    return pump.logged(event)


# ---- what is taken up -----------------------------------------------------------------------------------------------


def test_the_layout_fits_a_page_and_every_number_has_its_limits():
    pump = _new()
    assert len(pump.app.keeping._numbers) == len(keeping._LEAST) == len(keeping._MOST) <= journal.MOST_NUMBERS
    at = _ROOMS
    for room in pump.app.keeping._rooms:
        at = room.keep(pump.app.keeping._numbers, at)
    assert at == len(keeping._MOST)
    numbers = [defs.AREA_NONE, defs.AREA_BLANK, defs.AREA_SOUND, defs.AREA_DAMAGED, defs.AREA_UNREADABLE]
    own = [flash_area.NONE, flash_area.BLANK, flash_area.SOUND, flash_area.DAMAGED, flash_area.UNREADABLE]
    assert numbers == own and defs.AREA_FOREIGN == flash_area.FOREIGN


def test_book_ledger_plan_rate_and_settings_outlast_a_reset():
    pump = fakes.infuse(_new(), 7300)
    pump.change("param_set", name="link_timeout_s", value=77)
    pump.run(fakes.HOUR)
    before, plan, dose = pump.do("status"), pump.do("therapy"), pump.do("dose")
    after = _again(pump)
    status = after.do("status")
    for name in ("strokes", "book_ul", "book_pl", "ledger_nl", "rate_ul_day", "fluid"):
        assert status[name] == before[name], name
    assert after.do("therapy")["rows"] == plan["rows"]
    assert after.app.params.get(defs.PARAM_LINK_TIMEOUT_S) == 77
    assert after.do("dose")["hour_nl"] == dose["hour_nl"] and after.do("dose")["day_nl"] == dose["day_nl"]
    assert after.app.supervisor.state == defs.STATE_STANDBY
    assert _events(after, defs.EVENT_RESET)[-1] == [defs.RESET_POWER_ON, 2]
    after.do("start")
    after.run(fakes.HOUR)
    assert after.app.delivery.strokes == before["strokes"] + fakes.strokes_due([(7300, fakes.HOUR)])


def test_the_log_goes_on_over_resets_and_says_which_boot_it_was():
    pump = _new()
    for boot in range(1, 6):
        pump.run(1000)
        assert _events(pump, defs.EVENT_RESET) == [[defs.RESET_POWER_ON, number + 1] for number in range(boot)]
        pump = _again(pump)
    rows = pump.log()
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))


def test_the_phase_counts_its_time_over_resets_and_none_without_power():
    pump = fakes.infuse(_new(), fields=fakes.alternating(1000, 20))
    pump.run(9 * fakes.HOUR)
    left_s = pump.do("therapy")["phase_left_s"]
    after = _again(pump)
    assert left_s <= after.do("therapy")["phase_left_s"] <= left_s + 300
    after.do("start")
    after.run(11 * fakes.HOUR + 300000)
    assert after.app.alarms.top == defs.ALARM_REFILL_DUE


def test_a_plan_by_volume_gives_what_is_left_of_it():
    pump = fakes.infuse(_new(), fields=fakes.plan(24000, profile="timed", volume_nl=100000))
    pump.run(3 * fakes.MINUTE)
    given = pump.app.delivery.strokes
    assert 0 < given < 400
    after = _again(pump)
    after.do("start")
    while not after.app.conditions.has(defs.BIT_PLAN_DONE):
        after.run(450)
    assert after.app.delivery.strokes == 400
    third = _again(after)
    assert third.app.conditions.has(defs.BIT_PLAN_DONE)
    assert third.refused("start") == defs.REFUSE_HELD


def test_the_lock_out_and_the_count_of_boluses_outlast_a_reset():
    pump = fakes.infuse(_new(), 1000)
    pump.change("bolus", volume_nl=10000)
    at_once = _again(pump)
    assert at_once.do("journal")["unfit"] == "none" and at_once.do("dose")["lockout_s"] >= 240 * 60
    pump.run(fakes.HOUR)
    dose = pump.do("dose")
    assert dose["lockout_s"] > 0 and dose["boluses_left"] == 3
    after = _again(pump)
    assert dose["lockout_s"] <= after.do("dose")["lockout_s"] <= dose["lockout_s"] + 300
    assert after.do("dose")["boluses_left"] == 3
    after.run(fakes.DAY)
    assert after.do("dose")["boluses_left"] == 4


def test_an_alarm_that_nobody_acknowledged_is_shown_after_a_reset_and_holds():
    pump = fakes.infuse(_new(), 1000)
    pump.app.conditions.set(defs.BIT_OCCLUDED)
    pump.run(1000)
    after = _again(pump)
    assert [row[:3] for row in after.app.alarms.rows()] == [[defs.ALARM_OCCLUSION, 0, 0]]
    assert after.refused("start") == defs.REFUSE_HELD
    after.do("ack")
    after.do("start")
    assert after.app.alarms.rows() == []
    assert _again(after).app.alarms.rows() == []


def test_a_refill_that_is_broken_off_by_a_reset_leaves_the_ledger_and_is_told():
    pump = fakes.infuse(_new(), 1000)
    pump.run(fakes.HOUR)
    ledger_nl = pump.do("refill_begin")["ledger_nl"]
    pump.do("refill_withdrawn", volume_nl=ledger_nl)
    after = _again(pump)
    assert after.do("status")["ledger_nl"] == ledger_nl
    assert after.app.supervisor.state == defs.STATE_STANDBY
    assert _events(after, defs.EVENT_REFILL_BROKEN_OFF) == [[0, 0]]


def test_strokes_of_a_prime_stay_out_of_the_book():
    pump = fakes.infuse(_new(), 24000)
    pump.run(fakes.MINUTE)
    pump.do("stop")
    pump.run(1000)
    book, primed = _book_nl(pump), pump.app.delivery.primed_pl
    pump.change("prime", volume_nl=20000, purpose="prime")
    pump.run(30000)
    made = pump.app.delivery.primed_pl - primed
    assert made > 0
    after = _again(pump)
    assert _book_nl(after) == book and after.app.delivery.primed_pl == primed + made


# ---- a stroke in the middle -----------------------------------------------------------------------------------------


def test_a_stroke_under_way_counts_as_given_once_and_is_told_as_uncertain():
    pump = fakes.infuse(_new(), 1000)
    pump.run(3 * 21600 + 100)
    assert pump.board.drive.moving()
    after = _again(pump)
    assert after.app.delivery.strokes == 3
    assert _events(after, defs.EVENT_RECOVERED) == [[0, 1]]
    assert [row[0] for row in after.app.alarms.rows()] == [defs.ALARM_DOSE_UNCERTAIN]
    after.do("ack")
    third = _again(after)
    assert third.app.delivery.strokes == 3 and third.app.alarms.rows() == []
    assert _events(third, defs.EVENT_RECOVERED)[-1] == [0, 0]


# ---- the slack of a reverse -----------------------------------------------------------------------------------------


def _in_reverse():
    """A pump that relieves a blocked line, in the middle of its first stroke in reverse."""
    pump = fakes.infuse(_new(), 1000)
    pump.run(fakes.HOUR)
    pump.board.pressure.block()
    while not pump.board.drive._back:
        pump.run(10)
    assert pump.app.supervisor.state == defs.STATE_STOPPED_ALARM
    return pump


def _opened(pump):
    """The same pump after a reset, its line open, started by a person; the steps of its next two strokes."""
    after = _again(pump)
    after.do("ack")
    after.do("start")
    drive, steps = after.board.drive, []
    while len(steps) < 2:
        before = drive.strokes
        after.run(21000)
        while drive.strokes == before:
            after.run(10)
        steps.append(drive._steps)
    assert not after.app.conditions.has(defs.BIT_COUNT_WRONG)
    return after, steps


def test_the_slack_of_a_reverse_outlasts_a_reset_in_it_and_after_it():
    for span_ms in (0, 1000, fakes.MINUTE, 2 * fakes.HOUR):
        pump = _in_reverse()
        pump.run(span_ms)
        after, steps = _opened(pump)
        assert steps == [104, 100], span_ms
        assert _opened(after)[1] == [100, 100]


def test_slack_that_a_stroke_has_taken_up_is_not_taken_up_again():
    for span_ms in (0, 100, fakes.MINUTE):  # the motion, and behind it
        pump = _in_reverse()
        pump.run(fakes.MINUTE)
        pump.board.pressure.unblock()
        pump.do("ack")
        pump.do("resume")
        strokes = pump.app.delivery.strokes
        while pump.app.delivery.strokes == strokes:
            pump.run(10)
        assert pump.board.drive._steps == 104
        pump.run(span_ms)
        assert _opened(pump)[1] == [100, 100], span_ms


def test_slack_is_forgotten_with_strokes_that_only_the_journal_knows():
    """The power goes before the state behind the stroke is kept."""
    pump = _in_reverse()
    pump.run(fakes.MINUTE)
    pump.board.pressure.unblock()
    pump.do("ack")
    pump.do("resume")
    pump.app.keeping.run = lambda now: None
    pump.app.keeping._save = lambda: False
    strokes = pump.app.delivery.strokes
    while pump.app.delivery.strokes == strokes:
        pump.run(10)
    assert pump.app.delivery.slack_steps == 0
    assert _opened(pump)[1] == [100, 100]


def test_nothing_is_made_up_after_a_reset():
    pump = fakes.infuse(_new(), 1000)
    pump.run(21590)
    after = _again(pump)
    after.do("start")
    after.run(21590)
    assert after.board.drive.strokes == 0
    after.run(20)
    assert after.board.drive.strokes == 1


# ---- resume (D12) ---------------------------------------------------------------------------------------------------


def _with_policy(ul_day=1000):
    pump = _new()
    pump.run(0)
    pump.change("param_set", name="resume_policy", value=1)
    return fakes.infuse(pump, ul_day)


def test_the_policy_goes_on_with_what_was_running():
    pump = _with_policy()
    pump.run(fakes.HOUR)
    given = pump.app.delivery.strokes
    after = _again(pump)
    assert after.app.supervisor.state == defs.STATE_INFUSING
    assert _events(after, defs.EVENT_RESUMED) == [[0, 0]]
    after.run(fakes.HOUR)
    assert after.app.delivery.strokes == given + fakes.strokes_due([(1000, fakes.HOUR)])


def test_the_policy_wakes_nothing_that_a_person_or_an_alarm_has_stopped():
    for leave in ("pause", "stop", "refill_begin"):
        pump = _with_policy()
        pump.do(leave)
        after = _again(pump)
        assert after.app.supervisor.state == defs.STATE_STANDBY, leave
        assert _events(after, defs.EVENT_RESUMED) == []
    pump = _with_policy()
    pump.app.conditions.set(defs.BIT_OVER_INFUSION)
    pump.run(1000)
    assert _again(pump).app.supervisor.state == defs.STATE_STANDBY


def test_the_policy_does_not_go_past_an_alarm_that_holds():
    pump = _with_policy()
    pump.run(fakes.HOUR)
    pump.board.level.nl = 0
    after = fakes.Pump(store=pump.board.store)
    after.board.level.nl = 0
    after.run(1000)
    assert after.app.supervisor.state in (defs.STATE_STANDBY, defs.STATE_STOPPED_ALARM)
    assert after.board.drive.strokes == 0


def test_the_policy_does_not_trust_a_state_that_is_not_the_newest():
    pump = _with_policy()
    pump.run(fakes.HOUR)
    ring = pump.app.journal._snapshot_ring
    pump.board.store.data[ring.place_of(ring.head, ring.slot - 1) + 20] ^= 1
    after = _again(pump)
    assert after.app.supervisor.state == defs.STATE_STANDBY
    assert defs.ALARM_RECORDS_DAMAGED in [row[0] for row in after.app.alarms.rows()]
    assert after.app.delivery.strokes == pump.app.delivery.strokes


def test_a_plan_that_is_done_keeps_its_line_open_over_a_reset():
    pump = _new()
    pump.run(0)
    pump.change("param_set", name="resume_policy", value=1)
    fakes.infuse(pump, fields=fakes.plan(24000, profile="timed", volume_nl=10000))
    pump.run(10 * fakes.MINUTE)
    assert pump.app.supervisor.state == defs.STATE_KEEP_OPEN
    after = _again(pump)
    assert after.app.supervisor.state == defs.STATE_KEEP_OPEN
    assert after.app.delivery.flow_ul_day == after.app.params.get(defs.PARAM_KEEP_OPEN_UL_DAY)


# ---- why it began anew ----------------------------------------------------------------------------------------------


def test_a_power_on_after_a_falling_supply_was_a_brown_out():
    pump = fakes.infuse(_new(), 1000)
    pump.board.supply.value = 4500
    pump.run(fakes.MINUTE)
    after = _again(pump)
    assert _events(after, defs.EVENT_RESET)[-1][0] == defs.RESET_BROWN_OUT
    assert after.do("journal")["reset"] == defs.RESET_BROWN_OUT
    after.run(fakes.MINUTE)
    assert _events(_again(after), defs.EVENT_RESET)[-1][0] == defs.RESET_POWER_ON


def test_the_time_of_day_is_in_the_log_when_a_host_has_told_it():
    pump = _new()
    pump.run(0)
    pump.do("time_set", day=20778, second=43200)
    assert _events(pump, defs.EVENT_TIME_SET) == [[20778, 43200]]


# ---- what makes no sense --------------------------------------------------------------------------------------------


def _holds(store, unfit, area):
    """A pump over this flash starts, holds, says why, and leaves every byte as it is."""
    before = bytes(store.data)
    pump = fakes.Pump(store=store)
    pump.run(fakes.MINUTE)
    told = pump.do("journal")
    assert (told["unfit"], told["area"]) == (unfit, area), told
    assert pump.app.supervisor.state == defs.STATE_STANDBY
    assert [row[0] for row in pump.app.alarms.rows()] == [defs.ALARM_JOURNAL_UNFIT]
    assert bytes(store.data) == before
    fakes.fill(pump)
    pump.change("therapy_set", **fakes.plan())
    assert pump.refused("start") == defs.REFUSE_HELD
    pump.run(fakes.HOUR)
    assert pump.board.drive.strokes == 0 and bytes(store.data) == before
    return pump


def _used():
    pump = fakes.infuse(_new(), 24000)
    pump.run(fakes.HOUR)
    return pump.board.store


def test_zeros_chance_bytes_and_other_versions_hold_the_pump_and_stay():
    zeros = journal_store.Flash()
    journal_store.fill(zeros, 0, zeros.size, lambda at: 0)
    _holds(zeros, "unreadable", "unreadable")
    chance = journal_store.Flash()
    journal_store.fill(chance, 0, chance.size, journal_store.chance())
    _holds(chance, "unreadable", "unreadable")
    half = _used()
    journal_store.fill(half, half.size // 2, half.size, journal_store.chance())
    _holds(half, "unreadable", "unreadable")


def test_ones_are_a_new_pump():
    pump = _new()
    pump.run(fakes.MINUTE)
    assert pump.do("journal")["area"] == "blank"
    assert pump.app.alarms.rows() == []


def _saved(change):
    """A sound journal whose settings or state were written by firmware that had other limits."""
    store = _used()
    book = journal_store.boot(store)
    journal_store.tend(book)
    change(book)
    return store


def test_settings_out_of_their_range_hold_the_pump_and_are_named():
    def change(book):
        values = list(book.settings)
        values[defs.PARAM_HOUR_LIMIT_NL] = 3000000
        assert book.save_settings(values)

    pump = _holds(_saved(change), "settings", "foreign")
    assert pump.do("journal")["unfit_index"] == defs.PARAM_HOUR_LIMIT_NL
    assert pump.app.params.get(defs.PARAM_HOUR_LIMIT_NL) == defs.PARAMS[defs.PARAM_HOUR_LIMIT_NL][3]


def test_settings_of_another_number_hold_the_pump():
    _holds(_saved(lambda book: book.save_settings(list(book.settings) + [1])), "settings", "foreign")
    _holds(_saved(lambda book: book.save_settings(list(book.settings)[:-1])), "settings", "foreign")


def test_settings_that_make_a_wrong_stroke_or_the_wrong_order_hold_the_pump():
    def stroke(book):
        values = list(book.settings)
        values[defs.PARAM_STEPS_PER_STROKE] = defs.PARAMS[defs.PARAM_STEPS_PER_STROKE][2]
        values[defs.PARAM_PL_PER_STEP] = defs.PARAMS[defs.PARAM_PL_PER_STEP][2]
        assert book.save_settings(values)

    def order(book):
        values = list(book.settings)
        values[defs.PARAM_SUPPLY_STOP_MV] = values[defs.PARAM_SUPPLY_WARN_MV] + 1
        assert book.save_settings(values)

    for change in (stroke, order):
        _holds(_saved(change), "settings", "foreign")


def test_every_number_of_the_state_beyond_its_limits_holds_the_pump():
    store = _used()
    before = bytes(store.data)
    for at in range(len(keeping._MOST)):
        for value in (keeping._LEAST[at] - 1, keeping._MOST[at] + 1):
            store.data[:] = before
            book = journal_store.boot(store)
            values = list(book.snapshot)
            values[at] = value
            assert book.save(values)
            pump = fakes.Pump(store=store)
            told = pump.app.keeping
            assert (told.unfit, told.unfit_index) == (defs.UNFIT_STATE, at)
            assert pump.app.delivery.strokes == 0 and pump.app.therapy.profile == -1


def test_a_plan_that_makes_no_sense_holds_the_pump():
    def change(book):
        values = list(book.snapshot)
        values[_ROOMS + 8] = (defs.FLUID_SALINE << 15 | 24001) << 12
        assert book.save(values)

    _holds(_saved(change), "state", "foreign")


def test_damaged_settings_fall_back_to_those_before_with_an_alarm():
    pump = _new()
    pump.run(0)
    pump.change("param_set", name="low_volume_nl", value=3000000)
    pump.change("param_set", name="low_volume_nl", value=4000000)
    ring = pump.app.journal._settings_ring
    pump.board.store.data[ring.place_of(ring.head, ring.slot - 1) + 9] ^= 4
    after = _again(pump)
    assert after.app.params.get(defs.PARAM_LOW_VOLUME_NL) == 3000000
    assert defs.ALARM_SETTINGS_OLD in [row[0] for row in after.app.alarms.rows()]
    after.do("ack")
    assert defs.ALARM_SETTINGS_OLD not in [row[0] for row in _again(after).app.alarms.rows()]


def test_flash_that_refuses_a_write_stops_the_pump_until_it_is_switched_off_and_on():
    pump = fakes.infuse(_new(), 24000)
    pump.run(fakes.MINUTE)
    pump.board.store.refusals = 1000000
    pump.run(fakes.MINUTE)
    assert pump.app.supervisor.state == defs.STATE_STOPPED_ALARM
    assert pump.do("journal")["unfit"] == "write"
    strokes = pump.board.drive.strokes
    pump.run(10 * fakes.MINUTE)
    assert pump.board.drive.strokes == strokes
    pump.board.store.refusals = 0
    after = _again(pump)
    assert after.do("journal")["unfit"] == "none"
    assert after.app.delivery.strokes in (pump.app.delivery.strokes, pump.app.delivery.strokes + 1)
    after.do("ack")
    after.do("start")


def test_a_journal_is_cleared_in_two_steps_and_then_kept():
    store = journal_store.Flash()
    journal_store.fill(store, 0, store.size, lambda at: 0)
    pump = fakes.Pump(store=store)
    pump.run(1000)
    answer = pump.do("journal_clear")
    assert pump.do("journal")["unfit"] == "unreadable" and store.erases == 0
    pump.confirm(answer)
    pump.run(fakes.MINUTE)
    assert pump.do("journal")["unfit"] == "none"
    assert _events(pump, defs.EVENT_JOURNAL_CLEARED) == [[0, 0]]
    pump.do("ack")
    fakes.infuse(pump, 1000)
    pump.run(fakes.HOUR)
    assert _again(pump).app.delivery.strokes == pump.app.delivery.strokes


def test_erases_are_made_ahead_of_need_between_two_motions():
    pump = fakes.infuse(_new(), 24000)
    forced = pump.app.journal.forced_erases
    erase = pump.board.store.erase

    def watched(at):
        assert not pump.board.drive.moving() and pump.app.delivery.stroke_in_ms(pump.board.clock.now) >= 500
        erase(at)

    pump.run(fakes.MINUTE)
    pump.board.store.erase = watched
    erases = pump.board.store.erases
    pump.run(fakes.HOUR)
    assert pump.board.store.erases - erases >= 4000 // 254
    assert pump.app.journal.forced_erases == forced


def test_nothing_is_erased_while_the_supply_falls():
    pump = fakes.infuse(_new(), 24000)
    pump.run(fakes.HOUR)
    pump.board.supply.value = 4500
    pump.run(fakes.MINUTE)
    erases = pump.board.store.erases
    pump.run(fakes.HOUR // 2)
    assert pump.board.store.erases == erases
    pump.board.supply.value = 5000
    pump.run(fakes.HOUR)
    assert pump.board.store.erases > erases


# ---- for a rescue ---------------------------------------------------------------------------------------------------


def test_every_byte_of_the_area_can_be_read_over_the_link():
    pump = _new()
    pump.run(fakes.MINUTE)
    data = bytes(pump.board.store.data)
    at = 0
    found = b""
    while at is not None and at < 4096 * 2:
        answer = pump.do("journal_read", at=at)
        text = answer["hex"] or "ff" * 128
        found += bytes(int(text[place : place + 2], 16) for place in range(0, 256, 2))
        at = answer["next"]
    assert found == data[: len(found)] and len(found) == 8192
    assert pump.do("journal_read", at=flash.BLOCK * 64 - 128)["next"] is None
    assert pump.refused("journal_read", at=64) == defs.REFUSE_OUT_OF_RANGE
    assert pump.refused("journal_read", at=flash.BLOCK * 64) == defs.REFUSE_OUT_OF_RANGE
    assert fakes.Pump().refused("journal_read", at=0) == defs.REFUSE_OUT_OF_RANGE


def test_params_take_all_or_nothing():
    made = params.Params({})
    values = list(made.all())
    values[defs.PARAM_EMPTY_VOLUME_NL] = values[defs.PARAM_LOW_VOLUME_NL]
    assert made.restore(tuple(values)) >= 0
    assert made.all() != values

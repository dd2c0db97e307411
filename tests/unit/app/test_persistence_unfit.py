"""Flash content that the pump can't load: delivery is blocked, the reason is reported, and no byte is changed."""

import journal_store
import pump_rig
from persistence_rig import PARTS, again, new, used
from pump import defs, persistence
from pump.core import params
from pump.journal import journal

REQUIREMENTS = ("L2", "V4")


def test_the_layout_fits_a_page_and_every_number_has_its_limits():
    pump = new()
    saved = pump.controller.persistence
    assert len(saved._numbers) == len(persistence._LEAST) == len(persistence._MOST) <= journal.MOST_NUMBERS
    at = PARTS
    for part in saved._parts:
        at = part.save_to(saved._numbers, at)
    assert at == len(persistence._MOST)


def _holds(store, unfit, area):
    """A pump with this flash starts, blocks delivery, reports the reason, and changes no byte."""
    before = bytes(store.data)
    pump = pump_rig.Pump(store=store)
    pump.run(pump_rig.MINUTE)
    told = pump.do("journal")
    assert (told["unfit"], told["area"]) == (unfit, area), told
    assert pump.controller.supervisor.state == defs.STATE_STANDBY
    assert [row[0] for row in pump.controller.alarms.rows()] == [defs.ALARM_JOURNAL_UNFIT]
    assert bytes(store.data) == before
    assert pump.refused("refill_begin") == pump.refused("therapy_set", **pump_rig.plan()) == defs.REFUSE_NOT_KEPT
    assert pump.refused("start") == defs.REFUSE_HELD
    pump.run(10 * pump_rig.MINUTE)
    assert pump.board.drive.strokes == 0 and bytes(store.data) == before
    return pump


def test_zeros_random_bytes_and_other_versions_block_delivery_and_are_not_changed():
    zeros = journal_store.Flash()
    journal_store.fill(zeros, 0, zeros.size, lambda at: 0)
    _holds(zeros, "unreadable", "unreadable")
    chance = journal_store.Flash()
    journal_store.fill(chance, 0, chance.size, journal_store.chance())
    _holds(chance, "unreadable", "unreadable")
    half = used()
    journal_store.fill(half, half.size // 2, half.size, journal_store.chance())
    _holds(half, "unreadable", "unreadable")


def test_erased_flash_is_a_new_pump():
    pump = new()
    pump.run(pump_rig.MINUTE)
    assert pump.do("journal")["area"] == "blank"
    assert pump.controller.alarms.rows() == []


def _saved(change):
    """A valid journal with settings or state that were written by firmware with other limits."""
    store = used()
    saved = journal_store.boot(store)
    journal_store.tend(saved)
    change(saved)
    return store


def test_settings_out_of_their_range_block_delivery_and_are_named():
    def change(saved):
        values = list(saved.settings)
        values[defs.PARAM_HOUR_LIMIT_NL] = 3000000
        assert saved.save_settings(values)

    pump = _holds(_saved(change), "settings", "foreign")
    assert pump.do("journal")["unfit_index"] == defs.PARAM_HOUR_LIMIT_NL
    assert pump.controller.params.get(defs.PARAM_HOUR_LIMIT_NL) == defs.PARAMS[defs.PARAM_HOUR_LIMIT_NL][3]


def test_another_number_of_settings_blocks_delivery():
    _holds(_saved(lambda saved: saved.save_settings(list(saved.settings) + [1])), "settings", "foreign")
    _holds(_saved(lambda saved: saved.save_settings(list(saved.settings)[:-1])), "settings", "foreign")


def test_settings_that_make_a_wrong_stroke_or_the_wrong_order_block_delivery():
    def stroke(saved):
        values = list(saved.settings)
        values[defs.PARAM_STEPS_PER_STROKE] = defs.PARAMS[defs.PARAM_STEPS_PER_STROKE][2]
        values[defs.PARAM_PL_PER_STEP] = defs.PARAMS[defs.PARAM_PL_PER_STEP][2]
        assert saved.save_settings(values)

    def order(saved):
        values = list(saved.settings)
        values[defs.PARAM_SUPPLY_STOP_MV] = values[defs.PARAM_SUPPLY_WARN_MV] + 1
        assert saved.save_settings(values)

    for change in (stroke, order):
        _holds(_saved(change), "settings", "foreign")


def test_every_number_of_the_state_beyond_its_limits_blocks_delivery():
    store = used()
    before = bytes(store.data)
    for at in range(len(persistence._MOST)):
        for value in (persistence._LEAST[at] - 1, persistence._MOST[at] + 1):
            store.data[:] = before
            saved = journal_store.boot(store)
            values = list(saved.snapshot)
            values[at] = value
            assert saved.save(values)
            pump = pump_rig.Pump(store=store)
            told = pump.controller.persistence
            assert (told.unfit, told.unfit_index) == (defs.UNFIT_STATE, at)
            assert pump.controller.account.strokes == 0 and pump.controller.plan.profile == -1


def test_an_invalid_plan_blocks_delivery():
    def change(saved):
        values = list(saved.snapshot)
        values[PARTS + 8] = (defs.FLUID_SALINE << 15 | 24001) << 12
        assert saved.save(values)

    _holds(_saved(change), "state", "foreign")


def test_a_state_that_was_cleared_is_written_again_with_its_settings():
    def change(saved):
        values = list(saved.snapshot)
        values[PARTS + 8] = (defs.FLUID_SALINE << 15 | 24001) << 12
        assert saved.save(values)

    pump = _holds(_saved(change), "state", "foreign")
    pump.change("journal_clear")
    pump.run(10 * pump_rig.MINUTE)
    assert pump.do("journal")["unfit_index"] is None and pump.controller.persistence.unfit_index == -1
    pump.do("ack")
    pump_rig.fill(pump)
    pump.run(pump_rig.MINUTE)
    after = again(pump)
    assert after.do("journal")["unfit"] == "none"
    assert after.controller.params.all() == pump.controller.params.all()
    assert after.controller.reservoir.ledger_nl() == pump.controller.reservoir.ledger_nl()


def test_no_entry_of_a_refill_is_taken_while_the_flash_is_known_to_be_dead():
    pump = _dead()
    pump.board.store.refusals = 0
    pump.do("refill_begin")
    pump.do("refill_withdrawn", volume_nl=16000000)
    pump.board.store.refusals = 1 << 20
    assert pump.refused("time_set", day=1, second=1) == defs.REFUSE_NOT_KEPT
    assert pump.refused("refill_withdrawn", volume_nl=15000000) == defs.REFUSE_NOT_KEPT
    assert pump.refused("refill_finish", volume_nl=9000000, fluid="saline") == defs.REFUSE_NOT_KEPT


def test_params_take_all_or_nothing():
    made = params.Params({})
    values = list(made.all())
    values[defs.PARAM_EMPTY_VOLUME_NL] = values[defs.PARAM_LOW_VOLUME_NL]
    assert made.load(tuple(values)) >= 0
    assert made.all() != values


def _dead():
    """A pump that works, until its flash takes no write any more."""
    pump = new()
    pump_rig.fill(pump)
    pump.change("therapy_set", **pump_rig.plan())
    pump.run(1000)
    pump.board.store.refusals = 1 << 20
    return pump


def test_a_setting_that_the_flash_does_not_take_is_refused_and_is_as_before():
    for command, fields in (
        ("param_set", {"name": "silence_s", "value": 60}),
        ("rate", {"ul_day": 900}),
    ):
        pump = _dead()
        params, rate = list(pump.controller.params.all()), pump.controller.delivery.rate_ul_day
        assert pump.refused(command, **fields) == defs.REFUSE_NOT_KEPT, command
        assert (pump.controller.params.all(), pump.controller.delivery.rate_ul_day) == (params, rate)
        assert pump.controller.alarms.top == defs.ALARM_JOURNAL_UNFIT
        assert pump.refused(command, **fields) == defs.REFUSE_NOT_KEPT, "also once it is known"
        pump.board.store.refusals = 0
        pump.run(2 * pump_rig.MINUTE)
        assert pump.ask(command, **fields)["ok"], "and taken when the flash works again"


def test_a_confirmed_change_that_the_flash_does_not_take_is_refused():
    for command, fields in (
        ("therapy_set", pump_rig.plan(500)),
        ("param_set", {"name": "pressure_limit_pa", "value": 80000}),
    ):
        pump = _dead()
        pump.board.store.refusals = 0
        answer = pump.do(command, **fields)
        pump.board.store.refusals = 1 << 20
        assert pump.refused("confirm", draft=answer["draft"], code=answer["code"]) == defs.REFUSE_NOT_KEPT
        assert pump.refused(command, **fields) == defs.REFUSE_NOT_KEPT


def test_every_change_is_refused_while_the_flash_is_known_to_be_dead_but_a_stop_and_views_are_not():
    pump = _dead()
    assert pump.refused("time_set", day=1, second=1) == defs.REFUSE_NOT_KEPT
    pump.run(100)
    assert pump.app.conditions.has(defs.BIT_JOURNAL_UNFIT)
    for command, fields in (
        ("rate", {"ul_day": 900}),
        ("therapy_set", pump_rig.plan()),
        ("param_set", {"name": "silence_s", "value": 60}),
        ("prime", {"volume_nl": 1000, "purpose": "prime"}),
        ("refill_begin", {}),
        ("time_set", {"day": 1, "second": 1}),
    ):
        assert pump.refused(command, **fields) == defs.REFUSE_NOT_KEPT, command
    for command in ("stop", "ack", "silence", "status", "journal_clear"):
        pump.do(command)

"""What holds for every request: its role, the rate of records, errors in it, and flash that doesn't take its change."""

import persistence_rig
import pump_rig
from pump import defs


def _permits(role):
    """As Access.permit in a session of this role."""
    return lambda needed: defs.REFUSE_ROLE_TOO_LOW if needed > role else 0


def test_each_command_needs_the_role_of_its_definition_and_a_calibration_that_of_service():
    pump = pump_rig.Pump()
    pump.run(0)
    for role in (defs.ROLE_VIEW, defs.ROLE_OPERATE):
        pump.app.access.permit = _permits(role)
        for name, row in defs.COMMANDS.items():
            answer = pump.ask(name)
            assert (answer.get("refused") == defs.REFUSE_ROLE_TOO_LOW) == (row[1] > role), name
            if row[1] > role:
                assert answer["role"] == defs.ROLE_NAMES[row[1]]
    pump.do("param_set", name="silence_s", value=60)
    answer = pump.ask("param_set", name="pl_per_step", value=2500)
    assert (answer["refused"], answer["role"]) == (defs.REFUSE_ROLE_TOO_LOW, "service")


def test_a_change_that_waits_is_confirmed_with_the_role_that_it_needs():
    for command, fields, role in (
        ("rate", {"ul_day": 2000}, defs.ROLE_OPERATE),
        ("param_set", {"name": "pl_per_step", "value": 2600}, defs.ROLE_SERVICE),
        ("journal_clear", {}, defs.ROLE_SERVICE),
    ):
        pump = pump_rig.infuse(persistence_rig.new())
        pump.do("stop")
        answer = pump.do(command, **fields)
        pump.app.access.permit = _permits(defs.ROLE_OPERATE)
        told = pump.ask("confirm", draft=answer["draft"], code=answer["code"])
        assert told.get("refused") == (None if role == defs.ROLE_OPERATE else defs.REFUSE_ROLE_TOO_LOW), command


def test_commands_may_cause_five_hundred_records_at_once_and_then_one_a_minute():
    pump = pump_rig.Pump()
    pump.run(0)
    begin = pump.app.journal.next
    granted = 0
    while dict(pump.app.dispatcher.answer(pump.frame("time_set", day=1, second=1), pump.board.clock.now))["ok"]:
        granted += 1
    assert granted == pump.app.journal.next - begin == 500
    for until_s, count in ((59, 0), (60, 1), (119, 0), (120, 1), (240, 2)):
        pump.run((until_s - pump.app.uptime.s) * 1000 - pump.app.uptime.ms)
        for at in range(count + 1):
            answer = pump.ask("time_set", day=1, second=1)
            assert answer.get("refused") == (None if at < count else defs.REFUSE_TOO_OFTEN), until_s


def _break(pump, name):
    def broken(fields, now):
        raise ValueError(name)

    pump.app.dispatcher._methods[name] = broken


def test_an_error_in_a_query_is_refused_and_recorded_with_its_command_and_the_pump_goes_on():
    for name in ("status", "telemetry"):  # one that may be typed, and one that may not
        pump = pump_rig.infuse(pump_rig.Pump())
        _break(pump, name)
        answer = pump.ask(name, **({"period_s": 1} if name == "telemetry" else {}))
        assert (answer["refused"], answer["cmd"]) == (defs.REFUSE_QUERY_FAILED, name)
        assert pump.logged(defs.EVENT_QUERY_FAILED) == [[defs.COMMANDS[name][0], 0]]
        assert pump.controller.supervisor.state == defs.STATE_INFUSING


def test_an_error_in_a_command_that_operates_ends_in_the_fault_state():
    pump = pump_rig.infuse(pump_rig.Pump())
    _break(pump, "pause")
    pump.board.link.waiting.extend(pump.frame("pause"))
    pump.main(1000)
    assert pump.controller.supervisor.state == defs.STATE_FAULT
    assert pump.logged(defs.EVENT_QUERY_FAILED) == []


def test_what_the_flash_does_not_take_is_refused_and_undone():
    for command, fields in (
        ("time_set", {"day": 1, "second": 1}),
        ("rate", {"ul_day": 900}),
        ("param_set", {"name": "silence_s", "value": 60}),
        ("refill_begin", {}),
    ):
        pump = pump_rig.infuse(persistence_rig.new())
        pump.do("stop")
        before = list(pump.controller.params.all()), pump.controller.delivery.rate_ul_day
        pump.board.store.refusals = 1 << 20
        assert pump.refused(command, **fields) == defs.REFUSE_NOT_KEPT, command
        assert (pump.controller.params.all(), pump.controller.delivery.rate_ul_day) == before


def test_a_confirmation_is_refused_when_the_flash_does_not_take_its_change():
    pump = pump_rig.infuse(persistence_rig.new())
    answer = pump.do("rate", ul_day=2000)
    pump.board.store.refusals = 1 << 20
    assert pump.refused("confirm", draft=answer["draft"], code=answer["code"]) == defs.REFUSE_NOT_KEPT
    assert pump.controller.delivery.rate_ul_day == 1000

"""Every command: that it has a handler, what it refuses and that nothing has changed then, what it answers."""

import fakes
from pump import commands, defs, wire

# Fields with which each command would be granted if the state allowed it.
_GOOD = {
    "rate": {"ul_day": 2000},
    "therapy_set": {"profile": "continuous", "rate_ul_day": 500},
    "param_set": {"name": "silence_s", "value": 60},
    "telemetry": {"period_s": 0},
    "refill_finish": {"volume_nl": 9000000, "fluid": "saline"},
}
_STATES = range(defs.STATE_FAULT + 1)


def _pump():
    """Filled, with a plan, in standby."""
    pump = fakes.infuse(fakes.Pump())
    pump.do("stop")
    return pump


def _in(state):
    pump = _pump()
    pump.app.conditions.clear(defs.BIT_TESTED)
    pump.app.supervisor.state = state
    pump.run(0)
    assert pump.app.supervisor.state == state
    return pump


def _all_of(pump):
    """Everything that a request could change."""
    app = pump.app
    plan = app.therapy
    return (
        app.supervisor.state, app.conditions.word, app.journal.next, app.delivery.rate_ul_day, app.delivery.running,
        app.delivery.strokes, app.reservoir.ledger_nl(), app.reservoir.fluid, plan.profile, plan.phase, plan.phases,
        plan.left_s(), app.alarms.rows(), app.alarms.silenced, [app.params.get(n) for n in range(len(defs.PARAMS))],
        pump.board.drive.strokes, pump.board.drive.stops,
    )  # fmt: skip


def _refused(pump, command, **fields):
    """The refusal, after a look that nothing has changed."""
    before = _all_of(pump)
    number = pump.refused(command, **fields)
    assert _all_of(pump) == before, command
    return number


def test_every_command_has_a_handler():
    for name in defs.COMMANDS:
        assert callable(getattr(commands.Commands, name)), name


def test_every_command_is_granted_in_its_states():
    for name, (_, _, states, _) in defs.COMMANDS.items():
        for state in _STATES:
            if states >> state & 1:
                assert _in(state).ask(name, **_GOOD.get(name, {}))["ok"] is True, (name, state)


def test_every_command_is_refused_in_every_other_state_and_changes_nothing():
    count = 0
    for name, (_, _, states, _) in defs.COMMANDS.items():
        for state in _STATES:
            if not states >> state & 1:
                count += 1
                assert _refused(_in(state), name, **_GOOD.get(name, {})) == defs.REFUSE_WRONG_STATE, (name, state)
    assert count > 30


def test_every_field_refuses_the_wrong_type_the_wrong_size_and_its_absence():
    for name, (_, _, states, rows) in defs.COMMANDS.items():
        pump = _in([state for state in _STATES if states >> state & 1][0])
        for field, kind, low, high, default in rows:
            good = _GOOD.get(name, {})
            for value in {"int": ("1", True, None, [1]), "bool": (1, "true", None)}.get(kind, (1, True, None, [[]])):
                assert _refused(pump, name, **dict(good, **{field: value})) == defs.REFUSE_WRONG_TYPE, (name, field)
            if kind == "int":
                for value in (low - 1, high + 1):
                    fields = dict(good, **{field: value})
                    assert _refused(pump, name, **fields) == defs.REFUSE_OUT_OF_RANGE, (name, field)
            if kind in ("choice", "name"):
                assert _refused(pump, name, **dict(good, **{field: "bogus"})) == defs.REFUSE_UNKNOWN_NAME, (name, field)
            if default is None:
                less = {key: value for key, value in good.items() if key != field}
                assert _refused(pump, name, **less) == defs.REFUSE_MISSING_FIELD, (name, field)


def test_every_command_refuses_an_unknown_field():
    for name, (_, _, states, _) in defs.COMMANDS.items():
        pump = _in([state for state in _STATES if states >> state & 1][0])
        fields = dict(_GOOD.get(name, {}), bogus=1)
        assert _refused(pump, name, **fields) == defs.REFUSE_UNKNOWN_FIELD, name


def test_every_command_that_operates_wants_an_id_and_a_checksum():
    for name, (operate, bare, _, _) in defs.COMMANDS.items():
        pump = _pump()
        before = _all_of(pump)
        (answer,) = [said for said in pump.say(name.encode() + b"\n") if "ok" in said]
        assert not (operate and bare), name
        if bare:
            assert answer["ok"] and answer["id"] is None
        else:
            assert answer["refused"] == defs.REFUSE_NO_CHECKSUM
            assert _all_of(pump) == before, name
            for identity in (None, -1, "7", True, 1 << 30):
                (answer,) = pump.say(wire.encode([("id", identity), ("cmd", name)]))
                assert answer["refused"] == defs.REFUSE_NO_CHECKSUM


def test_a_code_is_refused_while_there_are_no_keys():
    pump = _pump()
    line = wire.encode([("id", 5), ("cmd", "status")], b"0" * 32)
    assert [said["refused"] for said in pump.say(line)] == [defs.REFUSE_NO_SESSION]


def test_unknown_commands_and_names_of_python_are_no_commands():
    for name in ("bogus", "answer", "heed", "_ask", "__init__", "", 7, None, True, [], {}):
        pump = _pump()
        assert _refused(pump, name) == defs.REFUSE_UNKNOWN_COMMAND


def test_refusals_name_what_was_at_fault():
    pump = _pump()
    answer = pump.ask("rate", ul_day=49)
    assert (answer["cmd"], answer["field"], answer["value"], answer["min"], answer["max"]) == (
        "rate", "ul_day", "49", 50, 24000,
    )  # fmt: skip
    answer = pump.ask("pause")
    assert (answer["cmd"], answer["state"]) == ("pause", defs.STATE_STANDBY)
    assert pump.ask("x" * 300)["cmd"] == "x" * 32


def test_hello_and_status_have_every_field():
    pump = _pump()
    hello = pump.do("hello")
    assert (hello["protocol"], hello["digest"], hello["board"]) == (defs.PROTOCOL, defs.DIGEST, "fake")
    status = pump.do("status")
    assert (status["state"], status["fluid"], status["rate_ul_day"]) == (defs.STATE_STANDBY, "saline", 1000)


def test_stop_is_taken_in_every_state_and_ends_delivery():
    for state in _STATES:
        pump = _in(state)
        assert [said["ok"] for said in pump.say(b"stop\n") if "ok" in said] == [True]
        assert not pump.app.supervisor.may_move()


def test_params_come_in_pages_that_hold_them_all():
    pump = _pump()
    rows, first = [], 0
    while first is not None:
        page = pump.do("params", first=first)
        rows += page["rows"]
        first = page["next"]
    assert rows == [[number, row[3]] for number, row in enumerate(defs.PARAMS)]
    assert pump.do("params", first=1000)["rows"] == []


def test_the_log_comes_in_pages_without_gaps_even_across_its_oldest():
    pump = _pump()
    for _ in range(200):
        pump.app.journal.write(defs.EVENT_PARAM, 5, 40000000)
    pump.run(1000)
    pump.heard()
    rows, first = [], 0
    while first is not None:
        page = pump.do("log", first=first)
        rows += page["rows"]
        first = page["next"]
    assert rows == pump.log()
    assert len(rows) == 128
    page = pump.do("log", first=1000000000)
    assert (page["rows"], page["next"]) == ([], None)


def test_the_longest_answers_fit_a_line():
    pump = _pump()
    app = pump.app
    app.uptime.s = (1 << 30) - 1
    app.journal.next = (1 << 30) - 150
    for _ in range(128):
        app.journal.write(defs.EVENT_PARAM, 1000000000, -1000000000)
    app.delivery.strokes = (1 << 30) - 1
    app.delivery.book_ul = (1 << 30) - 1
    app.delivery.book_pl = 999999
    app.alarms._raised_s = [app.uptime.s] * len(defs.ALARMS)
    app.alarms._mode = [1] * len(defs.ALARMS)
    pump._identity = (1 << 30) - 10
    for name in ("status", "log", "alarms", "params"):
        pump.board.link.waiting.extend(pump.frame(name))
    pump.board.link.waiting.extend(pump.frame("telemetry", period_s=1))
    pump.run(2000)
    longest = max(len(line) for line in bytes(pump.board.link.sent).split(b"\n"))
    assert 450 < longest < defs.LINE_BYTES, longest


def test_the_longest_refusal_fits_a_line():
    pump = _in(defs.STATE_REFILLING)
    pump._identity = (1 << 30) - 10
    for line in (
        pump.frame("refill_finish", volume_nl="\u1234" * 60, fluid="drug"),
        pump.frame("refill_finish", volume_nl=1, fluid="\u1234" * 60),
        pump.frame("param_set", name="\u1234" * 60, value=-1000000000),
        pump.frame("refill_finish", **{"\u1234" * 60: 1}),
    ):
        assert len(line) <= defs.LINE_BYTES
        pump.board.link.waiting.extend(line)
        pump.run(0)
        assert 0 < len(pump.board.link.sent) <= defs.LINE_BYTES
        pump.board.link.sent = bytearray()


def test_param_set_answers_old_and_new_and_is_kept_to_its_limits_and_states():
    pump = _pump()
    answer = pump.do("param_set", name="low_time_h", value=72)
    assert (answer["old"], answer["new"]) == (48, 72)
    for name, low, high, _, states in defs.PARAMS:
        for value in (low - 1, high + 1):
            assert _refused(pump, "param_set", name=name, value=value) == defs.REFUSE_OUT_OF_RANGE
        for state in _STATES:
            if not states >> state & 1:
                assert _refused(_in(state), "param_set", name=name, value=low) == defs.REFUSE_WRONG_STATE


def test_param_set_keeps_the_stroke_within_its_size():
    pump = _pump()
    assert _refused(pump, "param_set", name="steps_per_stroke", value=201) == defs.REFUSE_STROKE_SIZE
    assert _refused(pump, "param_set", name="pl_per_step", value=199) == defs.REFUSE_STROKE_SIZE


def test_a_stroke_that_would_be_too_slow_is_refused_at_rate_plan_and_start():
    pump = _pump()
    pump.do("param_set", name="step_interval_us", value=100000)  # 10 s a stroke: up to 1080 uL/day
    assert _refused(pump, "rate", ul_day=1081) == defs.REFUSE_STROKE_TOO_SLOW
    fields = {"profile": "continuous", "rate_ul_day": 1081}
    assert _refused(pump, "therapy_set", **fields) == defs.REFUSE_STROKE_TOO_SLOW
    pump.do("param_set", name="step_interval_us", value=2000)
    pump.do("rate", ul_day=2000)
    pump.do("param_set", name="step_interval_us", value=100000)
    assert _refused(pump, "start") == defs.REFUSE_STROKE_TOO_SLOW


def test_without_a_plan_there_is_no_rate_and_no_start():
    pump = fakes.Pump()
    pump.run(0)
    assert _refused(pump, "rate", ul_day=1000) == defs.REFUSE_PLAN_MISSING
    answer = pump.ask("start")
    assert (answer["refused"], answer["bits"]) == (
        defs.REFUSE_HELD, defs.BIT_PLAN_MISSING | defs.BIT_CONTENTS_UNKNOWN,
    )  # fmt: skip
    assert pump.do("therapy")["profile"] is None


def test_a_refused_start_leaves_no_request_behind():
    pump = fakes.Pump()
    pump.run(0)
    pump.refused("start")
    fakes.fill(pump)
    pump.do("therapy_set", profile="continuous", rate_ul_day=1000)
    pump.run(fakes.MINUTE)
    assert pump.app.supervisor.state == defs.STATE_STANDBY
    assert not pump.app.conditions.has(defs.REQUESTS)


def test_a_plan_of_no_fluid_is_refused():
    pump = _pump()
    fields = {"profile": "continuous", "rate_ul_day": 1000, "fluid": "none"}
    assert _refused(pump, "therapy_set", **fields) == defs.REFUSE_UNKNOWN_NAME


def test_a_refill_is_a_transaction():
    pump = fakes.infuse(fakes.Pump())
    pump.run(fakes.HOUR)
    ledger_nl = pump.app.reservoir.ledger_nl()
    assert pump.do("refill_begin")["ledger_nl"] == ledger_nl
    strokes = pump.app.delivery.strokes
    pump.run(fakes.HOUR)
    assert pump.app.delivery.strokes == strokes
    assert _refused(pump, "refill_finish", volume_nl=20000001, fluid="saline") == defs.REFUSE_OVER_CAPACITY
    assert _refused(pump, "refill_finish", volume_nl=1000, fluid="none") == defs.REFUSE_UNKNOWN_NAME
    pump.do("refill_cancel")
    assert pump.app.supervisor.state == defs.STATE_STANDBY
    assert pump.app.reservoir.ledger_nl() == ledger_nl
    assert pump.logged(defs.EVENT_REFILL_BROKEN_OFF) == [[0, 0]]
    fakes.fill(pump, 20000000)
    assert pump.app.reservoir.ledger_nl() == 20000000
    assert pump.logged(defs.EVENT_REFILLED)[-1] == [20000000, defs.FLUID_SALINE]
    assert pump.app.supervisor.state == defs.STATE_STANDBY


def test_a_parameter_is_at_work_at_once():
    pump = _pump()
    pump.do("param_set", name="low_time_h", value=336)
    assert not pump.app.conditions.has(defs.BIT_RESERVOIR_LOW)
    pump.do("rate", ul_day=2000)
    assert pump.app.conditions.has(defs.BIT_RESERVOIR_LOW)
    assert pump.board.annunciator.light == defs.PRIORITY_LOW
    pump.do("param_set", name="low_time_h", value=48)
    assert pump.board.annunciator.light == defs.PRIORITY_NONE

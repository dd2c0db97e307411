"""Every command: its handler, its refusals, which change nothing, and its answers."""

import pump_rig
from pump import defs
from pump.link import wire

REQUIREMENTS = ("D1", "D7", "D9", "C4", "L1")

# Fields with which each command is granted, if state and conditions allow it.
_GOOD = {
    "session_open": {"name": "bench", "role": "view", "nonce": "00" * 16},
    "pair_begin": {"name": "bench", "role": "view", "public": "09" + "00" * 31},
    "pair_finish": {"proof": "00" * 16},
    "key_revoke": {"name": "bench"},
    "rate": {"ul_day": 900},
    "therapy_set": {"profile": "continuous", "rows": [[1, 500, 0, 0]]},
    "param_set": {"name": "silence_s", "value": 60},
    "telemetry": {"period_s": 0},
    "refill_finish": {"volume_nl": 9000000, "fluid": "saline"},
    "refill_withdrawn": {"volume_nl": 16000000},
    "confirm": {"draft": 1, "code": 0},
    "bolus": {"volume_nl": 10000},
    "prime": {"volume_nl": 10000, "purpose": "prime"},
    "journal_read": {"at": 0},
    "time_set": {"day": 20000, "second": 3600},
}
# Why some commands are still refused in a pump where nothing else has happened.
_STILL_REFUSED = {
    "confirm": defs.REFUSE_NO_DRAFT,
    "draft_drop": defs.REFUSE_NOTHING_TO_DO,
    "bolus_cancel": defs.REFUSE_NOTHING_TO_DO,
    "journal_read": defs.REFUSE_OUT_OF_RANGE,  # there is no flash
    "journal_clear": defs.REFUSE_NOTHING_TO_DO,
    "session_open": defs.REFUSE_HOST_UNKNOWN,
    "pair_begin": defs.REFUSE_NO_KEYS,
    "pair_finish": defs.REFUSE_PAIRING_NOT_READY,
    "key_revoke": defs.REFUSE_HOST_UNKNOWN,
    "keys_erase": defs.REFUSE_NO_KEYS,
}
_WRONG = {"int": ("1", True, None, [1]), "bool": (1, "true", None), "rows": (1, "x", None, {}, [1], [[1, 2, 3]])}
_NAMES = list(defs.COMMANDS)
_STATES = range(len(defs.MOTIONS))


def _pump():
    """A filled pump with a plan, in standby."""
    pump = pump_rig.infuse(pump_rig.Pump())
    pump.do("stop")
    return pump


def _in(state):
    """The same pump, put into a state by the test."""
    pump = _pump()
    pump.app.conditions.clear(defs.BIT_TESTED | defs.BIT_STOPPED)
    if state == defs.STATE_KEEP_OPEN:
        pump.app.conditions.set(defs.BIT_PLAN_DONE)
    pump.controller.supervisor.state = state
    pump.run(0)
    assert pump.controller.supervisor.state == state
    return pump


def _all_of(pump):
    """All values that a request could change."""
    parts = pump.controller
    plan, store, delivery = parts.plan, parts.reservoir, parts.delivery
    return (
        parts.supervisor.state, parts.conditions.word, parts.conditions.notes, parts.journal.next, delivery.rate_ul_day,
        delivery.running, parts.account.strokes, delivery.bolus_left, store.ledger_nl(), store.fluid,
        parts.refill.withdrawn_known, store.dead.tip_fluid, store.dead.left_nl(), plan.profile, plan.phase, plan.phases,
        plan.rows, plan.left_s(), parts.alarms.rows(), parts.alarms.silenced, pump.app.dispatcher.pending.number,
        [parts.params.get(n) for n in range(len(defs.PARAMS))], pump.board.drive.strokes, pump.board.drive.stops,
    )  # fmt: skip


def _refused(pump, command, **fields):
    """The refusal; checks that nothing has changed."""
    before = _all_of(pump)
    number = pump.refused(command, **fields)
    assert _all_of(pump) == before, command
    return number


def test_every_command_is_granted_in_its_states():
    for name in _NAMES:
        for state in _STATES:
            if defs.COMMANDS[name][3] >> state & 1:
                answer = _in(state).ask(name, **_GOOD.get(name, {}))
                assert answer.get("refused") == _STILL_REFUSED.get(name), (name, state, answer)


def test_every_command_is_refused_in_every_other_state_and_changes_nothing():
    count = 0
    for name in _NAMES:
        for state in _STATES:
            if not defs.COMMANDS[name][3] >> state & 1:
                count += 1
                assert _refused(_in(state), name, **_GOOD.get(name, {})) == defs.REFUSE_WRONG_STATE, (name, state)
    assert count > 30


def test_every_field_refuses_the_wrong_type_the_wrong_size_and_its_absence():
    for name in _NAMES:
        _, _, _, states, known = defs.COMMANDS[name]
        pump = _in([state for state in _STATES if states >> state & 1][0])
        for field, kind, low, high, default in known:
            good = _GOOD.get(name, {})
            for value in _WRONG.get(kind, (1, True, None, [[]])):
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


def test_every_command_but_the_stop_refuses_an_unknown_field():
    for name in _NAMES:
        if name == "stop":
            continue
        pump = _in([state for state in _STATES if defs.COMMANDS[name][3] >> state & 1][0])
        fields = dict(_GOOD.get(name, {}), bogus=1)
        assert _refused(pump, name, **fields) == defs.REFUSE_UNKNOWN_FIELD, name


def test_every_command_that_operates_wants_an_id_and_a_checksum():
    for name in _NAMES:
        _, operate, bare, _, _ = defs.COMMANDS[name]
        pump = _pump()
        before = _all_of(pump)
        (answer,) = [said for said in pump.say(name.encode() + b"\n") if "ok" in said]
        assert not (operate and bare), name
        if bare and name in _GOOD:
            assert answer["refused"] == defs.REFUSE_MISSING_FIELD
        elif bare:
            assert answer["ok"] and answer["id"] is None
        else:
            assert answer["refused"] == defs.REFUSE_NO_CHECKSUM
            assert _all_of(pump) == before, name
            for identity in (None, -1, "7", True, 1 << 30):
                (answer,) = pump.say(wire.encode([("id", identity), ("cmd", name)]))
                assert answer["refused"] == defs.REFUSE_NO_CHECKSUM
            unchecked = wire.encode([("id", 7), ("cmd", name)]).partition(b"*")[0] + b"\n"
            (answer,) = pump.say(unchecked)
            assert answer["refused"] == defs.REFUSE_NO_CHECKSUM, name
            assert _all_of(pump) == before, name


def test_a_code_is_refused_while_there_are_no_keys():
    pump = _pump()
    line = wire.encode([("id", 5), ("cmd", "status")], lambda body: b"0" * 32)
    answers = [said for said in pump.say(line) if "ok" in said]
    assert [said["refused"] for said in answers] == [defs.REFUSE_NO_SESSION]


def test_unknown_commands_and_names_of_python_are_no_commands():
    for name in ("bogus", "answer", "heed", "_check", "__init__", "_app", "", 7, None, True, [], {}):
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
    assert hello["unique_id"] == pump.board.UNIQUE_ID
    assert hello["time_known"] is False
    pump.do("time_set", day=20_787, second=3600)
    assert pump.do("hello")["time_known"] is True
    status = pump.do("status")
    assert (status["state"], status["fluid"], status["rate_ul_day"]) == (defs.STATE_STANDBY, "saline", 1000)
    assert (status["boot"], status["log_next"]) == (pump.app.journal.boots, pump.app.journal.next)


_STOPS = (
    b"stop\n", b"STOP\r\n", b"Stop\n", wire.encode([("cmd", "stop")]), b"stop \n", b"  stop\n", b"stop!\n",
    b"please stop now\n", b"\x00\xffstop\x07\n", b"stop;start\n", b'"stop"\n', b"xx" * 300 + b" stop\n",
    b"stop" + b" " * 2000 + b"\n", b'{"id":5,"cmd":"stastop\n',  # behind the rest of a broken line
    wire.encode([("id", 3), ("cmd", "stop"), ("bogus", 1)]), wire.encode([("id", 3), ("cmd", "STOP!")]),
    wire.encode([("id", 3), ("cmd", "stop")], lambda body: b"0" * 32), wire.encode([("id", "7"), ("cmd", "stop")]),
    wire.encode([("id", 3), ("cmd", "stop")])[:-3] + b"zz\n", wire.encode([("id", 3), ("cmd", "stop")])[2:-12] + b"\n",
    wire.encode([("id", 3), ("cmd", "stop")])[:-12] + b"\n", wire.encode([("id", 3), ("stop", True)]),
    wire.encode([("id", 3), ("ok", True), ("cmd", "stop")]),  # as if a pump had sent it
)  # fmt: skip
_NO_STOPS = (
    b"stopped\n", b"stops now\n", b"un_stop_able\n", b"xx" * 300 + b" stopped\n", b"a" * 507 + b"stopped\n", b"st op\n",
    wire.encode([("id", 3), ("cmd", "param_set"), ("name", "stop"), ("value", 1)]),
    wire.encode([("id", 3), ("cmd", "param_set"), ("name", "supply_stop_mv"), ("value", 4000)])[:-3] + b"zz\n",
    wire.encode([("id", 3), ("cmd", "status"), ("stop", 1)]),
)  # fmt: skip


def test_stop_is_accepted_in_every_state_and_ends_delivery():
    for state in _STATES:
        for word in _STOPS:
            pump = _in(state)
            pump.board.link.waiting.extend(word)
            pump.run(200)
            assert [said["ok"] for said in pump.heard() if "ok" in said] == [True], word
            assert not pump.controller.supervisor.may_move()
            assert pump.app.conditions.has(defs.BIT_STOPPED)


def test_words_that_hold_stop_within_another_word_or_another_command_are_no_stop():
    for word in _NO_STOPS:
        pump = _in(defs.STATE_INFUSING)
        pump.board.link.waiting.extend(word)
        pump.run(200)
        assert [said["ok"] for said in pump.heard() if "ok" in said] == [False], word
        assert not pump.app.conditions.has(defs.BIT_STOPPED), word
        assert pump.controller.supervisor.state == defs.STATE_INFUSING


def test_a_stop_is_heeded_with_the_same_words_when_its_answer_cannot_be_sent():
    for words, stops in ((_STOPS, True), (_NO_STOPS, False)):
        for word in words:
            pump = _in(defs.STATE_INFUSING)
            line = word.rstrip(b"\r\n") if len(word) <= defs.LINE_BYTES else b"stop" if stops else b"too long"
            pump.app.dispatcher.heed(line, pump.board.clock.now)
            assert pump.app.conditions.has(defs.BIT_STOPPED) == stops, word
            assert (pump.controller.supervisor.state == defs.STATE_STANDBY) == stops


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
    rows = [[2, 24000, 2160 * at, 2160] for at in range(8)]
    fields = {"profile": defs.PROFILE_INTRAHEPATIC, "rows": rows, "cycles": 100, "repeat_from": 7, "volume_nl": 0}
    app.controller.plan.set(fields)
    app.controller.plan.volume_nl = 1
    app.controller.plan._left_ul = 40000
    app.uptime.s = (1 << 30) - 1
    app.journal.next = (1 << 30) - 150
    for _ in range(128):
        app.journal.write(defs.EVENT_PARAM, 1000000000, -1000000000)
    app.controller.account.strokes = (1 << 30) - 1
    app.controller.account.delivered.ul = (1 << 30) - 1
    app.controller.account.delivered.pl = 999999
    app.controller.delivery.prime_left = 8000
    app.controller.delivery.rate_ul_day = 50
    app.controller.reservoir._ul = 40000
    app.controller.guards._moved.ul = (1 << 30) - 1
    app.controller.lockout.begun()
    app.controller.alarms._raised_s = [app.uptime.s] * len(defs.ALARMS)
    app.conditions.notes = (1 << 25) - 1
    app.conditions.word |= 0xFFFFFF
    app.controller.evaluate(app.uptime.now)
    assert len(app.controller.alarms.rows()) > 30
    pump._identity = (1 << 30) - 20
    said = {}
    for name in ("status", "log", "alarms", "params", "dose", "therapy"):
        said[name] = len(wire.encode(list(pump.do(name).items()))) + len("*12345678") + 1
    pump.do("telemetry", period_s=1)
    pump.board.link.sent = bytearray()
    pump.run(2000)
    said["telemetry"] = max(len(line) for line in bytes(pump.board.link.sent).split(b"\n"))
    assert 450 < max(said.values()) <= defs.LINE_BYTES, said


def test_the_longest_drafts_fit_a_line():
    pump = _pump()
    pump.do("param_set", name="step_interval_us", value=200)
    pump.change("param_set", name="dead_volume_nl", value=400000)  # a prime is three of them at most
    pump._identity = (1 << 30) - 20
    rows = [[1 + at % 2, 1100, 400 * at, 400] for at in range(8)]
    line = pump.frame("therapy_set", profile="intrahepatic", rows=rows, cycles=100, repeat_from=6, override="soft_rate")
    assert len(line) <= defs.LINE_BYTES
    for fields in (
        {"command": "therapy_set", "profile": "intrahepatic", "rows": rows, "cycles": 100, "repeat_from": 6},
        {"command": "rate", "ul_day": 23999},
        {"command": "prime", "volume_nl": 999999, "purpose": "bridge"},
    ):
        if fields["command"] != "prime":
            fields["override"] = "soft_rate"
        pump.app.dispatcher.pending._last = (1 << 30) - 20
        pump.board.link.waiting.extend(pump.frame(fields.pop("command"), **fields))
        pump.run(0)
        (line,) = [line for line in bytes(pump.board.link.sent).split(b"\n") if b'"code"' in line]
        assert 100 < len(line) < defs.LINE_BYTES, (len(line), line)
        pump.board.link.sent = bytearray()


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


def test_a_refused_start_leaves_no_request_behind():
    pump = pump_rig.Pump()
    pump.run(0)
    pump.refused("start")
    pump_rig.fill(pump)
    pump.change("therapy_set", **pump_rig.plan())
    pump.run(pump_rig.MINUTE)
    assert pump.controller.supervisor.state == defs.STATE_STANDBY
    pump.run(pump_rig.MINUTE)
    assert pump.controller.supervisor.state == defs.STATE_STANDBY


def test_records_that_commands_cause_are_bounded_in_rate_but_for_those_that_lower_the_dose():
    pump = _pump()
    pump.do("start")
    taken = 0
    while pump.ask("time_set", day=1, second=taken)["ok"]:
        taken += 1
        assert taken < 1000
    assert taken >= 400, "a set-up needs no pause"
    for command, fields in (("time_set", _GOOD["time_set"]), ("start", {}), ("silence", {}), ("rate", {"ul_day": 900})):
        assert pump.refused(command, **fields) == defs.REFUSE_TOO_OFTEN, command
    first = pump.app.journal.next
    for command in ("pause", "ack", "status", "log"):
        pump.do(command)
    assert pump.controller.supervisor.state == defs.STATE_PAUSED
    for command in ("bolus_cancel", "draft_drop"):
        assert pump.refused(command) == defs.REFUSE_NOTHING_TO_DO
    pump.do("stop")
    pump.run(10 * pump_rig.MINUTE)
    again = 0
    while pump.ask("time_set", day=1, second=again)["ok"]:
        again += 1
    assert again == 10 - (pump.app.journal.next - first - again)  # one a minute, less what was logged meanwhile
    pump.run(2 * pump_rig.MINUTE)
    pump.do("start")
    pump.run(100)
    pump.do("pause")
    assert pump.controller.supervisor.state == defs.STATE_PAUSED


def test_exchanges_of_each_part_are_counted_and_those_that_were_disturbed():
    class Driver:
        exchanges = 41
        disturbed = 2

        def check(self):
            pass

    pump = pump_rig.Pump()
    pump.board.PARTS += ((defs.PART_DRIVER, Driver()),)
    pump_rig.infuse(pump, 1000)
    pump.run(3 * 21600 + 1000)
    rows = {part: (exchanges, disturbed) for part, exchanges, disturbed in pump.do("exchanges")["rows"]}
    assert rows[defs.PART_DRIVER] == (41, 2)
    assert rows[defs.PART_DRIVE] == (3, 0)
    for part in (defs.PART_PRESSURE, defs.PART_LEVEL, defs.PART_SUPPLY, defs.PART_TEMPERATURE, defs.PART_STEP_COUNTER):
        assert rows[part][0] > 2 and rows[part][1] == 0, part
    assert defs.PART_FLOW not in rows and defs.PART_STORE not in rows

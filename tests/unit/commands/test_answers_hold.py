"""What each command has answered with "ok" is what then happens, in every state in which it is granted."""

import pump_rig
import state_rig
from pump import defs

REQUIREMENTS = ("D9", "C4")
_STATES = range(len(state_rig.REACH))
_MOVING = (defs.STATE_INFUSING, defs.STATE_KEEP_OPEN)


def _state(*allowed):
    """The state that must follow at once and stay for a minute."""

    def check(pump, answer):
        for _ in range(60):
            assert pump.controller.supervisor.state in allowed
            pump.run(1000)

    return check


def _stopped(pump, answer):
    """Nothing is delivered for two hours, whatever ends by itself in them; a stroke under way is finished."""
    pump.run(1000)
    strokes = pump.board.drive.strokes
    for _ in range(24):
        pump.run(5 * pump_rig.MINUTE)
        assert not pump.controller.supervisor.may_move()
    assert pump.board.drive.strokes == strokes


def _delivers(pump, answer):
    strokes = pump.controller.account.strokes
    pump.run(30 * pump_rig.MINUTE)
    assert pump.controller.supervisor.state in _MOVING
    assert pump.controller.account.strokes > strokes


def _rate(pump, answer):
    assert pump.do("status")["rate_ul_day"] == 900


def _plan(pump, answer):
    plan = pump.do("therapy")
    assert (plan["rows"], pump.do("status")["rate_ul_day"]) == ([[1, 500, 0, 0]], 500)


def _param(pump, answer):
    assert pump.controller.params.get(defs.PARAM_LINK_TIMEOUT_S) == 77


def _acknowledged(pump, answer):
    assert all(row[2] for row in pump.do("alarms")["rows"] if row[1])
    assert answer["standing"] == len([row for row in pump.do("alarms")["rows"] if row[1]])


def _silence(pump, answer):
    assert answer["silence_s"] == 120
    for _ in range(118):
        pump.run(1000)
        pump.do("hello")
        assert pump.board.annunciator.tone == defs.PRIORITY_NONE


def _telemetry(pump, answer):
    pump.board.link.sent = bytearray()
    pump.run(60000)
    assert len([said for said in pump.heard() if "telemetry" in said]) == 6


def _bolus(pump, answer):
    strokes = pump.controller.account.strokes
    pump.run(pump_rig.HOUR)
    bolus = answer["new"]["volume_nl"] // 250
    assert pump.controller.account.strokes - strokes - bolus - 166 in (0, 1)


def _prime(pump, answer):
    primed = pump.controller.account.primed.nl()
    pump.run(pump_rig.HOUR)
    assert pump.controller.account.primed.nl() == primed + answer["new"]["volume_nl"]
    assert pump.controller.supervisor.state == defs.STATE_STANDBY


def _time(pump, answer):
    assert pump.logged(defs.EVENT_TIME_SET) == [[20000, 3600]]


def _withdrawn(pump, answer):
    assert answer["difference_nl"] == 16000000 - answer["ledger_nl"]
    assert pump.logged(defs.EVENT_WITHDRAWN)[-1] == [16000000, answer["difference_nl"]]
    assert pump.do("status")["ledger_nl"] == answer["ledger_nl"]


def _cancelled(pump, answer):
    assert pump.logged(defs.EVENT_REFILL_BROKEN_OFF) == [[0, 0]]
    _stopped(pump, answer)


def _refill(pump, answer):
    assert answer["ledger_nl"] == pump.do("status")["ledger_nl"]
    _state(defs.STATE_REFILLING)(pump, answer)


_CHECKS = {
    "start": _delivers,
    "stop": _stopped,
    "pause": _state(defs.STATE_PAUSED),
    "resume": _delivers,
    "rate": _rate,
    "therapy_set": _plan,
    "param_set": _param,
    "ack": _acknowledged,
    "silence": _silence,
    "telemetry": _telemetry,
    "refill_begin": _refill,
    "refill_cancel": _cancelled,
    "refill_withdrawn": _withdrawn,
    "bolus": _bolus,
    "prime": _prime,
    "time_set": _time,
}
# They only read, or they need what another command has begun; see their own tests.
_ELSEWHERE = (
    "hello", "help", "status", "therapy", "params", "alarms", "log", "memory", "confirm", "draft", "draft_drop",
    "bolus_cancel", "dose", "trace", "journal", "journal_read", "journal_clear", "refill_finish",
    "exchanges", "session_open", "pair_begin", "pair_state", "pair_finish", "keys", "key_revoke", "keys_erase",
    "reset",
)  # fmt: skip


def _granted(pump, command):
    """The answer to the request, or to the read-back that was confirmed; None when it was refused."""
    answer = pump.ask(command, **state_rig.FIELDS.get(command, {}))
    if answer["ok"] and answer.get("draft") is not None:
        pump.confirm(answer)
    return answer if answer["ok"] else None


def test_each_state_is_reached_as_an_operator_or_the_pump_reaches_it():
    for state in _STATES:
        assert state_rig.REACH[state]().controller.supervisor.state == state


def test_every_command_is_checked_here_or_elsewhere():
    assert sorted(defs.COMMANDS) == sorted(list(_CHECKS) + list(_ELSEWHERE))


def test_what_is_answered_with_ok_is_what_happens_in_every_state():
    checked = dict.fromkeys(_CHECKS, 0)
    for name, check in _CHECKS.items():
        for state in _STATES:
            if not defs.COMMANDS[name][3] >> state & 1:
                continue
            pump = state_rig.REACH[state]()
            answer = _granted(pump, name)
            if answer is not None:
                checked[name] += 1
                check(pump, answer)
    assert min(checked.values()) >= 1, checked
    assert checked["stop"] == len(_STATES)

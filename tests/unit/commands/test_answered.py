"""A request that is sent again gets the answer that was lost, and is not carried out again."""

import pump_rig
from pump import defs
from pump.commands import answered

REQUIREMENTS = ("C8",)


def test_a_line_is_found_with_its_answer_for_a_minute():
    store = answered.Answered()
    store.add(b"one", [("id", 1)], 100)
    assert store.find(b"one", 160) == [("id", 1)]
    assert store.find(b"one", 161) is None
    assert store.find(b"two", 100) is None


def test_the_last_four_are_kept():
    store = answered.Answered()
    for number in range(6):
        store.add(b"%d" % number, [("id", number)], 0)
    assert [store.find(b"%d" % number, 0) for number in range(6)] == [None, None] + [[("id", n)] for n in (2, 3, 4, 5)]


def test_nothing_is_found_after_a_clear():
    store = answered.Answered()
    store.add(b"one", [("id", 1)], 0)
    store.clear()
    assert store.find(b"one", 0) is None
    assert store.find(b"", 0) is None


def test_a_confirmation_that_is_sent_again_gives_one_bolus_and_the_same_answer():
    pump = pump_rig.infuse(pump_rig.Pump())
    line = pump.frame("bolus", volume_nl=10000)
    draft = pump.say(line)[0]
    assert pump.say(line) == [draft]
    line = pump.frame("confirm", draft=draft["draft"], code=draft["code"])
    said = [pump.say(line) for _ in range(3)]
    answers = [[frame for frame in frames if "ok" in frame] for frames in said]
    assert answers[0][0]["done"] == "bolus"
    assert answers == [answers[0]] * 3
    assert len(pump.logged(defs.EVENT_BOLUS)) == 1


def test_a_request_whose_line_end_was_damaged_and_that_is_sent_again_is_one():
    pump = pump_rig.infuse(pump_rig.Pump())
    for around in (b"\x02\n", b"\r\n", b" \x7f\n", b"\n\x00"):
        draft = pump.say(pump.frame("bolus", volume_nl=10000))[0]
        line = pump.frame("confirm", draft=draft["draft"], code=draft["code"])
        answers = [frame for frame in pump.say(line[:-1] + around + line) if "ok" in frame]
        assert answers[0]["done"] == "bolus" and answers == [answers[0]] * 2, around
        assert len(pump.logged(defs.EVENT_BOLUS)) == 1, around
        pump = pump_rig.infuse(pump_rig.Pump())


def test_a_refusal_that_is_asked_for_again_is_the_same():
    pump = pump_rig.infuse(pump_rig.Pump())
    pump.do("stop")
    line = pump.frame("pause")
    refusal = pump.say(line)[0]
    assert refusal["refused"] == defs.REFUSE_WRONG_STATE
    pump.do("start")
    assert pump.say(line) == [refusal]
    assert pump.controller.supervisor.state == defs.STATE_INFUSING


def test_a_stop_is_carried_out_each_time_and_a_start_after_it_as_well():
    pump = pump_rig.infuse(pump_rig.Pump())
    stop, start = pump.frame("stop"), pump.frame("start")
    for _ in range(2):
        assert pump.say(stop)[0]["ok"]
        assert pump.controller.supervisor.state == defs.STATE_STANDBY
        assert pump.say(start)[0]["ok"]
        assert pump.controller.supervisor.state == defs.STATE_INFUSING


def test_after_a_minute_the_same_line_is_a_new_request():
    pump = pump_rig.infuse(pump_rig.Pump())
    pause, resume = pump.frame("pause"), pump.frame("resume")
    for _ in range(2):
        assert pump.say(pause)[0]["ok"]
        assert pump.controller.supervisor.state == defs.STATE_PAUSED
        assert pump.say(resume)[0]["ok"]
        assert pump.controller.supervisor.state == defs.STATE_INFUSING
        pump.run(pump_rig.MINUTE + 1000)


def test_what_only_reads_is_answered_anew():
    pump = pump_rig.infuse(pump_rig.Pump(), 24000)
    line = pump.frame("status")
    before = pump.say(line)[0]["strokes"]
    pump.run(10000)
    assert [frame for frame in pump.say(line) if "ok" in frame][0]["strokes"] > before

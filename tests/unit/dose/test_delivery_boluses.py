"""Boluses on top of the basal rate, in one exact sequence of strokes."""

import dose_rig
from dose_rig import DAY, HOUR, MINUTE, strokes_due
from pump import defs
from pump.dose import basal_bolus

REQUIREMENTS = ("D6", "D7")
_ODD_PL = 33 * 7577


# ---- a basal rate and a bolus in one sequence of strokes -------------------------------------------------------------


def _pass(blend, span_ms):
    count = 0
    while True:
        wait_ms = blend.wait_ms()
        if wait_ms > span_ms:
            blend.advance(span_ms)
            return count
        blend.advance(wait_ms)
        assert blend.owed() == 1
        blend.take()
        span_ms -= wait_ms
        count += 1


def _blend(stroke_pl, basal):
    blend = basal_bolus.BasalBolus()
    blend.set_stroke(stroke_pl)
    blend.set_basal(basal)
    return blend


def _length_ms(strokes, stroke_pl, ul_day):
    return -(-strokes * stroke_pl * 864 // (ul_day * 10))


def test_after_a_bolus_the_basal_count_is_what_it_would_have_been():
    for stroke_pl in (250000, _ODD_PL, 20000):
        for basal, bolus in ((1000, 12000), (50, 23950), (12000, 50), (7301, 4999)):
            blend = _blend(stroke_pl, basal)
            ms = 12345
            count = _pass(blend, ms)
            before = 0
            for strokes in (1, 2, 37):
                blend.begin_bolus(strokes, bolus)
                begun = ms
                end = _length_ms(strokes, stroke_pl, bolus)
                for span_ms in (end // 3, end // 2, end, 1, 77777):
                    count += _pass(blend, span_ms)
                    ms += span_ms
                    due = (before + strokes) * stroke_pl * 864
                    if ms - begun < end:
                        due = before * stroke_pl * 864 + bolus * 10 * (ms - begun)
                    else:
                        assert blend.bolus_left == 0 and blend.bolus_given == strokes
                    due += basal * 10 * ms
                    assert count == due // (stroke_pl * 864), (stroke_pl, basal, bolus, strokes, span_ms)
                before += strokes
                assert blend.flow_ul_day() == basal


def test_a_stroke_is_due_when_it_was_said_also_across_the_end_of_a_bolus():
    for basal, bolus in ((50, 12000), (1000, 12000), (12000, 50)):
        for offset in range(0, 40000, 977):
            blend = _blend(250000, basal)
            _pass(blend, offset)
            blend.begin_bolus(3, bolus)
            for _ in range(8):
                wait_ms = blend.wait_ms()
                if blend.end_ms() >= 0 or not blend.bolus_left:
                    blend.advance(wait_ms - 1)
                    assert not blend.owed()
                    blend.advance(1)
                else:
                    blend.advance(wait_ms)
                assert blend.owed() == 1
                blend.take()


def test_a_cancelled_bolus_leaves_whole_strokes_and_the_basal_fraction():
    for basal, bolus in ((1000, 12000), (7301, 4999)):
        for at_ms in range(1, 60000, 1777):
            blend = _blend(250000, basal)
            count = _pass(blend, 5000)
            blend.begin_bolus(40, bolus)
            count += _pass(blend, at_ms)
            given = bolus * 10 * at_ms // (250000 * 864)
            assert blend.bolus_given == min(given, 40)
            blend.end_bolus()
            exact = strokes_due([(basal, 5000 + at_ms)]) + blend.bolus_given
            assert exact <= count <= exact + 1
            count += _pass(blend, HOUR)
            assert count == strokes_due([(basal, 5000 + at_ms + HOUR)]) + blend.bolus_given


def test_a_basal_rate_that_changes_during_a_bolus():
    blend = _blend(_ODD_PL, 1000)
    blend.begin_bolus(20, 6000)
    count = _pass(blend, 30001)
    blend.set_basal(50)
    count += _pass(blend, 50001)
    blend.set_basal(17999)
    count += _pass(blend, HOUR)
    assert blend.bolus_left == 0
    assert count == 20 + strokes_due([(1000, 30001), (50, 50001), (17999, HOUR)], _ODD_PL)


# ---- the delivery ----------------------------------------------------------------------------------------------------


def test_a_bolus_of_the_pump_and_its_end_by_itself():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.run(HOUR + 333)
    rig.delivery.bolus(40, 12000, rig.clock.now)
    rig.tell()
    assert (rig.delivery.flow_ul_day, rig.delivery.rate_ul_day, rig.delivery.bolus_left) == (13000, 1000, 40)
    rig.run(MINUTE)
    rig.delivery.set_rate(1000, rig.clock.now)  # brings the schedule up to this moment
    assert rig.delivery.bolus_left == 40 - strokes_due([(12000, MINUTE)])
    rig.run(DAY)
    assert (rig.delivery.flow_ul_day, rig.delivery.bolus_left) == (1000, 0)
    assert rig.account.strokes == rig.drive.strokes == 40 + strokes_due([(1000, HOUR + 333 + MINUTE + DAY)])
    assert rig.journal.of(defs.EVENT_BOLUS) == [[10000, 12000]]
    assert rig.journal.of(defs.EVENT_BOLUS_ENDED) == [[10000, 10000]]
    assert not rig.conditions.word and not rig.conditions.notes
    assert rig.journal.open == 0 and rig.journal.intents == rig.drive.strokes


def test_the_flow_falls_back_when_the_last_stroke_of_a_bolus_is_over():
    rig = dose_rig.Rig()
    rig.plan(50)
    rig.run(1000)
    rig.delivery.bolus(4, 12000, rig.clock.now)
    rig.tell()
    end = _length_ms(4, 250000, 12000)
    rig.run(end - 1)
    assert rig.delivery.flow_ul_day == rig.guards.rate_ul_day == 12050
    rig.run(201)
    assert rig.delivery.flow_ul_day == rig.guards.rate_ul_day == 50
    rig.run(10 * HOUR)
    assert not rig.conditions.notes and not rig.conditions.word


def test_a_bolus_is_over_when_the_trim_makes_its_last_stroke_so_small_that_it_is_due():
    rig = dose_rig.Rig()
    trim = rig.trim
    rig.plan(940)
    rig.delivery.bolus(1, 100, rig.clock.now)
    rig.run(207693 + 200)  # 24/25 of the bolus are due, and the tenth stroke of both is under way
    assert (rig.account.strokes, rig.delivery.bolus_left, rig.delivery.flow_ul_day) == (10, 1, 1040)
    trim.trim_ppm, trim.changed = -100000, True
    rig.run(1)
    assert rig.delivery.stroke_pl == 225000
    assert (rig.delivery.bolus_left, rig.delivery.flow_ul_day) == (0, 940)
    assert len(rig.journal.of(defs.EVENT_BOLUS_ENDED)) == 1
    rig.run(HOUR)
    due_pl = 225000 + 940 * (207693 + 201 + HOUR) * 10 // 864
    assert rig.account.strokes == 10 + (due_pl - 10 * 250000) // 225000


def test_a_pause_a_fault_and_keep_open_cancel_the_rest_of_a_bolus():
    for end in (
        lambda rig: rig.delivery.hold(rig.clock.now),
        lambda rig: rig.delivery.cut(rig.clock.now),
        lambda rig: rig.delivery.keep_open(200, rig.clock.now),
        lambda rig: rig.delivery.end_bolus(rig.clock.now),
    ):
        rig = dose_rig.Rig()
        rig.plan(1000)
        rig.delivery.bolus(40, 12000, rig.clock.now)
        rig.run(MINUTE)
        end(rig)
        given = strokes_due([(12000, MINUTE)])
        assert rig.delivery.bolus_left == 0
        assert rig.delivery.end_bolus(rig.clock.now) == given
        assert rig.journal.of(defs.EVENT_BOLUS_ENDED) == [[given * 250, 10000]]
        assert rig.delivery.flow_ul_day in (0, 200, 1000)
        rig.delivery.resume(rig.clock.now)
        assert rig.delivery.flow_ul_day == 1000


def test_keep_open_is_never_above_the_set_rate_and_makes_nothing_up():
    for ul_day, least in ((1000, 200), (100, 100)):
        rig = dose_rig.Rig()
        rig.plan(ul_day)
        rig.run(5 * HOUR + 11 * MINUTE)  # most of a stroke has fallen due
        strokes = rig.account.strokes
        rig.delivery.keep_open(200, rig.clock.now)
        rig.tell()
        assert rig.delivery.flow_ul_day == rig.guards.rate_ul_day == least
        rig.run(10 * HOUR)
        assert rig.account.strokes == strokes + strokes_due([(least, 10 * HOUR)])
        strokes = rig.account.strokes
        rig.delivery.resume(rig.clock.now)
        rig.tell()
        rest = [(least, 10 * HOUR), (ul_day, HOUR)]
        rig.run(HOUR)
        assert rig.account.strokes == strokes + strokes_due(rest) - strokes_due(rest[:1])
        assert not rig.conditions.word and not rig.conditions.notes

"""The schedule's arithmetic: due times at any rate, and the due part of a stroke after changes."""

from pump.dose import basal_bolus, schedule

_DAY_TENTHS = 864  # tenths of uL*ms/day in 1 pL


def _at(ul_day, stroke_pl=250000):
    plan = schedule.Schedule()
    plan.set_stroke(stroke_pl)
    plan.set_rate(ul_day)
    return plan


def _blend(ul_day, stroke_pl=250000):
    both = basal_bolus.BasalBolus()
    both.set_stroke(stroke_pl)
    both.set_basal(ul_day)
    return both


def _due_ms(number, ul_day, stroke_pl=250000):
    """The first millisecond at which this many strokes are due."""
    return -(-number * stroke_pl * _DAY_TENTHS // (ul_day * 10))


def test_begins_with_nothing_due():
    plan = schedule.Schedule()
    assert (plan.credit, plan.owed) == (0, 0)
    both = basal_bolus.BasalBolus()
    assert (both.bolus_left, both.bolus_given, both.owed(), both.end_ms()) == (0, 0, 0, -1)


def test_each_stroke_is_due_at_its_millisecond():
    for ul_day, stroke_pl in ((50, 250000), (1000, 250000), (7300, 249999), (24000, 20000), (24000, 550000)):
        plan = _at(ul_day, stroke_pl)
        now = 0
        for number in range(1, 30):
            wait_ms = plan.wait_ms()
            assert now + wait_ms == _due_ms(number, ul_day, stroke_pl)
            plan.advance(wait_ms - 1)
            assert plan.owed == 0 and plan.wait_ms() == 1
            plan.advance(1)
            assert plan.owed == 1 and plan.wait_ms() == 0
            plan.take()
            assert plan.owed == 0
            now += wait_ms


def test_the_period_is_rounded_down_at_every_change():
    plan = _at(7300)
    assert plan.period_ms() == 250000 * 864 // 73000
    plan.set_rate(24000)
    assert plan.period_ms() == 900
    plan.set_stroke(250333)
    assert plan.period_ms() == 250333 * 864 // 240000


def test_any_span_at_once_is_the_same_as_its_milliseconds():
    for ul_day in (50, 999, 24000):
        for span_ms in (1, 899, 900, 901, 1800, 21600, 100000, 86400000):
            plan = _at(ul_day)
            plan.advance(span_ms)
            due = ul_day * 10 * span_ms
            assert (plan.owed, plan.credit) == (due // (250000 * 864), due % (250000 * 864))


def test_what_is_due_is_a_volume_and_stays_when_the_stroke_changes():
    plan = _at(24000)
    plan.advance(2 * 900 + 450)
    assert plan.owed == 2
    plan.set_stroke(125000)
    assert (plan.owed, plan.credit) == (5, 0)
    plan.set_stroke(500000)
    assert (plan.owed, plan.credit) == (1, 125000 * 864)
    plan.set_stroke(625000 - 1)
    assert (plan.owed, plan.credit) == (1, 864)


def test_volume_given_back_may_cancel_a_due_stroke_or_make_the_credit_negative():
    plan = _at(24000)
    plan.advance(900)
    plan.give_back(1)
    assert (plan.owed, plan.credit) == (0, 250000 * 864 - 1)
    plan.give_back(250000 * 864 - 1)
    assert (plan.owed, plan.credit) == (0, 0)
    plan.give_back(5)
    assert (plan.owed, plan.credit) == (0, -5)
    plan.clear()
    assert plan.credit == -5
    plan.advance(10)
    plan.clear()
    assert (plan.owed, plan.credit) == (0, 0)
    plan.credit = 1
    plan.clear()
    assert plan.credit == 0
    plan.advance(950)
    plan.give_back(50 * 240000)
    assert (plan.owed, plan.credit) == (1, 0)
    plan.advance(900)
    plan.clear()
    assert (plan.owed, plan.credit) == (0, 0)


def test_the_volume_lacking_to_a_stroke_and_the_excess_over_it():
    plan = _at(24000)
    plan.advance(100)
    lacking = 250000 * 864 - 240000 * 150
    assert plan.lacking(50, 0) == lacking and plan.lacking(50, 7) == lacking + 7
    assert plan.excess(50) == -lacking
    assert plan.excess(801) == 240000


def test_with_a_bolus_strokes_are_due_by_both_rates_and_afterwards_by_the_basal_one():
    for basal, bolus, count in ((1000, 2000, 7), (997, 24000, 3), (50, 1100, 1), (24000, 50, 2), (7300, 7300, 5)):
        both = _blend(basal)
        both.begin_bolus(count, bolus)
        assert both.flow_ul_day() == basal + bolus
        assert both.period_ms() == 250000 * 864 // ((basal + bolus) * 10)
        end_ms = _due_ms(count, bolus)
        now = 0
        for number in range(1, 4 * count):
            wait_ms = both.wait_ms()
            now += wait_ms
            both.advance(wait_ms - 1)
            assert both.owed() == 0, (basal, bolus, number)
            both.advance(1)
            assert both.owed() == 1, (basal, bolus, number)
            both.take()
            given = min(count, now * bolus * 10 // (250000 * 864))
            assert number == (given * 250000 * 864 + now * basal * 10) // (250000 * 864) or now < end_ms
            assert (both.bolus_left, both.bolus_given) == (count - given, given)
        assert both.flow_ul_day() == (basal if now >= end_ms else basal + bolus)


def test_a_stroke_that_seems_due_with_the_end_of_a_bolus_waits_for_what_is_given_back():
    for stroke_pl, basal, bolus, gone_ms in ((21700, 2576, 16737, 612), (213100, 14401, 9281, 573)):
        both = _blend(basal, stroke_pl)
        both.advance(gone_ms)
        assert both.owed() == 0
        both.begin_bolus(1, bolus)
        while both._total.wait_ms() != both.end_ms():
            assert both.bolus_left
            both.advance(both.wait_ms())
            both.take()
        assert both.end_ms() < both.wait_ms()
        both.advance(both.wait_ms() - 1)
        assert both.owed() == 0 and both.wait_ms() == 1
        both.advance(1)
        assert both.owed() == 1


def test_the_end_of_a_bolus_is_announced_for_its_last_stroke_only():
    both = _blend(1000)
    both.begin_bolus(2, 2000)
    assert both.end_ms() == -1
    both.advance(10800)
    assert (both.bolus_left, both.end_ms()) == (1, 10800)
    both.advance(10799)
    assert (both.bolus_left, both.end_ms()) == (1, 1)
    both.advance(1)
    assert (both.bolus_left, both.bolus_given, both.end_ms()) == (0, 2, -1)
    assert both.flow_ul_day() == 1000


def test_a_cancelled_bolus_gives_its_part_back():
    both = _blend(1000)
    both.begin_bolus(5, 2000)
    both.advance(10800 + 5400)  # a stroke and a half of the bolus, three quarters of a basal one
    assert (both.owed(), both.bolus_given, both.bolus_left) == (2, 1, 4)
    both.end_bolus()
    assert (both.owed(), both.bolus_left, both.flow_ul_day()) == (1, 0, 1000)
    both.take()
    assert both.wait_ms() == 5400
    both.begin_bolus(1, 2000)
    assert (both.bolus_given, both.end_ms()) == (0, 10800)


def test_clear_leaves_nothing_due_and_the_basal_rate():
    both = _blend(1000)
    both.advance(3 * 21600 + 100)
    assert both.owed() == 3
    both.clear()
    assert both.owed() == 0 and both.wait_ms() == 21600

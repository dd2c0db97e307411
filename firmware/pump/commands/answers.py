"""How the pump is, as the pairs of an answer: its state, its dose, its plan; units are in the names."""

from micropython import const

from pump import defs

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import app

    Pairs = list[tuple[str, object]]


def status(app: "app.App", now: int) -> "Pairs":
    """The pairs of `status` and of telemetry."""
    delivery = app.delivery
    rate = delivery.rate_ul_day
    return [
        ("state", app.supervisor.state),
        ("bits", app.conditions.word),
        ("notes", app.conditions.notes),
        ("rate_ul_day", rate),
        ("strokes", delivery.strokes),
        ("book_ul", delivery.book_ul),
        ("book_pl", delivery.book_pl),
        ("fluid", defs.FLUID_NAMES[app.reservoir.fluid]),
        ("ledger_nl", app.reservoir.ledger_nl()),
        ("level_nl", app.reservoir.level_nl),
        ("left_s", app.reservoir.left_s(rate) if rate else None),
        ("pressure_pa", app.line.pressure_pa),
        ("baseline_pa", app.line.detector.baseline_pa),
        ("stroke_in_ms", delivery.stroke_in_ms(now) if delivery.running else None),
        ("alarm", app.alarms.top),
        ("priority", app.alarms.priority),
        ("silenced", app.alarms.silenced),
        ("uptime_s", app.uptime.s),
        ("uptime_ms", app.uptime.ms),
    ]


def dose(app: "app.App") -> "Pairs":
    """The pairs of `dose`."""
    delivery = app.delivery
    rate = delivery.rate_ul_day
    reservoir = app.reservoir
    get = app.params.get
    return [
        ("hour_nl", app.guards.hour_nl()),
        ("day_nl", app.guards.day_nl()),
        ("moved_ul", app.guards.moved_ul),
        ("bolus_left_nl", (delivery.bolus_left + delivery.prime_left) * delivery.stroke_pl // 1000),
        ("lockout_s", app.boluses.lockout_s(get(defs.PARAM_BOLUS_LOCKOUT_MIN))),
        ("boluses_left", app.boluses.left(get(defs.PARAM_BOLUSES_PER_DAY))),
        ("tip_fluid", defs.FLUID_NAMES[reservoir.dead.tip_fluid]),
        ("hold_over_s", reservoir.dead.hold_over_s(rate) if rate else None),
        ("refill_in_s", reservoir.refill_in_s(rate, bolus_nl_day(app)) if rate else None),
        ("trim_ppm", app.trim.trim_ppm),
        ("supply_mv", app.environment.supply_mv),
        ("temperature_centi_c", app.environment.temperature_centi_c),
    ]


def plan(app: "app.App") -> "Pairs":
    """The pairs of `therapy`."""
    therapy = app.therapy
    if therapy.profile < 0:
        return [("profile", None)]
    following = therapy.next_fluid()
    left_s = therapy.left_s()
    volume_left_nl = therapy.volume_left_nl()
    return [
        ("profile", defs.PROFILE_NAMES[therapy.profile]),
        ("rate_ul_day", app.delivery.rate_ul_day),
        ("phase", therapy.phase),
        ("phases", therapy.phases),
        ("fluid", defs.FLUID_NAMES[therapy.fluid()]),
        ("next_fluid", None if following == defs.FLUID_NONE else defs.FLUID_NAMES[following]),
        ("phase_left_s", None if left_s < 0 else left_s),
        ("volume_left_nl", None if volume_left_nl < 0 else volume_left_nl),
        ("cycles", therapy.cycles),
        ("repeat_from", therapy.repeat_from),
        ("rows", therapy.rows),
    ]


def journal(app: "app.App") -> "Pairs":
    """The pairs of `journal`."""
    book = app.journal
    index = app.keeping.unfit_index
    return [
        ("area", defs.AREA_NAMES[book.area]),
        ("unfit", defs.UNFIT_NAMES[app.keeping.unfit]),
        ("unfit_index", None if index < 0 else index),
        ("boot", book.boots),
        ("reset", app.keeping.reset),
        ("damaged", book.damaged),
        ("uncertain", book.uncertain),
        ("counted", book.strokes_since),
        ("size_bytes", book.size_bytes),
        ("forced_erases", book.forced_erases),
    ]


def bolus_nl_day(app: "app.App") -> int:
    """The largest volume of boluses in a day: the refill date counts with all of it (V5)."""
    return app.params.get(defs.PARAM_BOLUSES_PER_DAY) * app.params.get(defs.PARAM_BOLUS_MAX_NL)

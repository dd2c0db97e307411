"""The pairs of the answers about the pump: status, dose, plan, journal; units are in the names."""

from micropython import const

from pump import defs

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import controller, hal

    Pairs = list[tuple[str, object]]


def status(pump: "controller.Controller", now: int) -> "Pairs":
    """The pairs of `status` and of telemetry."""
    delivery = pump.delivery
    rate = delivery.rate_ul_day
    return [
        ("state", pump.supervisor.state),
        ("bits", pump.conditions.word),
        ("notes", pump.conditions.notes),
        ("rate_ul_day", rate),
        ("strokes", pump.account.strokes),
        ("book_ul", pump.account.delivered.ul),
        ("book_pl", pump.account.delivered.pl),
        ("fluid", defs.FLUID_NAMES[pump.reservoir.present_fluid()]),
        ("ledger_nl", pump.reservoir.ledger_nl()),
        ("level_nl", pump.reservoir.level.nl),
        ("left_s", pump.reservoir.left_s(rate) if rate else None),
        ("left_by", "level" if pump.reservoir.left_by_level() else "ledger"),
        ("pressure_pa", pump.monitor.input.pressure_pa),
        ("baseline_pa", pump.monitor.detector.baseline_pa),
        ("stroke_in_ms", delivery.stroke_in_ms(now) if delivery.running else None),
        ("alarm", pump.alarms.top),
        ("priority", pump.alarms.priority),
        ("silenced", pump.alarms.silenced),
        ("uptime_s", pump.uptime.s),
        ("uptime_ms", pump.uptime.ms),
        ("boot", pump.journal.boots),
        ("log_next", pump.journal.next),
    ]


def dose(pump: "controller.Controller") -> "Pairs":
    """The pairs of `dose`."""
    delivery = pump.delivery
    rate = delivery.rate_ul_day
    reservoir = pump.reservoir
    get = pump.params.get
    return [
        ("hour_nl", pump.guards.hour_nl()),
        ("day_nl", pump.guards.day_nl()),
        ("hour_limit_nl", pump.guards.hour_limit_nl()),
        ("day_limit_nl", pump.guards.day_limit_nl()),
        ("moved_ul", pump.guards.moved_ul),
        ("bolus_left_nl", (delivery.bolus_left + delivery.prime_left) * delivery.stroke_pl // 1000),
        ("lockout_s", pump.lockout.lockout_s(get(defs.PARAM_BOLUS_LOCKOUT_MIN))),
        ("boluses_left", pump.lockout.left(get(defs.PARAM_BOLUSES_PER_DAY))),
        ("tip_fluid", defs.FLUID_NAMES[reservoir.dead.tip_fluid]),
        ("hold_over_s", reservoir.dead.old_fluid_s(rate) if rate else None),
        ("refill_in_s", reservoir.refill_in_s(rate, bolus_nl_day(pump)) if rate else None),
        ("trim_ppm", pump.trim.trim_ppm),
        ("supply_mv", pump.environment.supply_mv),
        ("temperature_centi_c", pump.environment.temperature_centi_c),
    ]


def plan(pump: "controller.Controller") -> "Pairs":
    """The pairs of `therapy`."""
    plan = pump.plan
    if plan.profile < 0:
        return [("profile", None)]
    following = plan.next_fluid()
    left_s = plan.left_s()
    volume_left_nl = plan.volume_left_nl()
    return [
        ("profile", defs.PROFILE_NAMES[plan.profile]),
        ("rate_ul_day", pump.delivery.rate_ul_day),
        ("phase", plan.phase),
        ("phases", plan.phases),
        ("fluid", defs.FLUID_NAMES[plan.fluid()]),
        ("next_fluid", None if following == defs.FLUID_NONE else defs.FLUID_NAMES[following]),
        ("phase_left_s", None if left_s < 0 else left_s),
        ("volume_left_nl", None if volume_left_nl < 0 else volume_left_nl),
        ("cycles", plan.cycles),
        ("repeat_from", plan.repeat_from),
        ("rows", plan.rows),
    ]


def journal(pump: "controller.Controller") -> "Pairs":
    """The pairs of `journal`."""
    journal = pump.journal
    index = pump.persistence.unfit_index
    return [
        ("area", defs.AREA_NAMES[journal.area]),
        ("unfit", defs.UNFIT_NAMES[pump.persistence.unfit]),
        ("unfit_index", None if index < 0 else index),
        ("boot", journal.boots),
        ("reset", pump.persistence.reset),
        ("damaged", journal.damaged),
        ("uncertain", journal.uncertain),
        ("counted", journal.strokes_since),
        ("size_bytes", journal.size_bytes),
        ("forced_erases", journal.forced_erases),
    ]


def exchanges(pump: "controller.Controller", board: "hal.Board") -> "list[list[int]]":
    """The rows of `exchanges`: what the logic has counted, then parts that repeat an exchange by themselves."""
    environment = pump.environment
    tallies = [
        (defs.PART_SUPPLY, environment.supply_tally),
        (defs.PART_TEMPERATURE, environment.temperature_tally),
        (defs.PART_DRIVE, pump.delivery.tally),
        (defs.PART_STEP_COUNTER, pump.guards.counter_tally),
        (defs.PART_PRESSURE, pump.monitor.input.tally),
        (defs.PART_LEVEL, pump.reservoir.level.tally),
    ]
    if board.store is not None:
        tallies.append((defs.PART_STORE, pump.journal.tally))
    if board.flow is not None:
        tallies.append((defs.PART_FLOW, pump.trim.tally))
    rows = [[part, tally.exchanges, tally.disturbed] for part, tally in tallies]
    for number, part in board.PARTS:
        disturbed = getattr(part, "disturbed", -1)
        if disturbed >= 0:
            rows.append([number, getattr(part, "exchanges", 0), disturbed])
    return rows


def bolus_nl_day(pump: "controller.Controller") -> int:
    """The largest volume of boluses in a day, which the refill date allows for (V5)."""
    return pump.params.get(defs.PARAM_BOLUSES_PER_DAY) * pump.params.get(defs.PARAM_BOLUS_MAX_NL)

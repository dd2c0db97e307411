"""Commands that start or change delivery: start, pause, resume, rate, plan, bolus, prime. Stop is in the dispatcher."""

from micropython import const

from pump import defs
from pump.commands import pending_change, validation

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    from pump import controller

    Pairs = list[tuple[str, object]]
    Fields = dict[str, Any]

_FASTEST_UL_DAY = const(24000)  # D1, the pump's maximum
_SECONDS_PER_DAY = const(86400)
# The soft limit that an override names.
_SOFT = {
    defs.OVERRIDE_SOFT_RATE: defs.PARAM_SOFT_RATE_UL_DAY,
    defs.OVERRIDE_SOFT_BOLUS: defs.PARAM_SOFT_BOLUS_NL,
}


class Delivery:
    """Methods named as the commands; see dispatcher.Dispatcher."""

    def __init__(self, pump: "controller.Controller") -> None:
        self._pump = pump

    def start(self, fields: "Fields", now: int) -> "Pairs":
        if self._pump.plan.profile >= 0:
            self._require_stroke_time(self._pump.fastest_ul_day())
        return self._ask(defs.REQUEST_START, now)

    def pause(self, fields: "Fields", now: int) -> "Pairs":
        return self._ask(defs.REQUEST_PAUSE, now)

    def resume(self, fields: "Fields", now: int) -> "Pairs":
        return self._ask(defs.REQUEST_RESUME, now)

    def rate(self, fields: "Fields", now: int) -> "pending_change.Change":
        pump = self._pump
        ul_day = fields["ul_day"]
        if pump.plan.profile < 0:
            raise validation.Refused(defs.REFUSE_PLAN_MISSING, [])
        bolus_ul_day = pump.params.get(defs.PARAM_BOLUS_RATE_UL_DAY) if pump.delivery.bolus_left else 0
        self._require_maximum("ul_day", ul_day, bolus_ul_day)
        self._require_stroke_time(ul_day + bolus_ul_day)
        beyond = self._beyond_soft(ul_day, defs.OVERRIDE_SOFT_RATE, fields["override"])

        def do() -> None:
            if beyond:
                pump.journal.write(defs.EVENT_OVERRIDE, defs.OVERRIDE_SOFT_RATE, ul_day)
            pump.set_rate(ul_day, now)

        old_ul_day = pump.delivery.rate_ul_day
        holds_s = pump.plan.rate_holds_s()
        new: "Pairs" = [("rate_ul_day", ul_day)]
        predicted: "Pairs" = [
            ("left_s", pump.reservoir.left_s(ul_day)),
            ("holds_s", None if holds_s < 0 else holds_s),  # then the next phase brings its own
        ]
        return pending_change.Change(
            [("rate_ul_day", old_ul_day)],
            new,
            do,
            ul_day > old_ul_day,
            undo=lambda: pump.set_rate(old_ul_day, now),
            predicted=predicted,
        )

    def therapy_set(self, fields: "Fields", now: int) -> "pending_change.Change":
        pump = self._pump
        get = pump.params.get
        plan = pump.plan
        found = plan.check(fields, get(defs.PARAM_RESERVOIR_CAPACITY_NL), get(defs.PARAM_EMPTY_VOLUME_NL))
        if found is not None:
            raise validation.Refused(found[0], found[1])
        rows = fields["rows"]
        stroke_pl = pump.delivery.stroke_pl
        if 0 < fields["volume_nl"] * 1000 < stroke_pl:
            about: "Pairs" = [("field", "volume_nl"), ("value", fields["volume_nl"])]
            raise validation.Refused(defs.REFUSE_OUT_OF_RANGE, about + [("min", -(-stroke_pl // 1000))])
        fastest_ul_day = max(row[1] for row in rows)
        self._require_stroke_time(fastest_ul_day)
        beyond = self._beyond_soft(fastest_ul_day, defs.OVERRIDE_SOFT_RATE, fields["override"])

        def do() -> None:
            if beyond:
                pump.journal.write(defs.EVENT_OVERRIDE, defs.OVERRIDE_SOFT_RATE, fastest_ul_day)
            pump.set_plan(fields, now)

        old: "Pairs" = [
            ("profile", defs.PROFILE_NAMES[plan.profile] if plan.profile >= 0 else None),
            ("rate_ul_day", pump.delivery.rate_ul_day),
            ("phases", plan.phases),
        ]
        new: "Pairs" = [
            ("profile", defs.PROFILE_NAMES[fields["profile"]]),
            ("rate_ul_day", rows[0][1]),
            ("phases", fields["repeat_from"] + fields["cycles"] * (len(rows) - fields["repeat_from"])),
            ("volume_nl", fields["volume_nl"]),
            ("repeat_from", fields["repeat_from"]),
            ("rows", rows),
        ]
        return pending_change.Change(old, new, do)

    def bolus(self, fields: "Fields", now: int) -> "pending_change.Change":
        pump = self._pump
        get = pump.params.get
        asked_nl = fields["volume_nl"]
        ul_day = get(defs.PARAM_BOLUS_RATE_UL_DAY)
        basal_ul_day = pump.delivery.rate_ul_day
        if pump.alarms.top:
            raise validation.Refused(defs.REFUSE_ALARM_STANDS, [("alarm", pump.alarms.top)])
        strokes, volume_nl = self._whole_strokes(asked_nl, get(defs.PARAM_BOLUS_MAX_NL))
        beyond = self._beyond_soft(asked_nl, defs.OVERRIDE_SOFT_BOLUS, fields["override"])
        self._require_maximum("rate_ul_day", basal_ul_day, ul_day)
        self._require_stroke_time(basal_ul_day + ul_day)
        self._require_bolus_allowed()
        self._require_volume(volume_nl)
        if not pump.guards.room_for(volume_nl, basal_ul_day, ul_day):
            raise validation.Refused(defs.REFUSE_DOSE_LIMIT, [("value", volume_nl)])

        def do() -> None:
            if beyond:
                pump.journal.write(defs.EVENT_OVERRIDE, defs.OVERRIDE_SOFT_BOLUS, asked_nl)
            pump.bolus(strokes, ul_day, now)

        old: "Pairs" = [("rate_ul_day", basal_ul_day), ("bolus_nl", 0)]
        left: "Pairs" = [("left_s", pump.reservoir.left_s(basal_ul_day, volume_nl))]
        return pending_change.Change(old, self._read_back(volume_nl, ul_day), do, predicted=left)

    def bolus_cancel(self, fields: "Fields", now: int) -> "Pairs":
        pump = self._pump
        if not pump.delivery.bolus_left:
            raise validation.Refused(defs.REFUSE_NOTHING_TO_DO, [])
        return [("given_nl", pump.delivery.end_bolus(now) * pump.delivery.stroke_pl // 1000)]

    def prime(self, fields: "Fields", now: int) -> "pending_change.Change":
        pump = self._pump
        purpose = fields["purpose"]
        ul_day = pump.params.get(defs.PARAM_PRIME_RATE_UL_DAY)
        strokes, volume_nl = self._whole_strokes(fields["volume_nl"], pump.most_prime_nl())
        self._require_stroke_time(ul_day)
        self._require_volume(volume_nl)
        if not pump.guards.room_for(volume_nl, 0, ul_day):
            raise validation.Refused(defs.REFUSE_DOSE_LIMIT, [("value", volume_nl)])
        validation.require_granted(pump.held_by(defs.REQUEST_PRIME))
        new: "Pairs" = [("purpose", defs.PURPOSE_NAMES[purpose])]
        old: "Pairs" = [("tip_fluid", defs.FLUID_NAMES[pump.reservoir.dead.tip_fluid])]
        new += self._read_back(volume_nl, ul_day)
        return pending_change.Change(old, new, lambda: pump.prime(strokes, ul_day, purpose, now))

    # ---- checks shared by several ------------------------------------------------------------------------------

    def _ask(self, request: int, now: int) -> "Pairs":
        validation.require_granted(self._pump.request(request, now))
        return []

    def _require_stroke_time(self, ul_day: int) -> None:
        if not self._pump.delivery.fits(ul_day):
            raise validation.Refused(defs.REFUSE_STROKE_TOO_SLOW, [("value", ul_day)])

    def _require_maximum(self, field: str, basal_ul_day: int, bolus_ul_day: int) -> None:
        """Basal rate and bolus together stay within the pump's maximum (D7)."""
        if basal_ul_day + bolus_ul_day > _FASTEST_UL_DAY:
            about: "Pairs" = [("field", field), ("value", basal_ul_day)]
            raise validation.Refused(defs.REFUSE_OUT_OF_RANGE, about + [("max", _FASTEST_UL_DAY - bolus_ul_day)])

    def _require_bolus_allowed(self) -> None:
        """No bolus runs, the lock-out has passed, and the day has one left (D7)."""
        account = self._pump.lockout
        running = self._pump.delivery.bolus_left
        lockout_s = account.lockout_s(self._pump.params.get(defs.PARAM_BOLUS_LOCKOUT_MIN))
        left = account.left(self._pump.params.get(defs.PARAM_BOLUSES_PER_DAY))
        if running or lockout_s or not left:
            about: "Pairs" = [("lockout_s", lockout_s), ("boluses_left", left)]
            raise validation.Refused(defs.REFUSE_LOCKED_OUT, about)

    def _require_volume(self, volume_nl: int) -> None:
        usable_nl = self._pump.reservoir.usable_nl()
        if volume_nl > usable_nl:
            about: "Pairs" = [("field", "volume_nl"), ("value", volume_nl)]
            raise validation.Refused(defs.REFUSE_OVER_RESERVOIR, about + [("max", usable_nl)])

    def _whole_strokes(self, asked_nl: int, most_nl: int) -> "tuple[int, int]":
        """Strokes in this volume, rounded down, and the volume that they really give."""
        stroke_pl = self._pump.delivery.stroke_pl
        strokes = asked_nl * 1000 // stroke_pl
        if asked_nl > most_nl or strokes == 0:
            about: "Pairs" = [("field", "volume_nl"), ("value", asked_nl)]
            limits: "Pairs" = [("min", -(-stroke_pl // 1000)), ("max", most_nl)]
            raise validation.Refused(defs.REFUSE_OUT_OF_RANGE, about + limits)
        return strokes, strokes * stroke_pl // 1000

    def _beyond_soft(self, value: int, override: int, named: int) -> bool:
        """Whether the value is beyond its soft limit; it is refused unless that limit is named (C2)."""
        limit = self._pump.params.get(_SOFT[override])
        if value <= limit:
            return False
        if named != override:
            about: "Pairs" = [("field", "override"), ("value", value), ("max", limit)]
            raise validation.Refused(defs.REFUSE_SOFT_LIMIT, about + [("override", defs.OVERRIDE_NAMES[override])])
        return True

    def _read_back(self, volume_nl: int, ul_day: int) -> "Pairs":
        """What will really be delivered, how fast and for how long."""
        span_s = volume_nl * _SECONDS_PER_DAY // (ul_day * 1000)
        return [("volume_nl", volume_nl), ("ul_day", ul_day), ("lasts_s", span_s)]

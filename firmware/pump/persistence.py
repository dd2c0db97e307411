"""Keeps the state and the settings in the journal, and takes them up again at power-on."""

from micropython import const

from pump import defs
from pump.journal import flash_area

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import app
    from pump.core import scheduler

# The numbers of a state that was kept, in their order: these, then those of every room in turn.
_LAYOUT = const(0)  # says which arrangement it is
_STATE = const(1)
_BITS = const(2)
_NOTES = const(3)
_ROOMS = const(4)
_DOSE = const(29)  # of these the delivery's word whether its strokes are dose, and twice its slack steps
_THIS_LAYOUT = const(2)
_BIG = const(0x3FFFFFFF)
_PL = const(999999)
# The least and the most of each; whoever finds another number has a state that is not his own.
_LEAST = (_THIS_LAYOUT, 0, 0, 0, -1, 1, 0, 0, 0, -1) + (0,) * 43
_MOST = (
    (_THIS_LAYOUT, len(defs.MOTIONS) - 1, _BIG, _BIG)
    + (len(defs.PROFILE_NAMES) - 1, 100, 7, 40000000, 807, _BIG, _BIG, _PL)
    + (_BIG,) * 8  # the plan's rows
    + (0xFFFFF,) * 3  # alarms
    + (_BIG, _BIG, _PL, _BIG, _PL, 24000, 2001)  # delivery
    + (len(defs.FLUID_NAMES) - 1, _BIG, _PL, _BIG, _PL)  # reservoir
    + (len(defs.FLUID_NAMES) - 1, len(defs.FLUID_NAMES) - 1, _BIG, _PL)  # dead space
    + (0x20000000, 48)  # boluses
    + (899999,)  # guards: ms of a quarter of an hour, of a quarter of a day, and the sums of each
    + (_BIG,) * 5
    + (21599999,)
    + (_BIG,) * 5
)
_KEPT_BITS = defs.BIT_PLAN_DONE | defs.BIT_REFILL_UNSETTLED
_KEPT_NOTES = defs.NOTE_REFILL_DIFFERS

_MOVING_S = const(300)  # the longest that the state is older than what it tells: while something flows,
_RESTING_S = const(3600)  # and at rest, where only time passes
_AGAIN_S = const(60)  # after a write that failed
_PL_PER_UL = const(1000000)
_FASTEST_PL_MS = const(278)  # 24 mL/day (D1): no dose was given in less time


class Keeping:
    """`open` before anything else is done, `count` when the strokes' size is known, then `run` in every step.

    Whatever is worth keeping is recorded in the log as well, but for the slack of a reverse; so the state is kept anew
    in each step that has written a record, and before the answer to a command is given. `unfit` is one of defs.UNFIT_*,
    `unfit_index` the setting or the number of the state that makes no sense, `reset` one of defs.RESET_*.
    """

    def __init__(self, app: "app.App") -> None:
        self._app = app
        self._journal = app.journal
        self._rooms = (app.therapy, app.alarms, app.delivery, app.reservoir, app.boluses, app.guards)
        self._numbers = [0] * len(_MOST)
        self._settings: "list[int]" = []  # as they are in the flash
        self._next = 0  # what the log's next number was when the state was kept last
        self._tried_s = 0
        self._failed = False
        self._resumes = False
        self._found = defs.UNFIT_NONE
        self.unfit_index = -1
        self.reset = defs.RESET_POWER_ON

    # ---- at power-on -----------------------------------------------------------------------------------------------

    def open(self, reset_cause: int) -> None:
        """Takes up settings and state; with those that make no sense nothing is taken up, and nothing written."""
        book = self._journal
        self.reset = reset_cause
        if book.recover():
            self._take_up()
        if book.area == flash_area.UNREADABLE:
            self._found = defs.UNFIT_UNREADABLE
        elif book.area == flash_area.FOREIGN and not self._found:
            self._found = defs.UNFIT_FOREIGN

    def _take_up(self) -> None:
        book = self._journal
        settings, state = book.settings, book.snapshot
        if settings is None and (state is not None or book.settings_found != flash_area.FOUND_NOTHING):
            self._refuse(defs.UNFIT_SETTINGS, -1)
        elif settings is not None and not self._take_settings(settings):
            pass
        elif state is not None:
            self._take_state(state)

    def _take_settings(self, values: "tuple[int, ...]") -> bool:
        book = self._journal
        wrong = 0
        if len(values) == len(defs.PARAMS):
            wrong = self._app.params.restore(values)
        if wrong >= 0:
            self._refuse(defs.UNFIT_SETTINGS, wrong)
            return False
        if book.settings_found == flash_area.FOUND_NEWEST:
            self._settings = list(values)
        else:  # they are written anew
            self._app.conditions.note(defs.NOTE_SETTINGS_OLD, True)
        return True

    def _take_state(self, values: "tuple[int, ...]") -> None:
        numbers = list(values)
        wrong = self._wrong(numbers)
        if wrong < 0:
            try:
                at = _ROOMS
                for room in self._rooms:
                    at = room.restore(numbers, at)
            except ValueError:
                wrong = _ROOMS  # the plan, which is the first
        if wrong >= 0:
            self._refuse(defs.UNFIT_STATE, wrong)
            return
        self._numbers = numbers
        facts = self._app.conditions
        facts.set(numbers[_BITS] & _KEPT_BITS)
        facts.note(numbers[_NOTES] & _KEPT_NOTES, True)
        fell = numbers[_BITS] & defs.BIT_SUPPLY_OUT or numbers[_NOTES] & defs.NOTE_SUPPLY_LOW
        if fell and self.reset == defs.RESET_POWER_ON:
            self.reset = defs.RESET_BROWN_OUT

    def _wrong(self, numbers: "list[int]") -> int:
        """The place of the first number that can't be, -1 for none."""
        for at in range(min(len(numbers), len(_MOST))):
            if not _LEAST[at] <= numbers[at] <= _MOST[at]:
                return at
        return -1 if len(numbers) == len(_MOST) else len(_MOST)

    def _refuse(self, found: int, index: int) -> None:
        self._journal.refuse()
        self._found = found
        self.unfit_index = index

    def count(self) -> None:
        """Books the strokes since the state was kept, as far as they may have been given, and records the reset."""
        book = self._journal
        dose = not book.snapshot or self._numbers[_DOSE] & 1 != 0
        if book.strokes_since:
            self._count_strokes(book.strokes_since, book.since_ul * _PL_PER_UL + book.since_pl, dose)
        facts = self._app.conditions
        facts.note(defs.NOTE_DOSE_UNCERTAIN, book.uncertain > 0)
        facts.note(defs.NOTE_RECORDS_DAMAGED, book.damaged > 0)
        book.write(defs.EVENT_POWER_ON)
        book.write(defs.EVENT_RESET, self.reset, book.boots)
        if book.recovered:
            book.write(defs.EVENT_RECOVERED, book.damaged, book.uncertain)
            if self._numbers[_STATE] == defs.STATE_REFILLING:
                book.write(defs.EVENT_REFILL_BROKEN_OFF)
            self._resumes = self._may_resume()

    def _count_strokes(self, strokes: int, volume_pl: int, dose: bool) -> None:
        app = self._app
        app.delivery.took_up_slack()
        app.delivery.book(strokes, volume_pl // _PL_PER_UL, volume_pl % _PL_PER_UL, dose)
        if dose:
            app.guards.given(-(-volume_pl // 1000), volume_pl // strokes * (strokes - 1) // _FASTEST_PL_MS)
        each_pl = volume_pl // strokes
        last_pl = volume_pl - each_pl * (strokes - 1)
        for stroke in range(strokes):
            stroke_pl = each_pl if stroke < strokes - 1 else last_pl
            app.reservoir.take(stroke_pl)
            if dose:
                app.therapy.took(stroke_pl)

    # ---- resuming (D12) --------------------------------------------------------------------------------------------

    def _may_resume(self) -> bool:
        """Only what was running goes on, by the policy, and only from the newest state and settings."""
        book = self._journal
        ran = self._numbers[_STATE] == defs.STATE_INFUSING or self._numbers[_STATE] == defs.STATE_KEEP_OPEN
        newest = book.snapshot_found == flash_area.FOUND_NEWEST and book.settings_found == flash_area.FOUND_NEWEST
        return ran and newest and self._app.params.get(defs.PARAM_RESUME_POLICY) == 1

    def _resume(self, now: int) -> None:
        """Goes on as a person's start would; a plan that was done keeps its line open."""
        app = self._app
        facts = app.conditions
        done = facts.has(defs.BIT_PLAN_DONE)
        facts.clear(defs.BIT_PLAN_DONE)
        held_by = app.request(defs.BIT_ASK_START, now)
        facts.put(defs.BIT_PLAN_DONE, done)
        app.judge(now)
        self._journal.write(defs.EVENT_RESUMED, held_by)

    # ---- as the pump works -----------------------------------------------------------------------------------------

    def run(self, now: int) -> None:
        """The job of every step: keeps what a record has told of, and once a while what only flows."""
        app = self._app
        if self._resumes and app.supervisor.state != defs.STATE_SELF_TEST:
            self._resumes = False
            if app.supervisor.state == defs.STATE_STANDBY:
                self._resume(now)
        if not self._journal.is_writable():
            return
        since_s = app.uptime.s - self._tried_s
        due = since_s >= (_MOVING_S if app.delivery.running else _RESTING_S)
        new = self._failed or self._journal.next != self._next or app.delivery.slack_steps != self._numbers[_DOSE] >> 1
        if due or (new and (not self._failed or since_s >= _AGAIN_S)):
            self._tried_s = app.uptime.s
            self._failed = not self._save()

    def _save(self) -> bool:
        book = self._journal
        values = self._app.params.all()
        if self._settings != values:
            if not self._settings and not book.save_settings(values):  # the first are written twice
                return False
            if not book.save_settings(values):
                return False
            self._settings = list(values)
        self._fill()
        following = book.next
        if not book.save(self._numbers):
            return False
        self._next = following
        return True

    def _fill(self) -> None:
        app = self._app
        numbers = self._numbers
        numbers[_LAYOUT] = _THIS_LAYOUT
        numbers[_STATE] = app.supervisor.state
        numbers[_BITS] = app.conditions.word
        numbers[_NOTES] = app.conditions.notes
        at = _ROOMS
        for room in self._rooms:
            at = room.keep(numbers, at)

    def tend(self, jobs: "scheduler.Scheduler") -> bool:
        """Erases ahead of need, if there is time and the supply is good; whether it did (S6)."""
        app = self._app
        book = self._journal
        was_clearing = book.is_clearing
        falls = app.environment.supply_falls or app.conditions.has(defs.BIT_SUPPLY_OUT)
        rests = book.lacks_erased and not app.delivery.moving
        done = book.tend(jobs.quiet_ms() if rests else 0, not falls)
        if was_clearing and not book.is_clearing:
            self._found = defs.UNFIT_NONE
            self.unfit_index = -1
            self._settings = []
            book.write(defs.EVENT_JOURNAL_CLEARED)
        return done

    # ---- for a person ----------------------------------------------------------------------------------------------

    @property
    def unfit(self) -> int:
        """Why the journal can't be kept, one of defs.UNFIT_*."""
        if self._journal.is_clearing:
            return defs.UNFIT_CLEARING
        if self._found == defs.UNFIT_NONE and self._app.conditions.has(defs.BIT_JOURNAL_UNFIT):
            return defs.UNFIT_WRITE
        return self._found


"""A pump with fake parts; the test lets time pass and injects faults.

    pump = pump_rig.Pump()
    pump_rig.infuse(pump, 1000)           a continuous plan of saline at 1000 uL/day, started
    pump.run(3600000)                  an hour passes
    pump.ask("rate", ul_day=2000)      the answer as a dictionary: a draft
    pump.change("rate", ul_day=2000)   requested and confirmed
"""

import expected_strokes
import part_fakes
import sensor_fakes
from pump import app, defs
from pump.core import ticks
from pump.link import wire

START = part_fakes.START
REST_PA = sensor_fakes.REST_PA
Board = part_fakes.Board
Link = part_fakes.Link
Flow = sensor_fakes.Flow
strokes_due = expected_strokes.strokes_due
MINUTE = 60000
HOUR = 3600000
DAY = 86400000


class Pump:
    """An App on a fake board, driven as its own main loop drives it; `controller` holds its parts."""

    def __init__(self, start=START, **board):
        self.board = Board(start, **board)
        self.app = app.App(self.board)
        self.controller = self.app.controller
        self._identity = 0

    def run(self, span_ms):
        """Lets time pass and runs all jobs that are due."""
        while span_ms > DAY:
            self.run(DAY)
            span_ms -= DAY
        board = self.board
        end = ticks.add(board.clock.now, span_ms)
        sleepless = 0
        while True:
            wait_ms = self.app.step()
            left_ms = ticks.diff(end, board.clock.now)
            if left_ms <= 0 and wait_ms > 0 and not board.link.wakes():
                return
            sleepless = sleepless + 1 if wait_ms == 0 else 0
            assert sleepless < 1000, "the loop never waits"
            if wait_ms:
                board.clock.wait_ms(min(wait_ms, max(0, left_ms)))

    def run_until(self, condition):
        """Runs step by step until the condition holds, which is looked at after each step."""
        while not condition():
            wait_ms = self.app.step()
            if wait_ms and not condition():
                self.board.clock.wait_ms(wait_ms)

    def run_to_stroke(self):
        """Up to the moment at which the next stroke has been counted."""
        strokes = self.controller.account.strokes
        self.run_until(lambda: self.controller.account.strokes > strokes)

    def main(self, span_ms):
        """Runs the pump's own main loop for a while; at its end the drive is stopped."""
        clock = self.board.clock
        end = ticks.add(clock.now, span_ms)
        wait_ms = clock.wait_ms

        def until_end(span_ms):
            left_ms = ticks.diff(end, clock.now)
            if left_ms <= 0:
                raise SystemExit
            wait_ms(min(span_ms, left_ms))

        clock.wait_ms = until_end
        try:
            self.app.run()
        except SystemExit:
            pass
        clock.wait_ms = wait_ms

    def say(self, line):
        """Sends bytes; returns the immediate frames of the pump as dictionaries."""
        self.board.link.waiting.extend(line)
        self.run(0)
        return self.heard()

    def heard(self):
        """All frames that the pump has sent since the last call; an incomplete line stays for the next."""
        *lines, rest = bytes(self.board.link.sent).split(b"\n")
        self.board.link.sent = bytearray(rest)
        return [wire.decode(line).fields for line in lines]

    def frame(self, command, **fields):
        self._identity += 1
        return wire.encode([("id", self._identity), ("cmd", command)] + list(fields.items()))

    def ask(self, command, **fields):
        """The answer to a request; skips other frames."""
        line = self.frame(command, **fields)
        answers = [said for said in self.say(line) if said.get("id") == self._identity]
        assert len(answers) == 1, answers
        return answers[0]

    def do(self, command, **fields):
        """The answer to a request that must be granted."""
        answer = self.ask(command, **fields)
        assert answer["ok"], (command, answer)
        return answer

    def change(self, command, **fields):
        """Requests a change and confirms it if needed, with the button if needed; returns the answer to the request."""
        answer = self.do(command, **fields)
        if answer["draft"] is not None:
            self.board.button.value = "press_button" in answer["new"]
            assert self.confirm(answer)["done"] == command
            self.board.button.value = False
        return answer

    def confirm(self, answer):
        """Confirms the pending change of an answer."""
        return self.do("confirm", draft=answer["draft"], code=answer["code"])

    def refused(self, command, **fields):
        """The number of the refusal of a request that must be refused."""
        answer = self.ask(command, **fields)
        assert answer["ok"] is False, (command, answer)
        return answer["refused"]

    def log(self):
        """All records of the journal, as lists."""
        journal = self.app.journal
        return [list(journal.read(sequence)) for sequence in range(journal.oldest(), journal.next)]

    def logged(self, event):
        """[a, b] of the records of a kind."""
        return [row[4:] for row in self.log() if row[3] == event]


def fill(pump, volume_nl=16000000, fluid="saline", withdrawn_nl=None, **more):
    """A refill, also for the level sensor; by default the volume in the ledger is withdrawn."""
    ledger_nl = pump.do("refill_begin")["ledger_nl"]
    pump.do("refill_withdrawn", volume_nl=ledger_nl if withdrawn_nl is None else withdrawn_nl)
    pump.board.level.full_nl = volume_nl + pump.board.drive.moved_nl()
    return pump.change("refill_finish", volume_nl=volume_nl, fluid=fluid, **more)


def plan(ul_day=1000, fluid="saline", hours=0, **more):
    """The fields of therapy_set for a plan of one row."""
    more.setdefault("profile", "continuous")
    return dict(more, rows=[[defs.FLUID_NAMES.index(fluid), ul_day, 0, hours]], override="soft_rate")


def alternating(ul_day=1000, hours=336, cycles=1):
    """The fields of therapy_set for saline, then drug and saline in turn."""
    starts = ((defs.FLUID_SALINE, 0), (defs.FLUID_DRUG, hours), (defs.FLUID_SALINE, 2 * hours))
    rows = [[fluid, ul_day, begin_h, hours] for fluid, begin_h in starts]
    fields = {"profile": "intrahepatic", "rows": rows, "cycles": cycles, "repeat_from": 1}
    return dict(fields, override="soft_rate")


def infuse(pump, ul_day=1000, fields=None):
    """Fills the pump, sets a plan (by default continuous saline) and starts it."""
    pump.run(0)
    fill(pump)
    pump.change("therapy_set", **(fields or plan(ul_day)))
    pump.do("start")
    return pump

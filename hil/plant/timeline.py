"""How time passes in the world: strokes, line, vessel and ambient, from one event to the next."""

from plant.arithmetic import noise, volume
from plant.body import hard_line, stage
from plant.fluid import reservoir, vessel
from plant.parts import drive, valves

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plant.body import body

# Settings that need the body from the start; else the first of its actions makes it.
_OF_BODY = ("heart", "mayer_pa", "wander_pa", "night_pa", "pressure_vented")
_SLOW_MS = 20000  # interval of ambient drift and ageing; the fastest change, ambient, is 5 Pa in this time
_LONGEST_MS = 100000000  # the longest time that may be outstanding
_MOST_FREE_PL = 100000000  # in one piece of time
_KINKED_PIECE_MS = 4  # of a stroke into a stiff rest of the line, whose pressure rises to that of a stall
DAY_MS = 86400000


class Timeline:
    """`advance` only adds up time; the world is computed when a value is read, so that long waits cost little."""

    def __init__(self, full: dict[str, int], seed: int) -> None:
        self._vessel: "vessel.Vessel | body.Body" = vessel.Vessel(full, noise.Noise(seed, 0))
        self._line = hard_line.HardLine(full, self._vessel.slow_pa)
        self._vessel.set_line(self._line.tau_ms)
        self._reservoir = reservoir.Reservoir(full)
        self._valves = valves.Valves(full, noise.Noise(seed, 1)) if full["drive_kind"] else None
        self._drive = self._valves or drive.Drive(full, noise.Noise(seed, 1))
        self._stage = stage.Stage(full, noise.Noise(seed, 9)) if stage.Stage.wanted(full) else None
        self._pumped = volume.Volume()
        self._free_nl_s = full["free_flow_nl_s"]
        self._behind_ms = 0
        self._slow_ms = 0
        self._days = 0
        self._day_ms = 0
        self._day_thousandths = 0
        self._full = full
        self._seed = seed
        self._body: "body.Body | None" = None
        if any(full[name] for name in _OF_BODY):
            self._make_body()

    def _make_body(self) -> "body.Body":
        """The body around the vessel, made when it is first needed."""
        if not self._body:
            from plant.body import body  # only here: its 15 kB are too much for a rig that doesn't use it

            self._body = body.Body(self._full, self._vessel, self._line, self._seed)  # type: ignore[arg-type]
            self._vessel = self._body
        return self._body

    def _make_stage(self) -> "stage.Stage":
        """The imperfections of the drive's mechanics, made when they are first needed."""
        if not self._stage:
            self._stage = stage.Stage(self._full, noise.Noise(self._seed, 9))
        return self._stage

    def advance(self, dt_ms: int) -> None:
        """Lets 0..600,000 ms pass."""
        if not 0 <= dt_ms <= 600000:
            raise ValueError("advance takes 0..600000 ms")
        self._behind_ms += dt_ms
        if self._behind_ms > _LONGEST_MS:
            self._catch_up()

    def _catch_up(self) -> None:
        behind_ms = self._behind_ms
        self._behind_ms = 0
        the_vessel = self._vessel
        the_line = self._line
        the_drive = self._drive
        while behind_ms:
            dt_ms = the_vessel.until_ms
            if dt_ms > behind_ms:
                dt_ms = behind_ms
            event_ms = the_line.event_ms
            if 0 < event_ms < dt_ms:
                dt_ms = event_ms
            if the_drive.runs_free:
                dt_ms = self._move_freely(dt_ms)
            elif the_drive.moving:
                dt_ms = self._move(dt_ms)
            else:
                the_line.relax(dt_ms)
            the_vessel.advance(dt_ms)
            if not the_vessel.until_ms:
                the_line.vessel_stepped(the_vessel.change_posture())
            self._slow_ms += dt_ms
            if self._slow_ms >= _SLOW_MS:
                self._age()
            behind_ms -= dt_ms

    def _move(self, dt_ms: int) -> int:
        """Computes a piece of a motion, up to `dt_ms`; returns its length in ms."""
        the_line = self._line
        the_drive = self._drive
        longest_ms = the_drive.piece_ms()
        if dt_ms > longest_ms:
            dt_ms = longest_ms
        # The volume enters at the middle of the piece; with pieces of tau / 8 the error is below 0.07 %.
        longest_ms = (the_line.tau_ms >> 3) + 1
        if dt_ms > longest_ms and not the_line.blocked:
            dt_ms = longest_ms
        if the_line.in_pieces:
            dt_ms = min(dt_ms, _KINKED_PIECE_MS)
        the_line.relax(dt_ms >> 1)
        if the_drive.reverse:
            stalled = the_line.stored_pl < the_line.least_stored_pl or self._reservoir.is_bursting()
        else:
            stalled = the_line.stored_pl > the_line.most_stored_pl
        pl = the_drive.run(dt_ms, stalled)
        if self._stage:
            pl = self._stage.passed_pl(pl, the_drive.moving)
        if pl:
            self._pump(pl)
        the_line.relax(dt_ms + 1 >> 1)
        return dt_ms

    def _move_freely(self, dt_ms: int) -> int:
        """Computes a piece of free flow into the line, with or without a motion; returns its length in ms."""
        the_line = self._line
        the_drive = self._drive
        dt_ms = min(dt_ms, (the_line.tau_ms >> 3) + 1, _MOST_FREE_PL // (self._free_nl_s + 1))
        if the_drive.moving:
            dt_ms = min(dt_ms, the_drive.piece_ms())
        # Half of the free flow comes before the motion of this piece, half after it.
        half_ms = dt_ms >> 1
        self._flow_freely(half_ms)
        if the_drive.moving:
            self._move(dt_ms)
        else:
            the_line.relax(dt_ms)
        self._flow_freely(dt_ms - half_ms)
        return dt_ms

    def _flow_freely(self, dt_ms: int) -> None:
        the_line = self._line
        if the_line.stored_pl < the_line.most_stored_pl:
            self._pump(self._free_nl_s * dt_ms)  # 1 nL/s is 1 pL/ms

    def _pump(self, pl: int) -> None:
        """Moves volume from the reservoir into the line, less when the reservoir gives less."""
        the_reservoir = self._reservoir
        the_line = self._line
        if the_reservoir.shut:
            fluid_pl = pl = the_reservoir.suck(pl)
        elif pl < 0:
            fluid_pl = the_reservoir.draw(pl + the_line.return_air(-pl))
        else:
            fluid_pl = the_reservoir.draw(pl)
        the_line.stored_pl += pl
        self._pumped.add(fluid_pl)
        if fluid_pl < pl:
            the_line.take_air(pl - fluid_pl)

    def _age(self) -> None:
        self._day_ms += self._slow_ms
        self._slow_ms = 0
        while self._day_ms >= DAY_MS:
            self._day_ms -= DAY_MS
            self._days += 1
        self._day_thousandths = self._day_ms // (DAY_MS // 1000)
        self._vessel.drift(self._day_ms)
        self._drive.drift(self._days, self._day_thousandths)

"""The mechanics between motor and fluid: slack at the start, stiction and slip, detents, the ripple of a roller.

It changes when the volume moves. What the motor has moved and the fluid has not is bounded and comes later.
"""

from plant.arithmetic import sine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plant.arithmetic import noise

_TURN_1000 = 6283  # 2 pi in 1/1000


class Stage:
    """Takes the volume that the motor moves, in pL, and returns the volume that the fluid moves."""

    def __init__(self, config: "dict[str, int]", chance: "noise.Noise") -> None:
        self._chance = chance
        self._slack_pl = 1000 * config["drive_slack_nl"]
        self._stick_pl = 0
        self._slip_at_pl = 0
        self._wound_pl = 0
        self._snap_pl = 1000 * config["drive_snap_nl"]
        self._snapped_pl = 0
        self._roller_pl = 1000 * config["drive_roller_nl"]
        # The amplitude of the sine by volume whose slope is this part of the flow.
        self._ripple_pl = self._roller_pl // 100 * config["drive_ripple_percent"] * 10 // _TURN_1000 * 100
        self._at_pl = 0
        self._offset_pl = 0
        self.stick(1000 * config["drive_stick_nl"])

    @staticmethod
    def wanted(config: "dict[str, int]") -> bool:
        """Whether one of these settings isn't 0."""
        return any(config["drive_" + name] for name in ("slack_nl", "stick_nl", "snap_nl", "ripple_percent"))

    def stick(self, pl: int) -> None:
        """From now on the stage sticks until up to so much has been wound up, then it slips; 0: it moves freely."""
        self._stick_pl = pl
        self._draw_slip()

    def slacken(self, pl: int) -> None:
        """The next motion takes up this much slack before the fluid moves, as after a new syringe."""
        self._slack_pl = pl

    def _draw_slip(self) -> None:
        pl = self._stick_pl
        self._slip_at_pl = pl // 2 + pl // 200 * self._chance.below(101) if pl else 0

    def passed_pl(self, pl: int, moving: bool) -> int:
        """What the fluid moves in this piece of a motion, after which the motor is still `moving` or has stopped."""
        if self._slack_pl and pl > 0:
            taken_pl = min(pl, self._slack_pl)
            self._slack_pl -= taken_pl
            pl -= taken_pl
        if self._ripple_pl and pl:
            pl = self._rippled_pl(pl)
        if self._snap_pl and not moving:
            # Without current the rotor goes to the nearest full step, and keeps that place.
            snapped_pl = self._chance.below(2001) * (self._snap_pl // 1000) - self._snap_pl
            pl += snapped_pl - self._snapped_pl
            self._snapped_pl = snapped_pl
        if self._slip_at_pl or self._wound_pl:
            pl = self._slipped_pl(pl)
        return pl

    def _rippled_pl(self, pl: int) -> int:
        self._at_pl = (self._at_pl + pl) % self._roller_pl
        position = (self._at_pl >> 10) * 4096 // (self._roller_pl >> 10) & 4095
        offset_pl = (sine.sine(position) >> 4) * (self._ripple_pl >> 10)
        pl += offset_pl - self._offset_pl
        self._offset_pl = offset_pl
        return pl

    def _slipped_pl(self, pl: int) -> int:
        wound_pl = self._wound_pl + pl
        if -self._slip_at_pl < wound_pl < self._slip_at_pl:
            self._wound_pl = wound_pl
            return 0
        self._wound_pl = 0
        self._draw_slip()
        return wound_pl

"""One story of the world, a line for each event: its bytes are the same on every interpreter."""

from plant import world

_STROKE_MS = 21600  # 0.25 uL at 1 mL/day


class Story:
    """Tells what the sensors and the truth say after each thing that happens."""

    def __init__(self, config: dict[str, int], seed: int) -> None:
        self.world = world.World(config, seed)

    def tell(self, event: str) -> None:
        """Prints one line."""
        pressure = level = "off"
        try:
            pressure = str(self.world.read_pressure_pa())
            level = str(self.world.read_level_nl())
        except world.PartOff:
            pass
        truth = self.world.truth()
        facts = " ".join("%s=%d" % (name, truth[name]) for name in sorted(truth))
        print("%s: pressure=%s level=%s done=%d %s" % (event, pressure, level, self.world.steps_done(), facts))

    def strokes(self, count: int, steps: int = 100, interval_us: int = 2000) -> None:
        """Strokes at 1 mL/day, sampled as the firmware would."""
        the_world = self.world
        for number in range(count):
            the_world.start_stroke(steps, interval_us)
            the_world.advance(250)
            early = the_world.read_pressure_pa()
            the_world.advance(1751)
            late = the_world.read_pressure_pa()
            the_world.advance(_STROKE_MS - 2001)
            before = the_world.read_pressure_pa()
            print("stroke %d: %d %d %d" % (number, early, late, before))

    def sleep(self, seconds: int) -> None:
        """Time without a look."""
        while seconds:
            piece = min(seconds, 600)
            self.world.advance(piece * 1000)
            seconds -= piece


def run(seed: int) -> None:
    """A block, a half block, reverse, a refill, an empty reservoir, broken sensors, a year, a stiff line."""
    story = Story({"drive_loss_ppm": 2000, "pressure_scale_ppm": -700}, seed)
    story.tell("start")
    story.strokes(20)
    story.tell("flowing")
    story.world.do("block")
    story.strokes(12)
    story.tell("blocked")
    story.world.start_stroke(-600, 5000)
    for _ in range(7):
        story.world.advance(499)
        story.tell("reverse")
    story.world.stop_motion()
    story.sleep(40000)
    story.world.do("unblock")
    story.tell("unblocked")
    story.world.advance(777)
    story.tell("draining")
    story.world.do("narrow", 1000)
    story.strokes(12)
    story.tell("narrow")
    story.world.do("narrow", 100)
    story.world.do("pressure_stuck")
    story.strokes(2)
    story.world.do("pressure_off")
    story.tell("sensor off")
    story.world.do("pressure_works")
    story.world.do("drain", 15500000)
    story.world.start_stroke(400000, 150)
    story.sleep(60)
    story.tell("empty")
    story.world.do("refill", 19999999)
    story.world.do("drive_stuck")
    story.strokes(2)
    story.world.do("drive_works")
    for month in range(12):
        story.sleep(30 * 86400)
        story.tell("month %d" % month)
    stiff = Story({"line_compliance_pl_pa": 20, "line_tau_ms": 200, "pl_per_step": 500000}, seed + 1)
    stiff.strokes(5, 1, 100000)
    stiff.world.do("block")
    stiff.strokes(20, 1, 100000)
    stiff.tell("stalled")
    stiff.world.do("unblock")
    for _ in range(50):
        stiff.world.advance(13)
        stiff.tell("released")


if __name__ == "__main__":
    run(1)

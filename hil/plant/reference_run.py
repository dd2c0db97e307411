"""One story of the world, a line for each event: its bytes are the same on every interpreter."""

from plant import world
from plant.parts import faults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_STROKE_MS = 21600  # 0.25 uL at 1 mL/day


class Story:
    """Tells what the sensors and the truth say after each thing that happens."""

    def __init__(self, config: dict[str, int], seed: int) -> None:
        self.world = world.World(config, seed)

    def tell(self, event: str) -> None:
        """Prints one line."""
        the_world = self.world
        readers = (
            the_world.read_pressure_pa,
            the_world.read_level_nl,
            the_world.read_flow_pl_s,
            the_world.read_supply_mv,
            the_world.read_temperature_centi_c,
            the_world.read_steps,
        )
        seen = " ".join(_look(read) for read in readers)
        truth = the_world.truth()
        facts = " ".join("%s=%d" % (name, truth[name]) for name in sorted(truth))
        print("%s: %s done=%d %s" % (event, seen, the_world.steps_done(), facts))

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


def _look(read: "Callable[[], int]") -> str:
    try:
        return str(read())
    except world.PartOff:
        return "off"


def run(seed: int) -> None:
    """All the stories, one after the other."""
    _tell_of_a_year(seed)
    _tell_of_mishaps(seed + 2)
    _tell_of_faults(seed + 3)
    _tell_of_valves(seed + 4)


def _tell_of_mishaps(seed: int) -> None:
    """What can happen to the line and before the pump, one on top of the other."""
    story = Story({"posture_shortest_s": 30, "line_dead_nl": 20000, "reservoir_nl": 300000}, seed)
    for verb, value in (
        ("block_over", 20),
        ("leak", 5),
        ("unblock", 0),
        ("air", 4000),
        ("kink", 3),
        ("block_upstream", 0),
        ("leak", 0),
        ("unblock_upstream", 0),
        ("disconnect", 0),
        ("connect", 0),
        ("free_flow", 1),
        ("narrow", 300),
        ("free_flow", 0),
        ("heat", 3700),
        ("supply", 3300),
        ("refill", 0),
    ):
        story.world.do(verb, value)
        story.strokes(6)
        story.tell(verb)
        story.sleep(600)
        story.tell("later")


def _tell_of_faults(seed: int) -> None:
    """Every part with every fault."""
    story = Story({}, seed)
    for word in faults.WORDS[1:]:
        for part in ("pressure", "level", "flow", "supply", "temperature", "counter", "drive"):
            story.world.do(part + "_" + word)
        for number in range(12):
            try:
                story.world.start_stroke(100, 2000)
            except world.PartOff:
                print("no stroke")
            story.world.advance(1900)
            story.tell("%s %d" % (word, number))
            story.world.advance(19700)
        for part in ("pressure", "level", "flow", "supply", "temperature", "counter", "drive"):
            story.world.do(part + "_works")


def _tell_of_valves(seed: int) -> None:
    """Cycles with valves that stick."""
    story = Story({"drive_kind": 1, "pl_per_step": 250000, "drive_loss_ppm": 100000}, seed)
    for verb in ("valves_work", "inlet_open", "outlet_shut", "inlet_shut", "outlet_open", "inlet_open", "valves_work"):
        story.world.do(verb)
        for number in range(3):
            story.world.start_cycle()
            for _ in range(4):
                story.world.advance(57)
                print("%d %d %d" % (story.world.sense(), story.world.sense_wrong(), story.world.cycles_done()))
            story.sleep(20)
            story.tell("%s %d" % (verb, number))


def _tell_of_a_year(seed: int) -> None:
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

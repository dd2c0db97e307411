"""A fixed run of the world that prints a line for each event; the output is the same on every interpreter."""

from plant import world
from plant.body import day
from plant.parts import faults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_STROKE_MS = 21600  # 0.25 uL at 1 mL/day


class ReferenceRun:
    """A world whose sensor readings and ground truth are printed after each event."""

    def __init__(self, config: dict[str, int], seed: int) -> None:
        self.world = world.World(config, seed)

    def print_line(self, event: str) -> None:
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
        seen = " ".join(_reading(read) for read in readers)
        truth = the_world.truth()
        values = " ".join("%s=%d" % (name, truth[name]) for name in sorted(truth))
        print("%s: %s done=%d %s" % (event, seen, the_world.steps_done(), values))

    def strokes(self, count: int, steps: int = 100, interval_us: int = 2000) -> None:
        """Strokes at 1 mL/day, sampled as the firmware would."""
        the_world = self.world
        for number in range(count):
            the_world.start_stroke(steps, interval_us)
            the_world.advance(250)
            early = _reading(the_world.read_pressure_pa)
            the_world.advance(1751)
            late = _reading(the_world.read_pressure_pa)
            the_world.advance(_STROKE_MS - 2001)
            before = _reading(the_world.read_pressure_pa)
            print("stroke %d: %s %s %s" % (number, early, late, before))

    def sleep(self, seconds: int) -> None:
        """Lets time pass without reading anything."""
        while seconds:
            piece = min(seconds, 600)
            self.world.advance(piece * 1000)
            seconds -= piece


def _reading(read: "Callable[[], int]") -> str:
    try:
        return str(read())
    except world.PartOff:
        return "off"


def run(seed: int) -> None:
    """Prints all parts of the run."""
    _run_a_year(seed)
    _run_line_faults(seed + 2)
    _run_part_faults(seed + 3)
    _run_valves(seed + 4)
    _run_body(seed + 5)


def _run_line_faults(seed: int) -> None:
    """Every action on line and reservoir, one after the other, without undoing any."""
    run = ReferenceRun({"posture_shortest_s": 30, "line_dead_nl": 20000, "reservoir_nl": 300000}, seed)
    for action, value in (
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
        run.world.do(action, value)
        run.strokes(6)
        run.print_line(action)
        run.sleep(600)
        run.print_line("later")


def _run_part_faults(seed: int) -> None:
    """Every part with every fault."""
    run = ReferenceRun({}, seed)
    for word in faults.WORDS[1:]:
        for part in ("pressure", "level", "flow", "supply", "temperature", "counter", "drive"):
            run.world.do(part + "_" + word)
        for number in range(12):
            try:
                run.world.start_stroke(100, 2000)
            except world.PartOff:
                print("no stroke")
            run.world.advance(1900)
            run.print_line("%s %d" % (word, number))
            run.world.advance(19700)
        for part in ("pressure", "level", "flow", "supply", "temperature", "counter", "drive"):
            run.world.do(part + "_works")


def _run_valves(seed: int) -> None:
    """Cycles with sticking valves."""
    run = ReferenceRun({"drive_kind": 1, "pl_per_step": 250000, "drive_loss_ppm": 100000}, seed)
    sticking = ("inlet_open", "outlet_shut", "inlet_shut", "outlet_open", "inlet_open")
    for action in ("valves_work",) + sticking + ("valves_work",):
        run.world.do(action)
        for number in range(3):
            run.world.start_cycle()
            for _ in range(4):
                run.world.advance(57)
                print("%d %d %d" % (run.world.sense(), run.world.sense_wrong(), run.world.cycles_done()))
            run.sleep(20)
            run.print_line("%s %d" % (action, number))


def _run_body(seed: int) -> None:
    """Three busy bodies, with every action of `day` and every way to block the line."""
    for number in range(3):
        run = ReferenceRun(day.settings(seed + number), seed)
        for at_s, action, value in day.actions(seed, number)[::7]:
            run.world.do(action, value)
            run.strokes(1)
            run.print_line("%d %s %d" % (at_s, action, value))
        for action, value in (
            ("kink_near", 10),
            ("leak", 20),
            ("sac", 50),
            ("leak", 0),
            ("crack", 5000),
            ("slug", 700),
            ("come_and_go", 20),
            ("flutter", 300),
            ("come_and_go", 0),
            ("stick", 1500),
            ("faint", 300),
            ("pressure_burst", 3),
            ("pressure_missing", 2),
            ("pressure_flip", 14),
            ("unblock", 0),
        ):
            run.world.do(action, value)
            run.print_line(action)
            run.strokes(4)
            run.print_line("later")


def _run_a_year(seed: int) -> None:
    """A block, a half block, reverse, a refill, an empty reservoir, broken sensors, a year, a stiff line."""
    run = ReferenceRun({"drive_loss_ppm": 2000, "pressure_scale_ppm": -700}, seed)
    run.print_line("start")
    run.strokes(20)
    run.print_line("flowing")
    run.world.do("block")
    run.strokes(12)
    run.print_line("blocked")
    run.world.start_stroke(-600, 5000)
    for _ in range(7):
        run.world.advance(499)
        run.print_line("reverse")
    run.world.stop_motion()
    run.sleep(40000)
    run.world.do("unblock")
    run.print_line("unblocked")
    run.world.advance(777)
    run.print_line("draining")
    run.world.do("narrow", 1000)
    run.strokes(12)
    run.print_line("narrow")
    run.world.do("narrow", 100)
    run.world.do("pressure_stuck")
    run.strokes(2)
    run.world.do("pressure_off")
    run.print_line("sensor off")
    run.world.do("pressure_works")
    run.world.do("drain", 15500000)
    run.world.start_stroke(400000, 150)
    run.sleep(60)
    run.print_line("empty")
    run.world.do("refill", 19999999)
    run.world.do("drive_stuck")
    run.strokes(2)
    run.world.do("drive_works")
    for month in range(12):
        run.sleep(30 * 86400)
        run.print_line("month %d" % month)
    stiff = ReferenceRun({"line_compliance_pl_pa": 20, "line_tau_ms": 200, "pl_per_step": 500000}, seed + 1)
    stiff.strokes(5, 1, 100000)
    stiff.world.do("block")
    stiff.strokes(20, 1, 100000)
    stiff.print_line("stalled")
    stiff.world.do("unblock")
    for _ in range(50):
        stiff.world.advance(13)
        stiff.print_line("released")


if __name__ == "__main__":
    run(1)

"""The ground truth of the world, without sensor errors: names and whole numbers, some of them beyond 30 bits."""

from plant.arithmetic import fraction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plant.arithmetic import volume
    from plant.body import body, hard_line
    from plant.fluid import reservoir, vessel
    from plant.parts import pump_head


def of_volume(name: str, the_volume: "volume.Volume") -> "dict[str, int]":
    """A volume as whole nL and the remainder in pL."""
    return {name + "_nl": the_volume.nl(), name + "_rest_pl": the_volume.rest_pl()}


def of_line(the_line: "hard_line.HardLine") -> "dict[str, int]":
    """Of the line; pumped == delivered + leaked + stored - air in the line."""
    rate_fraction = the_line.rate_fraction
    air_pl = the_line.air.total_pl
    values = {
        "stored_pl": the_line.stored_pl + the_line.held_pl(),
        "line_blocked": int(the_line.is_shut()),
        "line_open_percent": the_line.open_percent(),
        "line_tau_ms": the_line.tau_ms * fraction.WHOLE // rate_fraction if rate_fraction else the_line.tau_ms,
        "leak_percent": the_line.leak_percent,
        "disconnected": int(the_line.disconnected),
        "air_in_line_nl": air_pl // 1000,
        "air_in_line_rest_pl": air_pl % 1000,
    }
    values.update(of_volume("delivered", the_line.delivered))
    values.update(of_volume("leaked", the_line.leaked))
    return values


def of_reservoir(the_reservoir: "reservoir.Reservoir") -> "dict[str, int]":
    """Of the reservoir; added == content + pumped - vacuum."""
    values = {"upstream_blocked": int(the_reservoir.shut), "inlet_vacuum_pl": the_reservoir.vacuum_pl}
    values.update(of_volume("reservoir", the_reservoir.content))
    values.update(of_volume("added", the_reservoir.added))
    values.update(of_volume("air", the_reservoir.air))
    return values


def of_drive(the_drive: "pump_head.PumpHead") -> "dict[str, int]":
    """Steps of the stepper, or cycles of the valves; in `sense` bit 0 is the inlet, bit 1 the outlet."""
    return {
        "steps_counted": the_drive.counted_steps,
        "steps_idle": the_drive.idle_steps,
        "moving": int(the_drive.moving),
        "cycles": the_drive.cycles,
        "sense": the_drive.open,
        "sense_wrong": the_drive.wrong,
        "free_flow": int(the_drive.runs_free),
    }


def of_vessel(the_vessel: "vessel.Vessel | body.Body") -> "dict[str, int]":
    """Of the vessel at the end of the line."""
    return {
        "vessel_slow_pa": the_vessel.slow_pa,
        "posture_pa": the_vessel.posture_pa,
        "ambient_pa": the_vessel.ambient_pa,
        "pulse_ms": the_vessel.pulse_period_ms,
    }

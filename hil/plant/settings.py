"""The settings of the world: each name with its default and its limits."""

# name: (default, lowest, highest). The limits keep all products in frequent computations within 30 bits.
SETTINGS: dict[str, tuple[int, int, int]] = {
    # Line: compliance of the tube, and the time constant with which it empties through the catheter.
    "line_compliance_pl_pa": (100, 20, 2000),  # 0.1 uL/kPa; stiff PEEK to a metre of soft silicone
    "line_tau_ms": (2000, 200, 20000),  # resistance = tau / compliance
    "line_dead_nl": (300000, 1000, 400000),  # dead volume; 0.3 mL is about a metre of 0.6 mm bore
    # Vessel, against the mean pressure around the body.
    "vessel_mean_pa": (13000, 0, 40000),  # a hepatic artery, 98 mmHg
    "pulse_pa": (2500, 0, 10000),  # amplitude: +-2.5 kPa is 117/79 mmHg
    "pulse_shortest_ms": (667, 300, 1500),  # 90 beats a minute
    "pulse_longest_ms": (1000, 300, 1500),  # 60 beats a minute
    "breath_pa": (500, 0, 5000),
    "breath_ms": (4000, 1000, 20000),
    "posture_pa": (2000, 0, 5000),  # lying, sitting, standing: minus, 0, plus this much
    "posture_shortest_s": (120, 1, 240),  # the longest stay is 128 times as long
    "ambient_pa": (3000, 0, 10000),  # ambient drift, one sine a day
    # Reservoir.
    "reservoir_capacity_nl": (20000000, 1000000, 40000000),
    "reservoir_nl": (16000000, 0, 40000000),
    "inlet_yield_nl": (500, 10, 20000),  # the most that the pump draws when the inlet is closed
    "free_flow_nl_s": (500, 0, 100000),  # through an open pump head
    # Drive: the nominal volume of a step (with valves, of a cycle), and the errors of the real one.
    "drive_kind": (0, 0, 1),  # 0 stepper, 1 valves
    "pl_per_step": (2500, 1, 500000),
    "drive_error_ppm": (2000, -200000, 200000),
    "drive_drift_ppm_day": (50, -10000, 10000),  # a peristaltic tube ages
    "drive_random_ppm": (3000, 0, 10000),  # spread from stroke to stroke
    "drive_loss_ppm": (0, 0, 1000000),  # chance that a step is lost
    "drive_backlash_steps": (4, 0, 1000),
    "drive_inverted": (0, 0, 1),  # 1: forward is backwards, as with one coil the other way round
    "drive_stall_pa": (300000, 50000, 300000),  # above the vessel; the rotor stalls above this
    # Pressure sensor.
    "pressure_noise_pa": (50, 0, 10000),  # rms
    "pressure_offset_pa": (300, -20000, 20000),
    "pressure_drift_pa_day": (20, -10000, 10000),
    "pressure_scale_ppm": (0, -20000, 20000),
    "pressure_quantum_pa": (10, 1, 10000),
    # Level sensor of the reservoir.
    "level_noise_nl": (20000, 0, 100000),  # rms
    "level_offset_nl": (0, -2000000, 2000000),
    "level_drift_nl_day": (0, -10000, 10000),
    "level_scale_ppm": (2000, -20000, 20000),
    "level_quantum_nl": (5000, 1, 1000000),
    # Flow sensor at the catheter: a thermal one for liquids, of 0..120 nL/s with 0.1 % of that as noise.
    "flow_noise_pl_s": (120, 0, 10000),  # rms
    "flow_offset_pl_s": (100, -100000, 100000),
    "flow_drift_pl_s_day": (5, -10000, 10000),
    "flow_scale_ppm": (15000, -20000, 20000),
    "flow_quantum_pl_s": (20, 1, 10000),
    # Supply and temperature of the controller at the start, and the noise of their sensors (rms).
    "supply_mv": (5000, 0, 20000),
    "supply_noise_mv": (5, 0, 10000),
    "temperature_centi_c": (2200, -5000, 15000),
    "temperature_noise_centi_c": (5, 0, 10000),
}

DEFAULTS: dict[str, int] = {name: row[0] for name, row in SETTINGS.items()}

# A world without imperfections, for tests that compare with `==`: {**QUIET, "line_tau_ms": 500}.
QUIET: dict[str, int] = {
    "pulse_pa": 0,
    "breath_pa": 0,
    "posture_pa": 0,
    "ambient_pa": 0,
    "drive_error_ppm": 0,
    "drive_drift_ppm_day": 0,
    "drive_random_ppm": 0,
    "drive_loss_ppm": 0,
    "drive_backlash_steps": 0,
    "pressure_noise_pa": 0,
    "pressure_offset_pa": 0,
    "pressure_drift_pa_day": 0,
    "pressure_scale_ppm": 0,
    "pressure_quantum_pa": 1,
    "level_noise_nl": 0,
    "level_offset_nl": 0,
    "level_drift_nl_day": 0,
    "level_scale_ppm": 0,
    "level_quantum_nl": 1,
    "flow_noise_pl_s": 0,
    "flow_offset_pl_s": 0,
    "flow_drift_pl_s_day": 0,
    "flow_scale_ppm": 0,
    "flow_quantum_pl_s": 1,
    "supply_noise_mv": 0,
    "temperature_noise_centi_c": 0,
}


def complete(config: dict[str, int]) -> dict[str, int]:
    """The defaults, replaced by `config`; ValueError names a setting that is unknown or out of range."""
    full = dict(DEFAULTS)
    for name in config:
        if name not in SETTINGS:
            raise ValueError("unknown setting: " + name)
        value = config[name]
        lowest = SETTINGS[name][1]
        highest = SETTINGS[name][2]
        if not lowest <= value <= highest:
            raise ValueError("%s = %d is not in %d..%d" % (name, value, lowest, highest))
        full[name] = value
    if full["pulse_longest_ms"] < full["pulse_shortest_ms"]:
        raise ValueError("pulse_longest_ms is below pulse_shortest_ms")
    if full["reservoir_nl"] > full["reservoir_capacity_nl"]:
        raise ValueError("reservoir_nl is above reservoir_capacity_nl")
    return full

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
    # Body, off by default; the sources are in docs/body.md.
    "heart": (0, 0, 1),  # 1: beats that vary, instead of a sine
    "heart_ms": (900, 455, 1250),  # between beats at rest
    "heart_spread_percent": (5, 0, 20),  # rms, from beat to beat
    "heart_runoff_ms": (1500, 700, 4000),  # the arteries empty with this time constant
    "ectopic_per_hour": (0, 0, 3600),
    "heart_pauses_per_day": (0, 0, 1000),
    "heart_pause_ms": (3000, 1000, 5000),
    "fibrillation": (0, 0, 1),
    "notch_pa": (600, 0, 2000),
    "mayer_pa": (0, 0, 2000),
    "mayer_ms": (10000, 7000, 20000),
    "wander_pa": (0, 0, 4000),  # rms, at random with a memory
    "wander_s": (60, 30, 3600),
    "night_pa": (0, 0, 4000),  # lower than by day
    "effort_pa": (4000, 0, 8000),  # of a handgrip
    "faint_pa": (6500, 0, 10000),
    "saw_tooth_pa": (4000, 0, 8000),  # of the action saw_tooth
    "strain_pa": (5300, 0, 27000),
    "cough_pa": (13000, 0, 27000),
    "strain_wall_percent": (0, 0, 100),  # of strain and cough that acts on a blocked line, from outside
    "walk_pa": (1000, 0, 3000),  # at the sensor, also in a blocked line
    "walk_ms": (526, 300, 1000),  # 1.9 steps a second
    # Wall of the tube: parts of the volume at a pressure that come later, and the loss of compliance at 100 kPa.
    "wall_slow_percent": (0, 0, 50),
    "wall_slow_ms": (8000, 1000, 60000),
    "wall_late_percent": (0, 0, 50),
    "wall_late_ms": (300000, 60000, 3600000),
    "wall_stiff_percent": (0, 0, 80),
    "slug_pa": (1500, 0, 20000),  # that a bubble needs to pass the tip
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
    "drive_slack_nl": (0, 0, 3000),  # before the first motion reaches the fluid
    "drive_stick_nl": (0, 0, 3000),  # wound up at most before the stage slips
    "drive_snap_nl": (0, 0, 250),  # to the next full step, in either direction, when the motor stops
    "drive_ripple_percent": (0, 0, 150),  # of the flow, by the angle of the roller
    "drive_roller_nl": (5000, 500, 100000),  # volume from roller to roller
    # Pressure sensor.
    "pressure_noise_pa": (50, 0, 10000),  # rms
    "pressure_offset_pa": (300, -20000, 20000),
    "pressure_drift_pa_day": (20, -10000, 10000),
    "pressure_scale_ppm": (0, -20000, 20000),
    "pressure_quantum_pa": (10, 1, 10000),
    "pressure_vented": (0, 0, 1),  # 1: its reference follows the air pressure
    "pressure_flicker_pa": (0, 0, 1000),  # rms of 1/f noise, 1 s to an hour
    "pressure_telegraph_pa": (0, 0, 2000),  # between the two levels of telegraph noise
    "pressure_telegraph_s": (60, 1, 3600),  # mean stay at a level
    "pressure_flips_ppm": (0, 0, 1000000),  # readings with a wrong bit
    "pressure_bursts_ppm": (0, 0, 1000000),  # readings that begin a burst of up to 12 bad ones
    "pressure_missing_ppm": (0, 0, 1000000),  # readings without an answer
    "pressure_lowest_pa": (-1000000, -1000000, 0),
    "pressure_highest_pa": (1000000, 20000, 1000000),
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

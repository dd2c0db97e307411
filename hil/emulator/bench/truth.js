// The answer to `truth`: the world's ground truth, and what the emulator knows: lights, sound, time, cycles, strokes, flash, resets.

const MS = 1e6;

/** Returns one flat object; all values are whole numbers except `last_reset`. */
export function truthOf(device) {
  const { chip, board, world } = device;
  const now = chip.nanos;
  const cycles = chip.core.cycles;
  return {
    ...world.truth(now),
    moving: Number(board.steps.moving(now)), // the world is told of steps after they are done, so it sees no motion
    ...board.annunciator.on,
    enable_low: Number(!board.level(12)),
    enable_driven_us: Math.floor(chip.pads.drivenNanos[12] / 1000),
    direction_driven_us: Math.floor(chip.pads.drivenNanos[11] / 1000),
    device_ms: Math.floor(now / MS),
    cycles: cycles,
    cycles_awake: cycles - chip.asleepCycles,
    wakeups: chip.wakeups,
    steps_seen: board.steps.counted,
    steps_unpowered: board.steps.unpowered,
    strokes_seen: board.steps.strokes,
    last_stroke_start_us: Math.floor(board.steps.startNanos / 1000),
    ...board.steps.jitter(),
    watchdog_longest_ms: Math.round(chip.watchdog.longestNanos / MS),
    flash_operations: chip.flashPart.operations,
    flash_erases: chip.flashPart.erased,
    resets: chip.resets.length,
    last_reset: chip.resets.at(-1)?.kind ?? 'power',
    usb_connections: device.connections,
    bus_held: Number(board.busHold.holdsSda || board.busHold.holdsScl),
    bus_clocks: board.busHold.clocks,
    pressure_conversions: board.pressure.conversions,
    world_requests: world.requests,
  };
}

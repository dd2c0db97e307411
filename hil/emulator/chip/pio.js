// Runs the package's PIO state machines in device time, each with its own clock divider. Loops that only count are skipped at once.
//
// A state machine that waits for its FIFO, a pin or an interrupt has no alarm: that event wakes it.

const CTRL = 0x00;
const IRQ_FORCE = 0x34;
const IRQ_REGISTER = 0x30;
const TXF0 = 0x10;
const RXF3 = 0x2c;
const SM_FIRST = 0xc8;
const SM_LAST = 0x124;
const SM_SIZE = 0x18;
const SM_INSTR = 0x10; // offset from the first register of the state machine
const JMP_X_DEC = 2;
const JMP_Y_DEC = 4;

class Stepper {
  constructor(block, machine) {
    this.block = block;
    this.machine = machine;
    this.clock = block.clock;
    this.startNanos = 0; // its divider's phase
    this.nextNanos = 0;
    this.lastPc = -1;
    this.stalled = false;
    this.alarm = this.clock.createAlarm(() => this.run());
    machine.clkDivRestart = () => (this.startNanos = this.clock.nanos);
  }

  get tickNanos() {
    const { clockDivInt, clockDivFrac } = this.machine;
    return this.clock.nanosPerCycle * ((clockDivInt || 65536) + clockDivFrac / 256);
  }

  enable() {
    this.startNanos = this.clock.nanos;
    this.nextNanos = this.startNanos;
    this.lastPc = -1;
    this.stalled = false;
  }

  /** Continues at the next tick; after a stall, the delay of the stalled instruction comes first. */
  wake() {
    if (this.alarm.scheduled || this.block.busy) return;
    const now = this.clock.nanos;
    if (this.stalled) {
      const tick = this.tickNanos;
      const ticks = Math.ceil((now - this.startNanos) / tick - 1e-6) + Math.max(0, this.machine.waitDelay);
      this.nextNanos = Math.max(this.nextNanos, this.startNanos + ticks * tick);
      this.stalled = false;
    }
    this.alarm.schedule(Math.max(0, this.nextNanos - now));
  }

  run() {
    const { machine, block } = this;
    if (!machine.enabled) return;
    const before = machine.cycles;
    const leap = this.leap();
    block.busy = true;
    if (leap) {
      machine.cycles += leap;
    } else {
      this.lastPc = machine.pc;
      machine.step();
    }
    block.busy = false;
    this.nextNanos += Math.max(1, machine.cycles - before) * this.tickNanos;
    this.stalled = machine.waiting;
    if (!this.stalled) this.alarm.schedule(Math.max(0, this.nextNanos - this.clock.nanos));
    block.pio.checkChangedPins();
    block.settle();
  }

  /** Ticks of a `jmp x--` or `jmp y--` to itself that can be skipped, all but the last; 0 for any other instruction. */
  leap() {
    const { machine, block } = this;
    if (machine.pc !== this.lastPc || machine.waiting || machine.execValid) return 0;
    const op = block.pio.instructions[machine.pc];
    if (op >>> 13 || (op & 31) !== machine.pc) return 0;
    const kind = (op >> 5) & 7;
    const register = kind === JMP_X_DEC ? 'x' : kind === JMP_Y_DEC ? 'y' : '';
    if (!register || machine[register] < 2) return 0;
    const times = machine[register] - 1;
    machine[register] = 1;
    const delay = (op >> 8) & 31 & ((1 << (5 - machine.sidesetCount)) - 1);
    return times * (1 + delay);
  }
}

export class PioClock {
  constructor(chip, pio) {
    this.pio = pio;
    this.clock = chip.clock;
    this.busy = false;
    this.steppers = pio.machines.map((machine) => new Stepper(this, machine));
    pio.run = () => {};
    this.mend();
  }

  mend() {
    const { pio } = this;
    const { writeUint32, readUint32 } = pio;
    pio.writeUint32 = (offset, value) => {
      if (offset === CTRL) return this.control(value, writeUint32);
      this.unstall(offset);
      writeUint32.call(pio, offset, value);
      if (!this.busy) pio.checkChangedPins();
      if ((offset >= TXF0 && offset <= RXF3) || offset === IRQ_REGISTER || offset === IRQ_FORCE || offset >= SM_FIRST) this.settle();
      return undefined;
    };
    pio.readUint32 = (offset) => {
      const value = readUint32.call(pio, offset);
      if (offset > RXF3 - 16 && offset <= RXF3) this.settle();
      return value;
    };
  }

  /** Executes an instruction from the processor at once; a stalled machine then retries its own. */
  unstall(offset) {
    if (offset < SM_FIRST || offset > SM_LAST || (offset - SM_FIRST) % SM_SIZE !== SM_INSTR) return;
    this.pio.machines[Math.floor((offset - SM_FIRST) / SM_SIZE)].waiting = false;
  }

  control(value, write) {
    const was = this.pio.machines.map((machine) => machine.enabled);
    write.call(this.pio, CTRL, value);
    this.pio.machines.forEach((machine, i) => {
      if (machine.enabled && !was[i]) this.steppers[i].enable();
      if (!machine.enabled) this.steppers[i].alarm.cancel();
    });
    this.settle();
  }

  /** Sets the alarm of every machine that can continue. */
  settle() {
    for (let i = 0; i < 4; i++) {
      const machine = this.pio.machines[i];
      if (machine.enabled && !machine.waiting && !this.steppers[i].alarm.scheduled) this.steppers[i].wake();
    }
  }

  /** A pin has changed: machines that wait for it check again. */
  pinChanged() {
    for (const machine of this.pio.machines) {
      if (machine.enabled && machine.waiting) machine.checkWait();
    }
    this.settle();
  }
}

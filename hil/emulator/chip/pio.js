// Steps the package's PIO state machines by device time, each at its own divider, and leaps over loops that only count.
//
// A machine that waits for its FIFO, a pin or an interrupt has no alarm at all: what it waits for wakes it.

const CTRL = 0x00;
const IRQ_FORCE = 0x34;
const IRQ_REGISTER = 0x30;
const TXF0 = 0x10;
const RXF3 = 0x2c;
const SM_FIRST = 0xc8;
const SM_LAST = 0x124;
const SM_SIZE = 0x18;
const SM_INSTR = 0x10; // from the machine's first register
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

  /** Goes on at its next tick; after a stall the delay of the instruction that stalled comes first. */
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

  /** Ticks of a `jmp x--` or `jmp y--` to itself that can be taken at once, the last one left; 0 when it is no such. */
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

  /** An instruction given by the processor runs at once; a stalled machine then tries its own again. */
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

  /** Every machine that can go on gets its alarm. */
  settle() {
    for (let i = 0; i < 4; i++) {
      const machine = this.pio.machines[i];
      if (machine.enabled && !machine.waiting && !this.steppers[i].alarm.scheduled) this.steppers[i].wake();
    }
  }

  /** A pin has changed: whoever waits for it looks again. */
  pinChanged() {
    for (const machine of this.pio.machines) {
      if (machine.enabled && machine.waiting) machine.checkWait();
    }
    this.settle();
  }
}

// The watchdog: counts down in device time from its last load, then resets everything except flash, RAM and scratch registers.

import { BasePeripheral } from '../rp2040js.js';

const CTRL = 0x00;
const LOAD = 0x04;
const REASON = 0x08;
const SCRATCH0 = 0x0c;
const SCRATCH7 = 0x28;
const TICK = 0x2c;
const TRIGGER = 1 << 31;
const ENABLE = 1 << 30;
const TICK_ENABLE = 1 << 9;
const TICK_RUNNING = 1 << 10;
export const REASON_TIMER = 1;
export const REASON_FORCE = 2;

export class Watchdog extends BasePeripheral {
  /** `kept` survives its resets: {scratch, reason, watchdogFault}; the fault is '', 'dead' or 'forgets'. */
  constructor(chip, kept) {
    super(chip.mcu, 'WATCHDOG');
    this.chip = chip;
    this.kept = kept;
    this.control = 0;
    this.load = 0;
    this.loadedNanos = 0;
    this.longestNanos = 0;
    this.tick = TICK_ENABLE | TICK_RUNNING | 12;
    this.alarm = chip.clock.createAlarm(() => this.reset(REASON_TIMER));
  }

  /** Half microseconds left: the chip decrements the counter by two at each tick (erratum RP2040-E1). */
  get left() {
    if (!(this.control & ENABLE)) return this.load;
    return Math.max(0, this.load - Math.floor(((this.chip.clock.nanos - this.loadedNanos) / 1000) * 2));
  }

  readUint32(offset) {
    if (offset >= SCRATCH0 && offset <= SCRATCH7) return this.kept.scratch[(offset - SCRATCH0) >> 2];
    switch (offset) {
      case CTRL: return ((this.control & ~0xffffff) | this.left) >>> 0;
      case REASON: return this.kept.reason;
      case TICK: return this.tick;
      default: return 0;
    }
  }

  writeUint32(offset, value) {
    if (offset >= SCRATCH0 && offset <= SCRATCH7) {
      this.kept.scratch[(offset - SCRATCH0) >> 2] = value;
      return;
    }
    if (offset === CTRL) {
      if (value & TRIGGER) {
        this.reset(REASON_FORCE);
        return;
      }
      const started = value & ENABLE && !(this.control & ENABLE);
      this.control = value & ~(TRIGGER | 0xffffff);
      if (started) this.loadedNanos = this.chip.clock.nanos;
      this.arm();
    } else if (offset === LOAD) {
      const gap = this.chip.clock.nanos - this.loadedNanos;
      if (this.control & ENABLE && gap > this.longestNanos) this.longestNanos = gap;
      this.load = value & 0xffffff;
      this.loadedNanos = this.chip.clock.nanos;
      this.arm();
    } else if (offset === TICK) {
      this.tick = (value & 0x3ff) | (value & TICK_ENABLE ? TICK_RUNNING : 0);
    }
  }

  arm() {
    this.alarm.cancel();
    if (this.control & ENABLE) this.alarm.schedule(Math.max(0, (this.left / 2) * 1000));
  }

  /** Resets the chip. With the fault 'dead' a time-out does nothing; with 'forgets' the reset looks like one by the RUN pin. */
  reset(reason) {
    this.alarm.cancel();
    if (reason === REASON_TIMER && this.kept.watchdogFault === 'dead') return;
    this.control &= ~ENABLE;
    this.kept.reason = reason;
    const kind = reason === REASON_TIMER ? 'watchdog' : 'software';
    this.chip.requestReset(kind === 'watchdog' && this.kept.watchdogFault === 'forgets' ? 'pin' : kind);
  }
}

// The 64-bit microsecond timer with its four alarms, in whole microseconds, counting from the last reset.

import { BasePeripheral, IRQ } from '../rp2040js.js';

const TIMEHR = 0x08;
const TIMELR = 0x0c;
const ALARM0 = 0x10;
const ARMED = 0x20;
const TIMERAWH = 0x24;
const TIMERAWL = 0x28;
const DBGPAUSE = 0x2c;
const PAUSE = 0x30;
const INTR = 0x34;
const INTE = 0x38;
const INTF = 0x3c;
const INTS = 0x40;
const TURN = 2 ** 32;

export class Timer extends BasePeripheral {
  constructor(chip) {
    super(chip.mcu, 'TIMER');
    this.clock = chip.clock;
    this.startNanos = this.clock.nanos;
    this.latched = 0;
    this.raw = 0;
    this.enable = 0;
    this.force = 0;
    this.targets = [0, 0, 0, 0];
    this.alarms = [0, 1, 2, 3].map((i) => this.clock.createAlarm(() => this.ring(i)));
  }

  get now() {
    return Math.floor((this.clock.nanos - this.startNanos) / 1000);
  }

  readUint32(offset) {
    if (offset >= ALARM0 && offset < ARMED) return this.targets[(offset - ALARM0) >> 2];
    switch (offset) {
      case TIMELR: {
        const now = this.now;
        this.latched = Math.floor(now / TURN);
        return now % TURN;
      }
      case TIMEHR: return this.latched;
      case TIMERAWH: return Math.floor(this.now / TURN);
      case TIMERAWL: return this.now % TURN;
      case ARMED: return this.alarms.reduce((bits, alarm, i) => bits | (alarm.scheduled ? 1 << i : 0), 0);
      case INTR: return this.raw;
      case INTE: return this.enable;
      case INTF: return this.force;
      case INTS: return (this.raw & this.enable) | this.force;
      default: return 0;
    }
  }

  writeUint32(offset, value) {
    if (offset >= ALARM0 && offset < ARMED) {
      this.arm((offset - ALARM0) >> 2, value >>> 0);
      return;
    }
    switch (offset) {
      case ARMED:
        this.alarms.forEach((alarm, i) => this.rawWriteValue & (1 << i) && alarm.cancel());
        return;
      case INTR: this.raw &= ~this.rawWriteValue; break;
      case INTE: this.enable = value & 15; break;
      case INTF: this.force = value & 15; break;
      case DBGPAUSE: case PAUSE: return;
      default: return;
    }
    this.update();
  }

  /** Fires when the low 32 bits of the time equal the target, as on the chip: a target that has just passed fires 72 min later. */
  arm(i, target) {
    this.targets[i] = target;
    const now = this.now;
    const wait = (target - (now % TURN) + TURN) % TURN;
    const nanos = this.startNanos + (now + wait) * 1000;
    this.alarms[i].schedule(Math.max(0, nanos - this.clock.nanos));
  }

  ring(i) {
    this.raw |= 1 << i;
    this.update();
  }

  update() {
    const status = (this.raw & this.enable) | this.force;
    for (let i = 0; i < 4; i++) this.rp2040.setInterrupt(IRQ.TIMER_0 + i, !!(status & (1 << i)));
  }
}

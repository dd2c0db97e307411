// A TMC2209 stepper driver on its one-wire UART. It answers requests; the chip also receives its own bytes on the shared wire.

const SYNC = 0x05;
const MASTER = 0xff;
const WRITE = 0x80;
const IFCNT = 0x02;
const IOIN = 0x06;
const GSTAT = 0x01;
const DRV_STATUS = 0x6f;
const VERSION = 0x21000000;
const RESET_FLAG = 0x01;
const STANDSTILL = 0x80000000;
const STEALTH = 0x40000000; // it sets a voltage instead of the current
const GCONF = 0x00;
const SPREAD_CYCLE = 0x04;
const IHOLD_IRUN = 0x10;
const HIGHEST_SCALE = 31;
// A voltage that was never tuned gives about an eighth of the current: 50 mA of 420.
const UNTUNED = 8;
const STALLS = 0.5; // of the current that is asked for: with less the rotor does not follow
const NODE = 3; // MS1 and MS2 at VIO
const LATE_NANOS = 8e6; // the driver of the firmware waits 2 ms, twice where some bytes came before
const QUIET_BITS = 8; // between a request and its answer, SENDDELAY's default

export function crc8(bytes) {
  let crc = 0;
  for (let byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >> 7) ^ (byte & 1) ? ((crc << 1) & 0xff) ^ 0x07 : (crc << 1) & 0xff;
      byte >>= 1;
    }
  }
  return crc;
}

export class Tmc2209 {
  /** `pins()` are the driver's inputs as IOIN shows them. */
  constructor(variant, pins) {
    this.variant = variant;
    this.pins = pins;
    this.faults = 0; // bits of DRV_STATUS
    this.requests = 0;
    this.flips = 0; // every nth answer has an inverted bit, 0 for none
    this.late = 0; // every nth answer comes too late
    this.weak = 0; // its current is lower by so many steps of the scale
    this.powerOn();
  }

  powerOn() {
    this.registers = new Map([[GSTAT, RESET_FLAG], [0x6c, 0x10000053]]);
    this.accepted = 0;
    this.heard = [];
    this.lastNanos = 0;
  }

  get stealth() {
    return !((this.registers.get(GCONF) ?? 0) & SPREAD_CYCLE);
  }

  /** The current's scale that is asked for. */
  get asked() {
    const value = this.registers.get(IHOLD_IRUN);
    return value === undefined ? HIGHEST_SCALE : (value >> 8) & HIGHEST_SCALE;
  }

  /** The scale that it shows in DRV_STATUS. */
  get scale() {
    return Math.max(0, this.asked - this.weak);
  }

  /** Whether the coils get so little current that the rotor does not follow the steps. */
  get stalls() {
    const share = (this.scale + 1) / (this.asked + 1);
    return (this.stealth ? share / UNTUNED : share) < STALLS;
  }

  attach(chip, wire) {
    this.clock = chip.clock;
    this.wire = wire;
    this.answer = [];
    this.alarm = chip.clock.createAlarm(() => this.speak());
    wire.onSent = (byte) => this.hear(byte);
  }

  hear(byte) {
    if (this.variant !== 'missing') this.wire.uart.feedByte(byte); // the chip receives its own bytes even without a driver
    if (this.variant !== 'tmc2209') return;
    const now = this.clock.nanos;
    if (now - this.lastNanos > 12 * this.wire.byteNanos) this.heard = [];
    this.lastNanos = now;
    this.heard.push(byte);
    if (this.heard[0] !== SYNC) this.heard = [];
    else if (this.heard.length === 4 && !(this.heard[2] & WRITE)) this.request();
    else if (this.heard.length === 8) this.store();
  }

  request() {
    const [, node, register, crc] = this.heard;
    this.heard = [];
    if (node !== NODE || crc !== crc8([SYNC, node, register])) return;
    const value = this.value(register);
    const reply = [SYNC, MASTER, register, value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
    this.answer = [...reply, crc8(reply)];
    this.requests += 1;
    const bit = (this.requests * 7) % 64; // another one each time
    if (this.flips && this.requests % this.flips === 0) this.answer[bit >> 3] ^= 1 << (bit & 7);
    const late = this.late && this.requests % this.late === 0 ? LATE_NANOS : 0;
    this.alarm.schedule((this.wire.byteNanos / 10) * (QUIET_BITS + 10) + late);
  }

  speak() {
    const byte = this.answer.shift();
    if (this.answer.length) this.alarm.schedule(this.wire.byteNanos);
    this.wire.uart.feedByte(byte);
  }

  store() {
    const [, node, register, ...rest] = this.heard;
    const right = rest[4] === crc8(this.heard.slice(0, 7));
    this.heard = [];
    if (node !== NODE || !right) return;
    this.accepted = (this.accepted + 1) & 255;
    const value = ((rest[0] << 24) | (rest[1] << 16) | (rest[2] << 8) | rest[3]) >>> 0;
    const at = register & 0x7f;
    this.registers.set(at, at === GSTAT ? (this.registers.get(GSTAT) & ~value) >>> 0 : value);
  }

  value(register) {
    switch (register) {
      case IFCNT: return this.accepted;
      case IOIN: return (VERSION | this.pins()) >>> 0;
      case DRV_STATUS:
        return (STANDSTILL | (this.stealth ? STEALTH : 0) | (this.scale << 16) | this.faults) >>> 0;
      default: return this.registers.get(register) ?? 0;
    }
  }
}

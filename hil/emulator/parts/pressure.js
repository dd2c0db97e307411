// A Honeywell MPR (30 psi gauge, transfer function A) on I2C: AA 00 00 starts a conversion, which can be read 5 ms later.

const LOWEST = 1677722;
const HIGHEST = 15099494;
const RANGE_PA = 206843;
const POWERED = 0x40;
const BUSY = 0x20;
const SATURATED = 0x01;
const CONVERSION_NANOS = 5e6;
const LATE_NANOS = 30e6; // a value that the world doesn't give in time; the sensor answers that it is busy
const DITHER = 31; // counts, below 0.5 Pa (78 counts are 1 Pa): the value of a working sensor is never constant

export class Pressure {
  /**
   * `ask()` requests the line pressure from the world and returns a function that waits for it, in Pa as text;
   * `isOff()` is true while the sensor does not answer on the bus.
   */
  constructor(clock, ask, isOff) {
    this.clock = clock;
    this.ask = ask;
    this.isOff = isOff;
    this.stuck = false;
    this.counts = LOWEST;
    this.status = POWERED;
    this.readyNanos = 0;
    this.noise = 1;
    this.converted = () => {};
    this.received = [];
    this.position = 0;
    this.conversions = 0;
  }

  begin() {
    this.received = [];
    this.position = 0;
    return !this.isOff();
  }

  write(byte) {
    this.received.push(byte);
    if (this.received.length === 3 && this.received[0] === 0xaa) this.convert();
    return this.received.length <= 3;
  }

  convert() {
    this.conversions += 1;
    this.readyNanos = this.clock.nanos + CONVERSION_NANOS;
    const pressure = this.ask();
    this.noise = (Math.imul(this.noise, 1103515245) + 12345) & 0x7fffffff;
    const dither = this.stuck ? 0 : ((this.noise >> 16) % DITHER) - (DITHER >> 1);
    this.converted = () => this.take(pressure(), dither);
  }

  take(text, dither) {
    this.converted = () => {};
    if (text === 'x') {
      this.readyNanos = this.clock.nanos + LATE_NANOS;
      return;
    }
    const pa = Number(text);
    const counts = LOWEST + Math.round(((pa + 0.5) * (HIGHEST - LOWEST)) / RANGE_PA) + dither;
    this.status = counts < 0 || counts > 0xffffff ? POWERED | SATURATED : POWERED;
    this.counts = Math.max(0, Math.min(0xffffff, counts));
  }

  read() {
    if (this.clock.nanos >= this.readyNanos) this.converted();
    const busy = this.clock.nanos < this.readyNanos;
    const reply = busy ? [POWERED | BUSY] : [this.status, this.counts >> 16, this.counts >> 8, this.counts];
    return reply[this.position++] ?? 0;
  }

  stop() {}
}

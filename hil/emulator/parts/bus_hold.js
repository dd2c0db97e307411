// A part that holds a line of the I2C bus: SDA in the middle of a byte, until it gets its clocks, or SCL for a time. As in
// UM10204 it changes SDA only after SCL has fallen, and a start or stop condition ends its transfer.

const ACKNOWLEDGE = 8; // position of the ninth bit
const BITS = 9; // of a byte
const STRETCHED_MS = 300;
const MS = 1e6;

export class BusHold {
  constructor() {
    this.position = -1; // bit of a zero byte that the part sends, 8 while it acknowledges a byte, -1 at rest
    this.receives = false;
    this.deaf = false; // it holds SDA whatever the clock does
    this.sclUntil = -Infinity; // device time in ns
    this.armed = null; // what happens at the end of the next transfer
    this.stretch = null; // bit of the next byte before which the part holds SCL, for stretchMs
    this.applying = false; // the part changes the lines itself
    this.stretchMs = 0;
    this.clocks = 0;
  }

  /** Connects the part to the pins of a chip after its reset; the part itself is not reset. */
  attach(chip, sda, scl) {
    this.chip = chip;
    this.pins = { sda, scl };
    this.alarm = chip.clock.createAlarm(() => this.apply());
    this.stretchAlarm = chip.clock.createAlarm(() => this.scl(this.stretchMs));
    chip.pads.watch(scl, (level) => (level ? this.rise() : this.fall()));
    chip.pads.watch(sda, () => !this.applying && chip.pads.level(scl) && this.rest());
    this.apply();
  }

  get holdsSda() {
    if (this.deaf) return true;
    return this.position === ACKNOWLEDGE ? this.receives : this.position >= 0 && !this.receives;
  }

  get holdsScl() {
    return this.chip.nanos < this.sclUntil;
  }

  /** Sets the lines. A time-limited hold of SCL applies itself again at its end. */
  apply() {
    const { pads } = this.chip;
    this.alarm.cancel();
    if (this.holdsScl && this.sclUntil < Infinity) this.alarm.schedule(this.sclUntil - this.chip.nanos + 1);
    this.applying = true;
    for (const [pin, held] of [[this.pins.sda, this.holdsSda], [this.pins.scl, this.holdsScl]]) {
      pads.hold(pin, held ? 0 : 1, held); // 1 by the resistors on the board
    }
    this.applying = false;
  }

  fall() {
    if (this.position < 0) return;
    this.position = this.position === ACKNOWLEDGE ? 0 : this.position + 1;
    this.apply();
  }

  rise() {
    this.clocks += 1;
    const acknowledged = this.chip.pads.level(this.pins.sda) === 0;
    if (this.position === ACKNOWLEDGE && !this.receives && !acknowledged) this.position = -1;
  }

  rest() {
    this.position = -1;
    this.apply();
  }

  // ---- what the bench asks for ---------------------------------------------------------------------------------------

  sda(position) {
    this.position = position;
    this.receives = position === ACKNOWLEDGE;
    this.apply();
  }

  sdaStays() {
    this.deaf = true;
    this.apply();
  }

  /** Holds SCL for so many ms, 0 for ever. */
  scl(ms) {
    this.sclUntil = ms ? this.chip.nanos + ms * MS : Infinity;
    this.apply();
  }

  /** The next transfer ends with a held SDA: the part has missed a clock. */
  arm(position) {
    this.armed = () => this.sda(position);
  }

  /** In the next byte, before this bit, the part holds SCL: for 300 ms, or for ever with 0. */
  armScl(bit, ms = STRETCHED_MS) {
    this.stretch = bit;
    this.stretchMs = ms;
  }

  /** Called by the bus at the begin of a byte that takes so many ns. */
  byteBegins(nanos) {
    if (this.stretch === null) return;
    this.stretchAlarm.schedule((nanos * this.stretch) / BITS);
    this.stretch = null;
  }

  /** Called by the bus at the end of a transfer, before its stop condition. */
  transferEnds() {
    const { armed } = this;
    this.armed = null;
    if (armed) armed();
  }

  works() {
    this.position = -1;
    this.deaf = false;
    this.sclUntil = -Infinity;
    this.armed = null;
    this.stretch = null;
    this.apply();
  }
}

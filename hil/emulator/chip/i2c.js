// An I2C bus with its parts. Each byte takes the time of nine bits at the speed that the firmware has set, and ends only
// while SCL is free: a part may stretch a clock inside it. While a line is held low, no condition can be put on the bus:
// the block waits, and with SDA held it hangs until it is reset.

import { I2CMode } from '../rp2040js.js';

const BITS = 9;
const RESETS = 0x4000c;
const RESET = 0x00;
const I2C_RESET_BIT = 3; // of block 0; block 1 has the next one

export class I2cBus {
  constructor(chip, i2c, number) {
    this.chip = chip;
    this.i2c = i2c;
    this.parts = new Map();
    this.part = null;
    this.lines = null; // pins of SDA and SCL, where they are connected
    this.waiting = null; // what the block does when SCL gets high
    this.hangs = false;
    this.onTransferEnd = () => {};
    this.onByte = () => {}; // gets the time that the byte takes, in ns
    this.after = () => {};
    this.alarm = chip.clock.createAlarm(() => this.after());
    i2c.onStart = () => this.whenFree(() => i2c.completeStart());
    i2c.onConnect = (address, mode) => this.connect(address, mode);
    i2c.onWriteByte = (byte) => this.write(byte);
    i2c.onReadByte = () => this.read();
    i2c.onStop = () => this.stop();
    this.listenToResets(1 << (I2C_RESET_BIT + number));
  }

  /** `part` has begin(reading) → ack, write(byte) → ack, read() → byte, stop(). */
  add(address, part) {
    this.parts.set(address, part);
  }

  /** Tells the bus its pins, on which something may hold a line. */
  connectPins(sda, scl) {
    this.lines = { sda, scl };
    this.chip.pads.watch(scl, (level) => level && this.resume());
  }

  whenFree(work) {
    const { lines, chip } = this;
    if (lines && !chip.pads.level(lines.sda)) this.hangs = true;
    if (this.hangs) return;
    if (lines && !chip.pads.level(lines.scl)) this.waiting = () => this.whenFree(work);
    else work();
  }

  /** Runs the work as soon as SCL is high. */
  whenClocked(work) {
    const { lines, chip } = this;
    if (lines && !chip.pads.level(lines.scl)) this.waiting = work;
    else work();
  }

  resume() {
    const work = this.waiting;
    this.waiting = null;
    if (work) work();
  }

  listenToResets(bit) {
    const resets = this.chip.mcu.peripherals[RESETS];
    const write = resets.writeUint32;
    resets.writeUint32 = (offset, value) => {
      write.call(resets, offset, value);
      if (offset === RESET && value & bit) this.reset();
    };
  }

  /** The block's reset: it is at rest, with empty FIFOs. */
  reset() {
    this.alarm.cancel();
    this.waiting = null;
    this.hangs = false;
    this.part = null;
    Object.assign(this.i2c, { state: 0, busy: false, stop: false, pendingRestart: false, intRaw: 0, abortSource: 0, enable: 0 });
    this.i2c.txFIFO.reset();
    this.i2c.rxFIFO.reset();
  }

  later(work) {
    const { clkSys } = this.chip.mcu;
    const nanos = (BITS * (this.i2c.sclHighPeriod + this.i2c.sclLowPeriod) * 1e9) / clkSys;
    this.after = () => this.whenClocked(work);
    this.alarm.schedule(nanos);
    this.onByte(nanos);
  }

  connect(address, mode) {
    this.later(() => {
      this.part = this.parts.get(address) ?? null;
      const heard = this.part !== null && this.part.begin(mode === I2CMode.Read);
      this.i2c.completeConnect(heard);
    });
  }

  write(byte) {
    this.later(() => this.i2c.completeWrite(this.part !== null && this.part.write(byte)));
  }

  read() {
    this.later(() => this.i2c.completeRead(this.part ? this.part.read() & 255 : 255));
  }

  stop() {
    if (this.part) this.part.stop();
    this.part = null;
    this.onTransferEnd();
    this.whenFree(() => this.i2c.completeStop());
  }
}

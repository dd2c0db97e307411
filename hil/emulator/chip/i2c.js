// An I2C bus with its parts. Each byte takes the time of nine bits at the speed that the firmware has set.

import { I2CMode } from '../rp2040js.js';

const BITS = 9;

export class I2cBus {
  constructor(chip, i2c) {
    this.chip = chip;
    this.i2c = i2c;
    this.parts = new Map();
    this.part = null;
    this.after = () => {};
    this.alarm = chip.clock.createAlarm(() => this.after());
    i2c.onConnect = (address, mode) => this.connect(address, mode);
    i2c.onWriteByte = (byte) => this.write(byte);
    i2c.onReadByte = () => this.read();
    i2c.onStop = () => this.stop();
  }

  /** `part` has begin(reading) → ack, write(byte) → ack, read() → byte, stop(). */
  add(address, part) {
    this.parts.set(address, part);
  }

  later(work) {
    const { clkSys } = this.chip.mcu;
    this.after = work;
    this.alarm.schedule((BITS * (this.i2c.sclHighPeriod + this.i2c.sclLowPeriod) * 1e9) / clkSys);
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
    this.i2c.completeStop();
  }
}

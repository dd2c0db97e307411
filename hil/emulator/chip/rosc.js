// The ring oscillator: always stable. Its random bits come from a seed, so that a run can be repeated.

import { Plain } from './qspi.js';

const STATUS = 0x18;
const RANDOM_BIT = 0x1c;
const STABLE = 0x80001000;

export class Rosc {
  constructor(seed) {
    // xorshift32 (Marsaglia) must not start at 0.
    this.state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x2545f491) | 1;
  }

  bit() {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return (x >>> 16) & 1;
  }

  /** The registers after a reset; the sequence of random bits continues. */
  attach(mcu) {
    const registers = new Plain(mcu, 'ROSC', { [STATUS]: STABLE });
    const { readUint32 } = registers;
    registers.readUint32 = (offset) => (offset === RANDOM_BIT ? this.bit() : readUint32.call(registers, offset));
    return registers;
  }
}

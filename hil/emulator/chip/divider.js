// The hardware divider (SIO). The result is available at once, sooner than after the chip's eight cycles, and no access stalls:
// a division takes the time of the program's own instructions, which wait these eight cycles.

const DIVISOR = 4; // address bit: set for the divisor, clear for the dividend
const SIGNED = 8;
const QUOTIENT = 0x10;
const REMAINDER = 0x14;
const STATUS = 0x18;
const READY = 1;
const DIRTY = 2; // operands were written since the quotient was last read

export class Divider {
  constructor() {
    this.dividend = 0;
    this.divisor = 0;
    this.quotient = 0;
    this.remainder = 0;
    this.status = READY;
  }

  /** `register` is the offset from DIV_UDIVIDEND. */
  read(register) {
    switch (register) {
      case QUOTIENT:
        this.status &= ~DIRTY;
        return this.quotient;
      case REMAINDER: return this.remainder;
      case STATUS: return this.status;
      default: return register & DIVISOR ? this.divisor : this.dividend;
    }
  }

  write(register, value) {
    if (register > REMAINDER) return;
    this.status = READY | DIRTY;
    if (register === QUOTIENT) this.quotient = value | 0;
    else if (register === REMAINDER) this.remainder = value | 0;
    else {
      if (register & DIVISOR) this.divisor = value | 0;
      else this.dividend = value | 0;
      this.divide((register & SIGNED) !== 0);
    }
  }

  divide(isSigned) {
    const { dividend, divisor } = this;
    if (divisor === 0) {
      this.quotient = isSigned && dividend < 0 ? 1 : -1;
      this.remainder = dividend;
    } else if (isSigned) {
      this.quotient = (dividend / divisor) | 0;
      this.remainder = (dividend % divisor) | 0;
    } else {
      this.quotient = ((dividend >>> 0) / (divisor >>> 0)) | 0;
      this.remainder = ((dividend >>> 0) % (divisor >>> 0)) | 0;
    }
  }
}

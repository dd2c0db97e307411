// The interface to the flash chip: chip select, serial port (SSI), and registers that are not modelled.

import { BasePeripheral } from '../rp2040js.js';

const SS_CTRL = 0x0c;
const OUTPUT_HIGH = 0x300;
const DATA = 0x60;
const STATUS = 0x28;
const READY = 0x0e; // TX empty and not full, RX not empty
const READ_UNIQUE_ID = 0x4b;
const READ_JEDEC_ID = 0x9f;
const DUMMIES = 5; // bytes before the unique id: the command and four dummy bytes

/** Registers that return what was written to them; before that, `defaults` by offset. */
export class Plain extends BasePeripheral {
  constructor(mcu, name, defaults = {}) {
    super(mcu, name);
    this.values = new Map(Object.entries(defaults).map(([offset, value]) => [Number(offset), value]));
  }

  readUint32(offset) {
    return this.values.get(offset) ?? 0;
  }

  writeUint32(offset, value) {
    this.values.set(offset, value >>> 0);
  }
}

/** The pins of the flash chip: a falling edge of chip select begins a command. */
export class QspiPins extends Plain {
  constructor(mcu, ssi) {
    super(mcu, 'IO_QSPI');
    this.ssi = ssi;
  }

  writeUint32(offset, value) {
    super.writeUint32(offset, value);
    if (offset === SS_CTRL && (value & OUTPUT_HIGH) !== OUTPUT_HIGH) this.ssi.begin();
  }
}

/** The serial port to the flash chip; only the commands that read its two identities are modelled. */
export class FlashPort extends Plain {
  constructor(mcu, uniqueId) {
    super(mcu, 'SSI');
    this.uniqueId = uniqueId;
    this.begin();
  }

  begin() {
    this.sent = [];
    this.taken = 0;
  }

  readUint32(offset) {
    if (offset === STATUS) return READY;
    return offset === DATA ? this.answer(this.taken++) : super.readUint32(offset);
  }

  writeUint32(offset, value) {
    if (offset === DATA) this.sent.push(value & 255);
    else super.writeUint32(offset, value);
  }

  answer(position) {
    if (this.sent[0] === READ_UNIQUE_ID) return this.uniqueId[position - DUMMIES] ?? 0;
    if (this.sent[0] === READ_JEDEC_ID) return [0xff, 0xef, 0x40, 0x15][position] ?? 0;
    return 0;
  }
}

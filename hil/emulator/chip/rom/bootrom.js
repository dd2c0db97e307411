// A replacement for the boot ROM, whose code is not included: its address tables, and its routines in JavaScript.

import { FLOAT_ROUTINES, DOUBLE_ROUTINES } from './rom_float.js';

const BASE = 0x400;
const RAM = 0x20000000;
const FUNCTION_TABLE = 0x40;
const DATA_TABLE = 0x100;
const FLOAT_TABLE = 0x204;
const DOUBLE_TABLE = 0x304;
const LOOK_UP = 0x200;
const ID = 0x3c0;

const bits = (value) => {
  let count = 0;
  for (let rest = value >>> 0; rest; rest >>>= 1) count += rest & 1;
  return count;
};

const reverse = (value) => {
  let result = 0;
  for (let i = 0; i < 32; i++) result = (result << 1) | ((value >>> i) & 1);
  return result;
};

const trailing = (value) => (value ? 31 - Math.clz32(value & -value) : 32);

// code: [cycles, function of the registers]; copying takes about two cycles per byte or word.
const ROUTINES = {
  P3: (r) => [20, (r[0] = bits(r[0]))],
  R3: (r) => [20, (r[0] = reverse(r[0]))],
  L3: (r) => [20, (r[0] = Math.clz32(r[0]))],
  T3: (r) => [20, (r[0] = trailing(r[0]))],
  MS: (r, rom) => rom.fill(r[0], r[1], r[2]),
  S4: (r, rom) => rom.fill(r[0], r[1], r[2]),
  MC: (r, rom) => rom.copy(r[0], r[1], r[2]),
  C4: (r, rom) => rom.copy(r[0], r[1], r[2]),
  IF: () => [20],
  EX: () => [200],
  FC: () => [60],
  CX: () => [60],
  UB: (r, rom) => rom.intoBootloader(),
  RE: (r, rom) => rom.chip.flashPart.erase(r[0], r[1]),
  RP: (r, rom) => rom.chip.flashPart.program(r[0], r[1], r[2]),
};

export class BootRom {
  constructor(chip) {
    this.chip = chip;
    this.actions = new Map();
    this.image = new DataView(new ArrayBuffer(16 * 1024));
    this.routine = (pc) => this.run(pc);
    this.next = BASE;
    this.build();
  }

  add(action) {
    const address = this.next;
    this.next += 4;
    this.image.setUint16(address, 0xbe00, true);
    this.image.setUint16(address + 2, 0x4770, true);
    this.actions.set(address, action);
    return address | 1;
  }

  build() {
    const view = this.image;
    view.setUint32(0, 0x20041000, true);
    view.setUint32(4, this.add(() => [1]), true);
    view.setUint32(8, this.add(() => [1]), true);
    view.setUint32(12, this.add(() => [1]), true);
    view.setUint32(0x10, 0x0301754d, true); // "Mu", 1, version 3
    view.setUint16(0x14, FUNCTION_TABLE, true);
    view.setUint16(0x16, DATA_TABLE, true);
    view.setUint16(0x18, this.add((r) => this.lookUp(r)), true);
    this.table(FUNCTION_TABLE, Object.entries(ROUTINES).map(([code, work]) => [code, this.add((r) => work(r, this))]));
    this.table(DATA_TABLE, [['SF', FLOAT_TABLE], ['SD', DOUBLE_TABLE], ['CR', ID], ['GR', ID]]);
    this.pointers(FLOAT_TABLE, FLOAT_ROUTINES);
    this.pointers(DOUBLE_TABLE, DOUBLE_ROUTINES);
  }

  table(at, rows) {
    rows.forEach(([code, value], i) => {
      this.image.setUint16(at + 4 * i, code.charCodeAt(0) | (code.charCodeAt(1) << 8), true);
      this.image.setUint16(at + 4 * i + 2, value, true);
    });
  }

  pointers(at, routines) {
    this.image.setUint8(at - 2, routines.length);
    routines.forEach((work, i) => this.image.setUint32(at + 4 * i, this.add((r) => (work(r), [60])), true));
  }

  lookUp(r) {
    for (let at = r[0]; this.image.getUint16(at, true); at += 4) {
      if (this.image.getUint16(at, true) === (r[1] & 0xffff)) {
        r[0] = this.image.getUint16(at + 2, true);
        return [40];
      }
    }
    r[0] = 0;
    return [40];
  }

  fill(to, value, count) {
    const { mcu, sram } = this.chip;
    const place = (to >>> 0) - RAM;
    if (place >= 0 && place + count <= sram.length) sram.fill(value, place, place + count);
    else for (let i = 0; i < count; i++) mcu.writeUint8((to >>> 0) + i, value & 255);
    return [count / 2 + 10];
  }

  copy(to, from, count) {
    const { mcu } = this.chip;
    for (let i = 0; i < count; i++) mcu.writeUint8((to >>> 0) + i, mcu.readUint8((from >>> 0) + i));
    return [count / 2 + 10];
  }

  intoBootloader() {
    this.chip.core.lockUp('it waits in the USB bootloader');
    return [1];
  }

  /** Runs the routine at pc and returns to the address in the link register. */
  run(pc) {
    const { core } = this.chip;
    const action = this.actions.get(pc & -2);
    if (!action) return core.lockUp(`there is no boot ROM routine at ${pc.toString(16)}`);
    const [cycles] = action(core.state, this);
    core.cycles += Math.ceil(cycles);
    return core.state[14] & -2;
  }
}

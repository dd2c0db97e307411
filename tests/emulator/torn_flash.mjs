// Cuts one program and one erase of the emulated flash in each way; prints what was left, as JSON.
//
// node tests/emulator/torn_flash.mjs: {program: {none: [256 bytes], ...}, erase: {...}, operations, cuts}

import { Flash, PAGE, SECTOR, TEARS } from '../../hil/emulator/chip/flash.js';

const WRITTEN = 0x5a;
const LEFT = 0xf0; // in the page before the program, so that bits can't be set by it

const chip = {
  flash: new Uint8Array(2 * SECTOR),
  core: { cycles: 0, forget() {} },
  clock: { nanosPerCycle: 8 },
  mcu: { readUint8: () => WRITTEN },
};
const flash = new Flash(chip, { eraseMs: 45, programUs: 400 }, 1);
let cuts = 0;
flash.onCut = () => (cuts += 1);
const found = { program: {}, erase: {} };

for (const tear of TEARS) {
  chip.flash.fill(LEFT);
  flash.cut(1, tear); // the first page is written whole, the second one is torn, the third one never begun
  flash.program(0, 0, 3 * PAGE);
  found.program[tear] = [0, 1, 2].map((page) => [...chip.flash.subarray(page * PAGE, (page + 1) * PAGE)]);
  chip.flash.fill(WRITTEN);
  flash.cut(0, tear);
  flash.erase(0, 2 * SECTOR);
  found.erase[tear] = [0, 1].map((sector) => [...chip.flash.subarray(sector * SECTOR, (sector + 1) * SECTOR)]);
}
flash.cut(0, 'none');
flash.uncut();
flash.erase(0, SECTOR);
console.log(JSON.stringify({ ...found, operations: flash.operations, cuts }));

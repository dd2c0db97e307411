// Writes a UF2 file into a flash as the boot ROM of a chip does; prints the flash.
//
// node tests/emulator/load_uf2.mjs FILE CHIP FLASH: FLASH is a file with what is there before

import { readFileSync, writeSync } from 'node:fs';
import { writeUf2 } from '../../hil/emulator/chip/rom/uf2_loader.js';

const [file, chip, before] = process.argv.slice(2);
const flash = new Uint8Array(readFileSync(before));
try {
  writeUf2(readFileSync(file), file, flash, chip);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
for (let at = 0; at < flash.length; ) at += writeSync(1, flash, at);

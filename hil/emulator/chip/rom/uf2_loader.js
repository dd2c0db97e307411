// How the boot ROM writes a UF2 file into flash in BOOTSEL mode: which sectors it erases, and that programming only clears bits.

const BLOCK = 512;
const PAGE = 256;
const SECTOR = 4096;
const FLASH = 0x10000000;
const MAGIC = [0x0a324655, 0x9e5d5157, 0x0ab16f30];
const FAMILY_IS_GIVEN = 0x2000;

// By family: the chip, and which erase belongs to a block. The RP2040 counts 16 blocks to a sector, wherever they go
// (erratum RP2040-E14; pico-bootrom-rp2040, virtual_disk.c, _write_uf2_page). The RP2350 goes by the address
// (pico-bootrom-rp2350, usb_virtual_disk.c, _write_uf2_page).
const CHIPS = new Map([
  [0xe48bff56, { name: 'RP2040', eraseOf: (number) => Math.floor((number * PAGE) / SECTOR) }],
  [0xe48bff59, { name: 'RP2350', eraseOf: (_, offset) => Math.floor(offset / SECTOR) }],
]);

/** Writes a file into `flash` as the boot ROM of `chip` does; throws an Error with one sentence. */
export function writeUf2(file, name, flash, chip) {
  const erased = new Set();
  for (const block of blocksOf(file, name)) {
    const model = CHIPS.get(block.family);
    if (model?.name !== chip) {
      throw new Error(`${name} is for another chip (family ${block.family.toString(16)}), not for ${chip}.`);
    }
    const erase = model.eraseOf(block.number, block.offset);
    if (!erased.has(erase)) {
      erased.add(erase);
      const sector = block.offset - (block.offset % SECTOR);
      flash.fill(0xff, sector, sector + SECTOR);
    }
    for (let i = 0; i < PAGE; i++) flash[block.offset + i] &= block.data[i];
  }
}

/** The blocks of a file in its order, each with number, family, offset in flash and data. */
function blocksOf(file, name) {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const total = Math.floor(file.length / BLOCK);
  const blocks = [];
  for (let at = 0; at < total * BLOCK; at += BLOCK) {
    const word = (offset) => view.getUint32(at + offset, true);
    if (word(0) !== MAGIC[0] || word(4) !== MAGIC[1]) throw new Error(`${name} is not a UF2 file.`);
    // The boot ROM ignores a block that isn't whole, and then never restarts.
    const whole = word(508) === MAGIC[2] && word(8) & FAMILY_IS_GIVEN && word(16) === PAGE;
    const [number, offset] = [word(20), word(12) - FLASH];
    if (!whole || word(24) !== total || number * BLOCK !== at || offset % PAGE) {
      throw new Error(`${name} has a block that the boot ROM ignores (block ${at / BLOCK} of ${total}).`);
    }
    blocks.push({ number, family: word(28), offset, data: file.subarray(at + 32, at + 32 + PAGE) });
  }
  return blocks;
}

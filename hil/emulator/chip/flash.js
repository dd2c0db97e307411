// The flash chip: 2 MiB that last over resets, with the time that each erase and program takes, and a hook before each.

export const SECTOR = 4096;
export const PAGE = 256;

export class Flash {
  /** `times` are {eraseMs, programUs} per sector and page, typical of a W25Q16. */
  constructor(chip, times) {
    this.chip = chip;
    this.bytes = chip.flash;
    this.times = times;
    this.erased = 0;
    this.programmed = 0;
    /** Called before each sector or page with {kind, offset, number}; may cut the power and then returns true. */
    this.hook = () => false;
  }

  pay(milliseconds) {
    const { core, clock } = this.chip;
    core.cycles += Math.round((milliseconds * 1e6) / clock.nanosPerCycle);
  }

  erase(offset, count) {
    for (let at = offset; at < offset + count; at += SECTOR) {
      if (this.hook({ kind: 'erase', offset: at, number: this.erased + this.programmed })) break;
      this.bytes.fill(0xff, at, at + SECTOR);
      this.erased += 1;
      this.pay(this.times.eraseMs);
    }
    this.chip.core.forget(offset, count);
    return [100];
  }

  program(offset, from, count) {
    for (let at = 0; at < count; at += PAGE) {
      if (this.hook({ kind: 'program', offset: offset + at, number: this.erased + this.programmed })) break;
      for (let i = 0; i < PAGE; i++) this.bytes[offset + at + i] &= this.chip.mcu.readUint8((from >>> 0) + at + i);
      this.programmed += 1;
      this.pay(this.times.programUs / 1000);
    }
    this.chip.core.forget(offset, count);
    return [100];
  }
}

/** Lays an image (.uf2 for this chip, or .bin) over empty flash; throws an Error with one sentence. */
export function flashOf(image, name, bytes) {
  bytes.fill(0xff);
  if (!name.endsWith('.uf2')) {
    bytes.set(image.subarray(0, bytes.length));
    return;
  }
  const view = new DataView(image.buffer, image.byteOffset, image.length);
  for (let at = 0; at + 512 <= image.length; at += 512) {
    const magic = view.getUint32(at, true) === 0x0a324655 && view.getUint32(at + 4, true) === 0x9e5d5157;
    if (!magic) throw new Error(`${name} is no UF2 file.`);
    const family = view.getUint32(at + 28, true);
    if (family !== 0xe48bff56) throw new Error(`${name} is for another chip (family ${family.toString(16)}), not for RP2040.`);
    const target = view.getUint32(at + 12, true) - 0x10000000;
    const size = view.getUint32(at + 16, true);
    bytes.set(image.subarray(at + 32, at + 32 + size), target);
  }
}

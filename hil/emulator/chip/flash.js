// The flash chip: 2 MiB that survive resets. Erasing and programming take their time; the power can be cut within an operation.

import { writeUf2 } from './rom/uf2_loader.js';

export const SECTOR = 4096;
export const PAGE = 256;

/** How much of an operation is done when the power is cut: nothing, its first half, a random subset of its bits, or all. */
export const TEARS = ['none', 'half', 'subset', 'whole'];

export class Flash {
  /** `times` are {eraseMs, programUs} per sector and page, typical of a W25Q16; `seed` determines the random bits of an interrupted operation. */
  constructor(chip, times, seed) {
    this.chip = chip;
    this.bytes = chip.flash;
    this.times = times;
    this.erased = 0;
    this.programmed = 0;
    this.chance = (seed ^ 0x9e3779b9) | 1;
    this.cutAt = -1;
    this.tear = '';
    this.onCut = () => {};
  }

  /** Erase and program operations since the first power-on. */
  get operations() {
    return this.erased + this.programmed;
  }

  /** Cuts the power in the operation after `operations` more; `tear` says how much of it is done. Calls `onCut`. */
  cut(operations, tear) {
    this.cutAt = this.operations + operations;
    this.tear = tear;
  }

  uncut() {
    this.cutAt = -1;
  }

  pay(milliseconds) {
    const { core, clock } = this.chip;
    core.cycles += Math.round((milliseconds * 1e6) / clock.nanosPerCycle);
  }

  erase(offset, count) {
    for (let at = offset; at < offset + count; at += SECTOR) {
      const lasted = this.work(at, SECTOR, () => 0xff);
      this.erased += 1;
      if (!lasted) break;
      this.pay(this.times.eraseMs);
    }
    this.chip.core.forget(offset, count);
    return [100];
  }

  program(offset, from, count) {
    const { mcu } = this.chip;
    for (let at = 0; at < count; at += PAGE) {
      const lasted = this.work(offset + at, PAGE, (before, i) => before & mcu.readUint8((from >>> 0) + at + i));
      this.programmed += 1;
      if (!lasted) break;
      this.pay(this.times.programUs / 1000);
    }
    this.chip.core.forget(offset, count);
    return [100];
  }

  /** Sets each byte to `after(before, i)` until the power is cut; returns whether it was not cut. */
  work(offset, count, after) {
    const tear = this.operations === this.cutAt ? this.tear : '';
    const end = { none: 0, half: count / 2 }[tear] ?? count;
    for (let i = 0; i < end; i++) {
      const before = this.bytes[offset + i];
      const changes = before ^ after(before, i);
      this.bytes[offset + i] = before ^ (tear === 'subset' ? changes & this.bits() : changes);
    }
    if (!tear) return true;
    this.uncut();
    this.onCut();
    return false;
  }

  /** Eight random bits (xorshift32, Marsaglia 2003). */
  bits() {
    let x = this.chance;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.chance = x;
    return x & 0xff;
  }
}

/** Writes an image (.uf2 for this chip, as its boot ROM does it, or .bin) into blank flash; throws an Error with one sentence. */
export function flashOf(image, name, bytes) {
  bytes.fill(0xff);
  if (name.endsWith('.uf2')) writeUf2(image, name, bytes, 'RP2040');
  else bytes.set(image.subarray(0, bytes.length));
}

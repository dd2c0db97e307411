// Memory access of translated code: typed arrays for RAM, slow paths for flash, peripherals and unaligned addresses.

import { Divider } from '../chip/divider.js';
import { BUDGET } from './translate.js';

const APB_SLOTS = 32; // peripherals of 16 KiB each from 0x40000000 on
const DIVIDER = 0xd0000060;
const APB_CYCLES = 2; // that its bus takes in addition to memory

/** The names that translated functions use; the slow paths get the cycles that have passed in the block. */
export function memoryOf(cpu, sram, flash) {
  let mcu = null;
  let sio = null;
  let divider = null;
  const S = cpu.state;
  const flash8 = flash;
  const flash16 = new Uint16Array(flash.buffer);
  const flash32 = new Int32Array(flash.buffer);
  const ram16 = new Uint16Array(sram.buffer);
  const flashEnd = flash.length;
  const slots = new Array(APB_SLOTS).fill(null);

  const isDivider = (address) => address >>> 5 === DIVIDER >>> 5;
  const inFlash = (address) => address >>> 26 === 4 && (address & 0xffffff) < flashEnd;

  /** The peripheral at an aligned word; none for an address of the atomic aliases. */
  function slot(address) {
    if (address >>> 19 !== 0x40000000 >>> 19) return null;
    const i = (address >>> 14) & (APB_SLOTS - 1);
    return slots[i] ?? (slots[i] = mcu.findPeripheral(address >>> 0) ?? null);
  }

  function complain(address) {
    cpu.chip.report(`unaligned access to ${(address >>> 0).toString(16)} near ${cpu.PC.toString(16)}`);
  }

  function read32(address) {
    if (address & 3) complain(address);
    if (isDivider(address)) return divider.read(address & 31);
    if (address >>> 28 === 13) return sio.readUint32(address & 0x0fffffff) | 0;
    const peripheral = slot(address);
    return (peripheral ? peripheral.readUint32(address & 0x3fff) : mcu.readUint32(address >>> 0)) | 0;
  }

  function write32(address, value) {
    if (address & 3) complain(address);
    if (isDivider(address)) {
      divider.write(address & 31, value);
      return;
    }
    if (address >>> 28 === 13) {
      sio.writeUint32(address & 0x0fffffff, value >>> 0);
      return;
    }
    const peripheral = slot(address);
    if (peripheral) peripheral.writeUint32Atomic(address & 0xfff, value >>> 0, (address >>> 12) & 3);
    else mcu.writeUint32(address >>> 0, value >>> 0);
    if (address >>> 20 === 0xe00) cpu.kick(); // the interrupt controller: return to the main loop after this block
  }

  const extra = (address) => (address >>> 28 === 4 ? APB_CYCLES : 0);

  return {
    S, cpu, ram8: sram, ram16, ram32: new Int32Array(sram.buffer),
    /** Connects new peripherals, after a reset. */
    connect(other) {
      mcu = other;
      sio = other.sio;
      divider = new Divider();
      slots.fill(null);
    },
    halfword(pc) {
      if (pc >>> 28 === 1) return flash16[(pc & 0xffffff) >> 1];
      if (pc >>> 28 === 2) return ram16[(pc - 0x20000000) >> 1];
      return 0xde00;
    },
    load32(address, cycles) {
      if (inFlash(address) && !(address & 3)) return flash32[(address & 0xffffff) >> 2];
      S[BUDGET] -= cycles;
      const value = read32(address);
      S[BUDGET] += cycles - extra(address);
      return value;
    },
    load16(address, cycles) {
      if (inFlash(address) && !(address & 1)) return flash16[(address & 0xffffff) >> 1];
      S[BUDGET] -= cycles;
      if (address & 1) complain(address);
      const value = mcu.readUint16(address >>> 0);
      S[BUDGET] += cycles - extra(address);
      return value;
    },
    load8(address, cycles) {
      if (inFlash(address)) return flash8[address & 0xffffff];
      S[BUDGET] -= cycles;
      const value = mcu.readUint8(address >>> 0);
      S[BUDGET] += cycles - extra(address);
      return value;
    },
    store32(address, value, cycles) {
      S[BUDGET] -= cycles;
      write32(address, value);
      S[BUDGET] += cycles - extra(address);
    },
    store16(address, value, cycles) {
      S[BUDGET] -= cycles;
      if (address & 1) complain(address);
      mcu.writeUint16(address >>> 0, value & 0xffff);
      S[BUDGET] += cycles - extra(address);
    },
    store8(address, value, cycles) {
      S[BUDGET] -= cycles;
      mcu.writeUint8(address >>> 0, value & 0xff);
      S[BUDGET] += cycles - extra(address);
    },
  };
}

// Power cuts and resets of the emulated Pico, by the actions of boards/unix/sim_power.py.

import { readFileSync } from 'node:fs';
import { TEARS } from '../chip/flash.js';
import { writeUf2 } from '../chip/rom/uf2_loader.js';
import { REASON_FORCE, REASON_TIMER } from '../chip/watchdog.js';

const LONGEST_OFF_S = 1000000;
const MOST_OPERATIONS = 0x3fffffff;
const FAULT_MARK = 0x0fa0170; // the firmware writes it to scratch 0 before a reset after an error, boards/rpi_pico/reset_cause.py
const LOW_MV = 3800; // between the voltage at which the pump warns and the one at which it stops
const LAST_ADDRESS = 0x10ffffff; // of flash
const BYTECODE_AT = 12; // in MicroPython's mp_obj_fun_bc_t, after type, context and table of children
const SINKING_MS = 12000; // longer than the 10 s between two measurements of the supply

export class Power {
  /** `device` has the chip, the board and the world. */
  constructor(device) {
    this.device = device;
    this.flash.onCut = () => this.cut();
    this.entry = 0;
    this.actions = {
      power_cut: [LONGEST_OFF_S, (offS) => this.switchOff(offS)],
      hang_entry: [LAST_ADDRESS, (address) => (this.entry = address)],
      hang: [LAST_ADDRESS, (address) => this.hang(address)],
      watchdog_dead: [0, () => this.spoil('dead')],
      watchdog_forgets: [0, () => this.spoil('forgets')],
      watchdog_works: [0, () => this.spoil('')],
      watchdog_reset: [0, () => this.chip.watchdog.reset(REASON_TIMER)],
      brown_out: [0, () => this.brownOut()],
      reset: [0, () => this.chip.watchdog.reset(REASON_FORCE)],
      fault_reset: [0, () => this.fault()],
      run_pin: [0, () => this.chip.requestReset('pin')],
      bootsel: [0, () => this.bootsel()],
      power_stays: [0, () => this.flash.uncut()],
    };
    for (const tear of TEARS) this.actions[`power_cut_${tear}`] = [MOST_OPERATIONS, (after) => this.flash.cut(after, tear)];
  }

  get chip() {
    return this.device.chip;
  }

  get flash() {
    return this.chip.flashPart;
  }

  /** Executes an action and returns its answer; null for an action that isn't in the table. */
  do(action, number = 0) {
    if (!Object.hasOwn(this.actions, action)) return null;
    const [most, run] = this.actions[action];
    if (number < 0 || number > most) return { error: `${action} takes 0 to ${most}` };
    const error = run(number)?.error;
    if (error) return { error };
    this.device.run(0); // carries out a requested reset now
    return { ok: true };
  }

  /** Makes the Python function with this bytecode hang; `entry` is where MicroPython calls a function. */
  hang(bytecode) {
    this.chip.core.holdAt(this.entry, (registers) => this.chip.mcu.readUint32((registers[0] >>> 0) + BYTECODE_AT) === bytecode);
  }

  spoil(fault) {
    this.chip.kept.watchdogFault = fault;
  }

  cut() {
    this.device.board.driver.powerOn();
    this.chip.requestReset('power');
  }

  /** Cuts the power. Time passes in the world while the power is off, but not in the device. */
  switchOff(offS) {
    this.cut();
    this.device.world.skip(offS * 1000, this.chip.nanos);
  }

  /** A low supply, then the reset by the chip's brown-out detector, the same as at power-on (RP2040 data sheet, 2.12.2). */
  brownOut() {
    const { parts } = this.device.board;
    const before = parts.supply;
    parts.supply = LOW_MV;
    this.device.run(SINKING_MS);
    parts.supply = before;
    this.cut();
  }

  /** Plugs the board in with BOOTSEL held and copies the file of --bootsel to its volume; then its boot ROM restarts it. */
  bootsel() {
    const { chip, device } = this;
    const name = device.options.bootsel;
    if (!name) return { error: 'bootsel needs the option --bootsel FILE' };
    try {
      writeUf2(readFileSync(name), name, chip.flash, 'RP2040');
    } catch (error) {
      return { error: error.message };
    }
    device.board.driver.powerOn();
    chip.core.forget(0, chip.flash.length);
    chip.requestReset('bootsel');
    return {};
  }

  fault() {
    this.chip.kept.scratch[0] = FAULT_MARK;
    this.chip.watchdog.reset(REASON_FORCE);
  }
}

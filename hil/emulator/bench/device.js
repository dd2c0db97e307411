// The device: a Pico on its board, connected to its world. The bench channel or the wall clock drives it.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Board } from '../parts/board.js';
import { Chip, FLASH_BYTES } from '../chip/chip.js';
import { flashOf } from '../chip/flash.js';
import { idOf, pair } from '../parts/keys.js';
import { PINS } from '../parts/table.js';
import { Power } from './power.js';
import { World } from './world.js';

const PROGRAM_US = 400;
const UNIQUE_ID = [0xe6, 0x61, 0x38, 0x52, 0x83, 0x00, 0x00];
const MS = 1e6;
const QUIET_NANOS = 3 * MS; // without traffic for this long while asleep, the device has sent its whole answer
const LONGEST_SETTLE_MS = 50;

export class Device {
  /** This device takes over memory and translated code of the one `before`, which was closed. */
  constructor(options, log, before) {
    this.options = options;
    const flash = new Uint8Array(FLASH_BYTES);
    if (options.flash && existsSync(options.flash)) flash.set(readFileSync(options.flash).subarray(0, FLASH_BYTES));
    else flashOf(readFileSync(options.image), options.image, flash);
    if (options.key) pair(flash, options.key);
    this.world = new World(options.seed, options.settings);
    this.board = new Board(this.world, options.parts);
    this.world.takeSteps = () => this.board.steps.take(this.world.aheadMs);
    this.onLink = () => {};
    this.connections = 0;
    this.chip = new Chip(flash, {
      flashTimes: { eraseMs: options.eraseMs, programUs: PROGRAM_US },
      seed: options.seed,
      uniqueId: options.key ? idOf(options.key) : [...UNIQUE_ID, options.seed & 255],
      report: log,
      onBuilt: (chip) => this.attach(chip),
    }, before?.chip);
    this.power = new Power(this);
  }

  attach(chip) {
    this.board.attach(chip);
    chip.usb.onConnect = () => (this.connections += 1);
    if (this.options.link === 'usb') {
      chip.usb.onData = (bytes) => this.onLink(bytes);
    } else {
      chip.wires[PINS.linkUart].onSent = (byte) => {
        this.lastUartNanos = chip.clock.nanos;
        this.onLink([byte]);
      };
    }
  }

  get ms() {
    return this.chip.nanos / MS;
  }

  send(bytes) {
    if (this.options.link === 'usb') {
      this.chip.usb.send(bytes);
      return;
    }
    for (const byte of bytes) this.chip.wires[PINS.linkUart].receive(byte);
  }

  run(ms) {
    this.chip.runUntil(this.chip.nanos + ms * MS);
  }

  isQuiet() {
    const { chip } = this;
    if (!chip.core.waiting || chip.usb.busy(QUIET_NANOS)) return false;
    return this.options.link === 'usb' || (!chip.wires[PINS.linkUart].busy && chip.nanos - (this.lastUartNanos ?? 0) > QUIET_NANOS);
  }

  /** Runs until the device has read what was sent to it and has answered: it sleeps and the link is quiet; 50 ms at most. */
  settle() {
    for (let ms = 0; ms < LONGEST_SETTLE_MS && !this.isQuiet(); ms++) this.run(1);
  }

  /** Executes an action of the board or of the power; null for any other action. */
  do(action, number) {
    const { board } = this;
    const actions = {
      button_down: () => board.press(true),
      button_up: () => board.press(false),
      supply_mv: () => (board.parts.supply = number ?? 5000),
      driver_power_off: () => (board.driver.variant = 'no_power'),
      driver_power_on: () => {
        board.driver.variant = 'tmc2209';
        board.driver.powerOn();
      },
      driver_reset: () => board.driver.powerOn(),
      driver_flips: () => (board.driver.flips = number ?? 0),
      driver_late: () => (board.driver.late = number ?? 0),
      driver_weak: () => (board.driver.weak = number ?? 0),
      driver_faults: () => (board.driver.faults = number ?? 0),
      bus_sda: () => board.busHold.sda(number ?? 0),
      bus_sda_next: () => board.busHold.arm(number ?? 0),
      bus_sda_stays: () => board.busHold.sdaStays(),
      bus_scl: () => board.busHold.scl(number ?? 0),
      bus_scl_next: () => board.busHold.armScl(number ?? 0),
      bus_scl_next_stays: () => board.busHold.armScl(number ?? 0, 0),
      bus_works: () => board.busHold.works(),
      level_wire_off: () => (board.parts.level = 'missing'),
      level_wire_on: () => (board.parts.level = 'works'),
    };
    if (!Object.hasOwn(actions, action)) return this.power.do(action, number);
    actions[action]();
    return { ok: true };
  }

  /** Ends the device; saves the flash for the next start if `--flash` names a file. */
  close() {
    this.world.close();
    if (this.options.flash) writeFileSync(this.options.flash, this.chip.flash);
  }
}

// An RP2040 that runs an image: corrected peripherals of the rp2040js package; core, clock and boot ROM of this project.

import { Core } from '../cpu/core.js';
import { RP2040 } from '../rp2040js.js';
import { BootRom } from './rom/bootrom.js';
import { Clock } from './clock.js';
import { Flash } from './flash.js';
import { I2cBus } from './i2c.js';
import { mailbox } from './mailbox.js';
import { Pads } from './pads.js';
import { PioClock } from './pio.js';
import { FlashPort, Plain, QspiPins } from './qspi.js';
import { Rosc } from './rosc.js';
import { Timer } from './timer.js';
import { UsbHost } from './usb.js';
import { REASON_TIMER, Watchdog } from './watchdog.js';
import { Wire } from './uart.js';

export const FLASH_BYTES = 2 * 1024 * 1024;
const RAM_BYTES = 264 * 1024;
const BOOT_STAGE_2 = 0x10000000;
const STACK = 0x20041f00;
const CHIP_RESET = 8;
// Flags of CHIP_RESET, which the watchdog's resets don't change. After 'bootsel' the board was plugged in with BOOTSEL held.
const HAD = { power: 0x100, pin: 0x10000, bootsel: 0x100 };
const LOGGER = { debug() {}, info() {}, warn() {}, error() {} };

export class Chip {
  /**
   * `flash` is the content of the flash chip, `options` are {flashTimes, seed, report(text), onBuilt(chip)}. This chip takes over
   * the memory and the translated code of the one `before`, which has ended.
   */
  constructor(flash, options, before) {
    this.flash = before?.flash ?? flash;
    this.options = options;
    this.report = options.report;
    this.sram = before?.sram ?? new Uint8Array(RAM_BYTES);
    this.clock = new Clock();
    this.outside = new Array(30).fill(undefined);
    this.kept = { scratch: new Uint32Array(8), reason: 0, watchdogFault: '', chipReset: HAD.power };
    this.pendingReset = '';
    this.resets = [];
    this.rosc = new Rosc(options.seed);
    this.bootrom = new BootRom(this);
    this.core = before?.core ?? null;
    this.flashPart = new Flash(this, options.flashTimes, options.seed);
    if (before) this.core.adopt(this, flash);
    this.build();
  }

  build() {
    this.clock.clear();
    this.mcu = new RP2040(this.clock);
    this.mcu.logger = this.options.logger ?? LOGGER;
    this.useMemory();
    this.core ??= new Core(this);
    const { core } = this;
    core.reset(this.mcu);
    this.clock.adopt(core);
    this.mcu.core = core;
    this.mcu.addClockListener((hertz) => {
      this.clock.setFrequency(hertz);
      core.stop(); // the remaining time is now another number of cycles
    });
    this.replacePeripherals();
    core.PC = BOOT_STAGE_2;
    core.SP = STACK;
    core.LR = 0;
    this.options.onBuilt?.(this);
  }

  useMemory() {
    const { mcu, flash, sram } = this;
    mcu.flash = flash;
    mcu.flash16 = new Uint16Array(flash.buffer);
    mcu.flashView = new DataView(flash.buffer);
    mcu.sram = sram;
    mcu.sramView = new DataView(sram.buffer);
    mcu.bootrom = new Uint32Array(this.bootrom.image.buffer);
  }

  replacePeripherals() {
    const { mcu } = this;
    const port = new FlashPort(mcu, this.options.uniqueId);
    this.watchdog = new Watchdog(this, this.kept);
    mcu.peripherals[0x18000] = port;
    mcu.peripherals[0x40018] = new QspiPins(mcu, port);
    mcu.peripherals[0x40054] = new Timer(this);
    mcu.peripherals[0x40058] = this.watchdog;
    mcu.peripherals[0x40060] = this.rosc.attach(mcu);
    mcu.peripherals[0x40064] = new Plain(mcu, 'VREG_AND_CHIP_RESET', { [CHIP_RESET]: this.kept.chipReset });
    mcu.peripherals[0x14000] = new Plain(mcu, 'XIP_CTRL', { 0: 3, 8: 2 });
    mailbox(mcu);
    // The tone is read from the registers; edges of the pin would cost time while the device sleeps.
    for (const channel of mcu.pwm.channels) {
      for (const alarm of [channel.alarmA, channel.alarmB, channel.alarmBottom]) alarm.enable = false;
    }
    this.wires = mcu.uart.map((uart) => new Wire(this, uart));
    this.pio = mcu.pio.map((pio) => new PioClock(this, pio));
    this.pads = new Pads(this);
    this.buses = mcu.i2c.map((i2c, i) => new I2cBus(this, i2c, i));
    this.usb = new UsbHost(this);
  }

  // ---- time --------------------------------------------------------------------------------------------------------

  /** Device time since the first power-on, in nanoseconds; resets don't set it back. */
  get nanos() {
    return this.clock.nanos;
  }

  get asleepCycles() {
    return this.core.asleepCycles;
  }

  get wakeups() {
    return this.core.wakeups;
  }

  /** Runs until device time is `nanos` or until `stop`. */
  runUntil(nanos) {
    this.stopAsked = false;
    while (!this.stopAsked) {
      if (this.pendingReset) this.reset();
      this.core.run(this.clock.cycleOf(nanos));
      if (!this.pendingReset && this.clock.nanos >= nanos - 1e-3) return;
    }
  }

  stop() {
    this.stopAsked = true;
    this.core.stop();
  }

  // ---- resets ------------------------------------------------------------------------------------------------------

  /** Asks for a reset: 'watchdog', 'software', 'pin', 'power', or 'bootsel'. It is carried out when the core has stopped. */
  requestReset(kind) {
    this.pendingReset = kind;
    this.core.stop();
  }

  reset() {
    const kind = this.pendingReset;
    this.pendingReset = '';
    this.resets.push({ kind, nanos: this.nanos });
    if (kind in HAD) {
      this.kept.scratch.fill(0);
      // The boot ROM restarts the chip by the watchdog's timer, with 0 in scratch 4 (pico-bootrom-rp2040, runtime.c).
      this.kept.reason = kind === 'bootsel' ? REASON_TIMER : 0;
      this.kept.chipReset = HAD[kind];
    }
    if (kind === 'power' || kind === 'bootsel') this.sram.fill(0);
    if (kind === 'watchdog') this.core.release();
    this.build();
  }
}

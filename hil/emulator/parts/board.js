// The board: every part on its pins. The parts stay the same when the chip is reset.

import { Annunciator } from './annunciator.js';
import { BusHold } from './bus_hold.js';
import { Pressure } from './pressure.js';
import { PINS } from './table.js';
import { Steps } from './steps.js';
import { Tmc2209 } from './tmc2209.js';

const REFERENCE_MV = 3300;
const FULL_NL = 25e6;
const LEVEL_KEEPS_NANOS = 5e6; // a driver takes many samples in a row; they get one value from the world
const DIE_CENTI_C = 3200;
const BUZZER_SLICE = 7;
const OPEN_MV = 11; // 1 µA, the highest leakage of a pin (RP2040 data sheet, 5.2.3), in 10 kΩ and 1 kΩ

export class Board {
  /** `world` answers ask(word, nanos) and askAhead; `parts` are the chosen variants. */
  constructor(world, parts) {
    this.world = world;
    this.parts = parts;
    this.chip = null;
    this.annunciator = new Annunciator();
    this.driver = new Tmc2209(parts.driver, () => this.driverPins());
    const enabled = () => this.level(PINS.enable) === 0;
    const turns = () => enabled() && !(parts.driver === 'tmc2209' && this.driver.stalls);
    this.steps = new Steps({ enabled, turns, reverse: () => this.level(PINS.direction) === 1 });
    this.busHold = new BusHold();
    this.buttonDown = false;
    this.supplyReads = 0;
    this.levelNanos = -Infinity;
    this.levelValue = 0;
    this.pressure = null;
  }

  level(pin) {
    return this.chip.pads.level(pin);
  }

  /** Connects the parts to a chip after its reset. */
  attach(chip) {
    this.chip = chip;
    const { pads, mcu, clock } = chip;
    pads.hold(PINS.enable, this.parts.enable_pull_up === 'fitted' ? 1 : undefined, false);
    pads.hold(PINS.jumper, this.parts.jumper === 'set' ? 0 : undefined);
    pads.hold(PINS.diagnose, 0);
    this.press(this.buttonDown);
    pads.watch(PINS.step, (level) => level && this.steps.edge(clock.nanos, clock.nanosPerCycle));
    for (const [name, pin] of [['red', PINS.red], ['yellow', PINS.yellow]]) {
      pads.watch(pin, (level) => this.annunciator.set(name, level, clock.nanos));
      this.annunciator.set(name, pads.level(pin), clock.nanos);
    }
    this.annunciator.set('tone', 0, clock.nanos);
    this.driver.attach(chip, chip.wires[PINS.driverUart]);
    this.attachBus();
    this.attachPressure();
    this.attachConverter(mcu.adc);
    this.listenToBuzzer(mcu.pwm);
  }

  attachBus() {
    const bus = this.chip.buses[PINS.i2c];
    bus.connectPins(PINS.sda, PINS.scl);
    bus.onByte = (nanos) => this.busHold.byteBegins(nanos);
    bus.onTransferEnd = () => this.busHold.transferEnds();
    this.busHold.attach(this.chip, PINS.sda, PINS.scl);
  }

  attachPressure() {
    const { chip, world } = this;
    const before = this.pressure;
    this.pressure = new Pressure(chip.clock, () => world.askAhead('p', chip.nanos), () => world.pressureIsOff);
    if (before) Object.assign(this.pressure, { stuck: before.stuck, noise: before.noise, conversions: before.conversions });
    if (this.parts.pressure !== 'missing') this.chip.buses[PINS.i2c].add(this.parts.pressureAddress, this.pressure);
  }

  attachConverter(adc) {
    adc.onADCRead = (channel) => {
      adc.channelValues[channel] = this.convert(channel);
      adc.currentChannel = channel;
      adc.sampleAlarm.schedule(adc.sampleTime * 1000);
    };
  }

  convert(channel) {
    const counts = (millivolts) => Math.max(0, Math.min(4095, Math.round((millivolts * 4096) / REFERENCE_MV)));
    if (channel === PINS.levelChannel) return counts(this.levelMillivolts());
    if (channel === PINS.supplyChannel) return counts(this.parts.supply / 3) + this.supplyNoise();
    if (channel === PINS.temperatureChannel) return counts(706 - ((DIE_CENTI_C - 2700) / 100) * 1.721);
    return 0;
  }

  /** A count up and down in turn: the pump takes a value that stands still for a converter that does. */
  supplyNoise() {
    this.supplyReads += 1;
    return (this.supplyReads % 3) - 1;
  }

  levelMillivolts() {
    if (this.parts.level === 'shorted') return REFERENCE_MV;
    if (this.parts.level === 'missing') return this.openMillivolts();
    const now = this.chip.nanos;
    if (now - this.levelNanos > LEVEL_KEEPS_NANOS) {
      this.levelNanos = now;
      const answer = this.world.ask('l', now);
      this.levelValue = answer === 'x' ? this.openMillivolts() : (Number(answer) * REFERENCE_MV) / FULL_NL;
    }
    return this.levelValue;
  }

  /** A broken wire: the resistor to ground discharges the capacitor at the pin; without it the last voltage stays there. */
  openMillivolts() {
    return this.parts.level_pull_down === 'fitted' ? OPEN_MV : this.levelValue;
  }

  listenToBuzzer(pwm) {
    const { writeUint32 } = pwm;
    const channel = pwm.channels[BUZZER_SLICE];
    pwm.writeUint32 = (offset, value) => {
      writeUint32.call(pwm, offset, value);
      const on = (channel.csr & 1) === 1 && channel.cc >>> 16 > 0;
      this.annunciator.set('tone', Number(on), this.chip.nanos);
    };
  }

  driverPins() {
    return this.level(PINS.enable) | (this.level(PINS.step) << 7) | (this.level(PINS.direction) << 9) | 0x40;
  }

  press(down) {
    this.buttonDown = down;
    this.chip.pads.hold(PINS.button, down ? 0 : undefined);
  }
}

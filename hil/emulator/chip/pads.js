// Levels of the pins, from the chip's outputs, the parts outside and the pull resistors.

import { GPIOPinState } from '../rp2040js.js';

export class Pads {
  constructor(chip) {
    this.chip = chip;
    this.gpio = chip.mcu.gpio;
    this.outside = chip.outside; // by pin: undefined for nothing, {level, strong}
    this.levels = 0;
    this.beganNanos = chip.nanos;
    this.drivenNanos = this.gpio.map(() => -1); // time from the chip's last reset until it first drove the pin
    this.watchers = this.gpio.map(() => []);
    this.gpio.forEach((pin, i) => {
      pin.addListener(() => this.update(i));
      pin.refreshInput = () => {}; // the package would produce an edge each time a pad is set up
      this.update(i, true);
    });
    // Called at every read of SIO GPIO_IN and by the PIO's `in pins`.
    Object.defineProperty(chip.mcu, 'gpioValues', { get: () => this.levels });
  }

  level(i) {
    return (this.levels >>> i) & 1;
  }

  isDriven(i) {
    return this.gpio[i].value === GPIOPinState.High || this.gpio[i].value === GPIOPinState.Low;
  }

  /** Calls `listener(level)` when the pin changes. */
  watch(i, listener) {
    this.watchers[i].push(listener);
  }

  /** A part outside sets the pin to `level`; the chip overrides a weak one (a pull resistor). */
  hold(i, level, strong = true) {
    this.outside[i] = level === undefined ? undefined : { level, strong };
    this.update(i);
  }

  resolve(i) {
    const part = this.outside[i];
    if (part && part.strong) return part.level;
    switch (this.gpio[i].value) {
      case GPIOPinState.High: return 1;
      case GPIOPinState.Low: return 0;
      default:
        if (part) return part.level;
        if (this.gpio[i].value === GPIOPinState.InputPullUp) return 1;
        return this.gpio[i].value === GPIOPinState.InputBusKeeper ? this.level(i) : 0;
    }
  }

  update(i, first = false) {
    if (this.drivenNanos[i] < 0 && this.isDriven(i)) this.drivenNanos[i] = this.chip.nanos - this.beganNanos;
    const level = this.resolve(i);
    if (level === this.level(i) && !first) return;
    this.levels = level ? this.levels | (1 << i) : this.levels & ~(1 << i);
    this.gpio[i].setInputValue(level === 1);
    if (this.chip.pio) for (const block of this.chip.pio) block.pinChanged(i);
    for (const listener of this.watchers[i]) listener(level);
  }
}

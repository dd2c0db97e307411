// Lights and buzzer as a person takes them in: which pattern of IEC 60601-1-8 is shown, from the pins' last changes.

const NONE = 0;
const LOW = 1;
const MEDIUM = 2;
const HIGH = 3;
const RED_PERIOD_NANOS = 600e6; // it blinks at 2 Hz
const YELLOW_PHASE_NANOS = 800e6; // 0.67 Hz
const BURST_GAP_NANOS = 1e9;
const SHORT_PULSE_NANOS = 175e6; // a high burst has pulses of 150 ms, the others of 200
const REPEAT_NANOS = { [HIGH]: 6e9, [MEDIUM]: 11.5e9, [LOW]: 31.5e9 };

class Lamp {
  constructor() {
    this.on = false;
    this.roseNanos = -Infinity;
    this.fellNanos = -Infinity;
  }

  set(level, nanos) {
    if (level === 1 && !this.on) this.roseNanos = nanos;
    if (level === 0 && this.on) this.fellNanos = nanos;
    this.on = level === 1;
  }
}

export class Annunciator {
  constructor() {
    this.red = new Lamp();
    this.yellow = new Lamp();
    this.buzzer = new Lamp();
    this.pulses = []; // lengths of the present burst
    this.tonePriority = NONE;
  }

  /** Priority that the lights show at `now`. */
  light(now) {
    if (this.red.on || now - this.red.fellNanos < RED_PERIOD_NANOS) return HIGH;
    const { yellow } = this;
    if (!yellow.on) return now - yellow.fellNanos < YELLOW_PHASE_NANOS ? MEDIUM : NONE;
    const blinks = yellow.roseNanos - yellow.fellNanos < YELLOW_PHASE_NANOS;
    return blinks && now - yellow.roseNanos < YELLOW_PHASE_NANOS ? MEDIUM : LOW;
  }

  sound(on, nanos) {
    const was = this.buzzer.on;
    if (on && !was && nanos - this.buzzer.fellNanos > BURST_GAP_NANOS) this.pulses = [];
    this.buzzer.set(on ? 1 : 0, nanos);
    if (was && !on) this.pulses.push(nanos - this.buzzer.roseNanos);
    if (this.pulses.length) this.tonePriority = this.judge();
  }

  judge() {
    if (this.pulses[0] < SHORT_PULSE_NANOS) return HIGH;
    return this.pulses.length > 2 ? MEDIUM : LOW;
  }

  /** Priority that was last heard, until its next burst is overdue. */
  tone(now) {
    if (this.buzzer.on && !this.pulses.length) return HIGH;
    const since = now - Math.max(this.buzzer.roseNanos, this.buzzer.fellNanos);
    return this.tonePriority && since < REPEAT_NANOS[this.tonePriority] ? this.tonePriority : NONE;
  }
}

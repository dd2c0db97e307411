// Device time: the cycles of the core in nanoseconds, and the alarms of the peripherals in order of time.

class Alarm {
  constructor(clock, callback) {
    this.clock = clock;
    this.callback = callback;
    this.nanos = 0;
    this.next = null;
    this.scheduled = false;
  }

  schedule(deltaNanos) {
    if (this.scheduled) this.cancel();
    this.clock.insert(this, this.clock.nanos + deltaNanos);
  }

  cancel() {
    if (this.scheduled) this.clock.remove(this);
  }
}

export class Clock {
  constructor() {
    this.cpu = null;
    this.head = null;
    this.nanosPerCycle = 8;
    this.baseCycle = 0;
    this.baseNanos = 0;
    this.ringing = -1; // while an alarm runs, the time it was set for: the core may be some cycles later
  }

  get nanos() {
    if (this.ringing >= 0) return this.ringing;
    return this.cpu ? this.baseNanos + (this.cpu.cycles - this.baseCycle) * this.nanosPerCycle : this.baseNanos;
  }

  get micros() {
    return this.nanos / 1000;
  }

  /** Changes the system clock. */
  setFrequency(hertz) {
    this.ringing = -1;
    const nanos = this.nanos;
    this.baseNanos = nanos;
    this.baseCycle = this.cpu.cycles;
    this.nanosPerCycle = 1e9 / hertz;
    this.cpu.kick();
  }

  /** Continues with another core, after a reset. */
  adopt(cpu) {
    this.ringing = -1;
    const nanos = this.nanos;
    this.cpu = cpu;
    this.baseNanos = nanos;
    this.baseCycle = cpu.cycles;
    this.nanosPerCycle = 8;
  }

  createAlarm(callback) {
    return new Alarm(this, callback);
  }

  insert(alarm, nanos) {
    alarm.nanos = nanos;
    let before = null;
    let after = this.head;
    while (after && after.nanos <= nanos) {
      before = after;
      after = after.next;
    }
    alarm.next = after;
    if (before) before.next = alarm;
    else this.head = alarm;
    alarm.scheduled = true;
    if (!before && this.cpu && this.cycleOf(nanos) < this.cpu.deadline) this.cpu.kick();
  }

  remove(alarm) {
    alarm.scheduled = false;
    if (this.head === alarm) {
      this.head = alarm.next;
      return;
    }
    let item = this.head;
    while (item && item.next !== alarm) item = item.next;
    if (item) item.next = alarm.next;
  }

  /** Removes all alarms, as their peripherals no longer exist. */
  clear() {
    for (let item = this.head; item; item = item.next) item.scheduled = false;
    this.head = null;
  }

  cycleOf(nanos) {
    return this.baseCycle + Math.ceil((nanos - this.baseNanos) / this.nanosPerCycle);
  }

  nextCycle() {
    return this.head ? this.cycleOf(this.head.nanos) : Infinity;
  }

  /** Runs all alarms that are due. */
  fire() {
    let alarm = this.head;
    if (!alarm) return;
    const nanos = this.nanos;
    while (alarm && alarm.nanos <= nanos) {
      this.head = alarm.next;
      alarm.scheduled = false;
      this.ringing = alarm.nanos;
      alarm.callback();
      this.ringing = -1;
      alarm = this.head;
    }
  }
}

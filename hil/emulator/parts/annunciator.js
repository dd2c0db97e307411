// Lights and buzzer for the bench: the levels of three outputs, and the times of their last changes.

const KEPT = 512; // changes, enough for a minute of a high-priority alarm
const MS = 1e6;

export class Annunciator {
  constructor() {
    this.on = { red: 0, yellow: 0, tone: 0 };
    this.changes = []; // [ms since power-on, name, 0 or 1], oldest first
  }

  set(name, level, nanos) {
    const on = level === 1 ? 1 : 0;
    if (on === this.on[name]) return;
    this.on[name] = on;
    this.changes.push([Math.floor(nanos / MS), name, on]);
    if (this.changes.length > KEPT) this.changes.shift();
  }
}

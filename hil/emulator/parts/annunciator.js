// Lights and buzzer as a bench sees them: the levels of three outputs, and when each last changed.

const KEPT = 512; // changes; the last minute of the busiest alarm
const MS = 1e6;

export class Annunciator {
  constructor() {
    this.on = { red: 0, yellow: 0, tone: 0 };
    this.changes = []; // [ms since power-on, name, 0 or 1], the oldest first
  }

  set(name, level, nanos) {
    const on = level === 1 ? 1 : 0;
    if (on === this.on[name]) return;
    this.on[name] = on;
    this.changes.push([Math.floor(nanos / MS), name, on]);
    if (this.changes.length > KEPT) this.changes.shift();
  }
}

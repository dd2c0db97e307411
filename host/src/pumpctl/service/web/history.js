// What a pump has reported over its own time: pressure, delivered and programmed volume, both estimates of the reservoir.
// "Programmed" and "delivered" count the steps between two reports in which the pump was infusing at one rate, as the
// report of a session does (session/curves.py gives the same for reports that were recorded).

import { STATES } from './defs.js';
import { Column, Series } from './series.js';

const DAY_MS = 86_400_000;
const LONGEST_STEP_MS = 60_000; // over a longer one it is not known what was programmed, unless nothing was logged meanwhile
const GAP = 10; // times the step before, and over LONGEST_STEP_MS: the curve is interrupted
const MOST_MARKS = 4; // strokes between two reports that are marked
const INFUSING = Number(Object.keys(STATES).find((number) => STATES[number].name === 'infusing'));

const known = (value, unit) => (value === null || value === undefined ? NaN : value / unit);

export class History {
  times = new Column(); // seconds of the pump's time since the first report
  strokes = new Column(); // times of the strokes
  pressure = new Series(); // kPa
  delivered = new Series(); // mL, as the next three
  programmed = new Series();
  ledger = new Series();
  level = new Series();
  #programmedMl = 0;
  #deliveredMl = 0;
  #boot = null;
  #baseMs = 0; // of this start of the pump, on the axis
  #last = null; // the last status, for steps
  #lastMs = 0;
  #stepMs = 0;
  #strokeCount = null;
  #strokeInMs = null;

  get length() {
    return this.times.length;
  }

  get endS() {
    return this.length ? this.times.values[this.length - 1] : 0;
  }

  /** Adds a status. One from before the last is another pump's, or that of a new log: the history begins again. */
  add(status) {
    const ms = status.uptime_s * 1000 + status.uptime_ms;
    if (status.boot === this.#boot && ms === this.#lastMs) return;
    if (!this.#isNewer(status.boot, ms)) this.clear();
    const last = this.#last;
    if (last && last.boot === status.boot && last.state === INFUSING && status.state === INFUSING
        && last.rate_ul_day === status.rate_ul_day) {
      const stepMs = ms - last.ms;
      if (stepMs <= LONGEST_STEP_MS || last.log_next === status.log_next) {
        this.#programmedMl += (status.rate_ul_day * stepMs) / DAY_MS / 1000;
        this.#deliveredMl += (status.book_ul - last.book_ul) / 1e3 + (status.book_pl - last.book_pl) / 1e9;
      }
    }
    this.#last = { ...status, ms };
    this.#place(status.boot, ms);
    this.#mark(status.strokes, status.stroke_in_ms);
    this.#push(known(status.pressure_pa, 1000), known(status.ledger_nl, 1e6), known(status.level_nl, 1e6));
  }

  /** Returns whether a status is newer than the last. */
  isNewer(status) {
    return this.#isNewer(status.boot, status.uptime_s * 1000 + status.uptime_ms);
  }

  /** Adds a part of the recorded reports: a row of /api/v1/sessions/NAME/curves. */
  addPart([, , boot, firstMs, lastMs, programmedUlDayMs, deliveredPl, strokes, strokeInMs, ...extremes]) {
    if (!this.#isNewer(boot, lastMs)) return;
    const [ledgerLow, ledgerHigh, levelLow, levelHigh, pressureLow, pressureHigh] = extremes;
    this.#last = null;
    if (lastMs > firstMs) {
      this.#place(boot, firstMs);
      this.#push(known(pressureLow, 1000), known(ledgerHigh, 1e6), known(levelHigh, 1e6));
    }
    this.#programmedMl += (programmedUlDayMs ?? 0) / DAY_MS / 1000;
    this.#deliveredMl += (deliveredPl ?? 0) / 1e9;
    this.#place(boot, lastMs);
    this.#mark(strokes, strokeInMs);
    this.#push(known(pressureHigh, 1000), known(ledgerLow, 1e6), known(levelLow, 1e6));
  }

  clear() {
    for (const column of [this.times, this.strokes, ...this.#series()]) column.clear();
    [this.#boot, this.#last, this.#strokeCount, this.#strokeInMs] = [null, null, null, null];
    [this.#programmedMl, this.#deliveredMl, this.#stepMs] = [0, 0, 0];
  }

  /** Interrupts the curves: something may be missing here. */
  interrupt() {
    if (!this.length || Number.isNaN(this.ledger.at(this.length - 1))) return;
    this.times.push(this.endS);
    for (const series of this.#series()) series.push(NaN);
  }

  #series() {
    return [this.pressure, this.delivered, this.programmed, this.ledger, this.level];
  }

  #isNewer(boot, ms) {
    return this.#boot === null || boot > this.#boot || (boot === this.#boot && ms > this.#lastMs);
  }

  /** Moves to a time; a new start of the pump follows the last report of the one before. */
  #place(boot, ms) {
    if (boot !== this.#boot) {
      if (this.#boot !== null) this.interrupt();
      this.#baseMs = this.endS * 1000 - (this.#boot === null ? ms : 0);
      this.#strokeInMs = null;
    } else {
      const stepMs = ms - this.#lastMs;
      if (this.#stepMs && stepMs > Math.max(LONGEST_STEP_MS, GAP * this.#stepMs)) this.interrupt();
      this.#stepMs = stepMs;
    }
    this.#boot = boot;
    this.#lastMs = ms;
  }

  #push(pressure, ledger, level) {
    this.times.push((this.#baseMs + this.#lastMs) / 1000);
    this.pressure.push(pressure);
    this.ledger.push(ledger);
    this.level.push(level);
    this.programmed.push(this.#programmedMl);
    this.delivered.push(this.#deliveredMl);
  }

  /** Marks the strokes since the last report: the first at the time that was announced, more of them evenly after it. */
  #mark(count, nextInMs) {
    const made = this.#strokeCount === null ? 0 : count - this.#strokeCount;
    if (made > 0 && made <= MOST_MARKS && this.#strokeInMs !== null) {
      const nowS = (this.#baseMs + this.#lastMs) / 1000;
      const firstS = Math.min(nowS, this.endS + this.#strokeInMs / 1000);
      for (let at = 0; at < made; at++) this.strokes.push(firstS + ((nowS - firstS) * at) / made);
    }
    this.#strokeCount = count;
    this.#strokeInMs = nextInMs ?? null;
  }
}

// Collects the edges of the STEP pin into strokes, and passes them to the world before each request.

const STROKE_GAP_NANOS = 50e6; // a pause of this length, or of twice the last interval, ends a stroke
const UNKNOWN_INTERVAL_US = 2000;
const MOST_INTERVALS = 1000;

export class Steps {
  constructor(pins) {
    this.pins = pins; // {enabled(), turns(), reverse()}
    this.counted = 0;
    this.unpowered = 0;
    this.strokes = 0;
    this.pending = []; // [nanos, reverse] of edges that were not sent to the world yet
    this.interval = 0;
    this.lastNanos = -Infinity;
    this.reverse = false;
    this.edgeCycles = []; // of the last stroke: first edge and intervals, in cycles of the system clock
    this.startNanos = 0;
    this.starts = []; // us of the first edge of each stroke since the last `measure`
    this.worstCycles = 0; // largest deviation of an interval from the first one of its stroke since then
  }

  edge(nanos, nanosPerCycle) {
    this.counted += 1;
    const gap = nanos - this.lastSeenNanos;
    if (!(gap < STROKE_GAP_NANOS || gap < 2 * this.seenGap)) {
      this.strokes += 1;
      this.startNanos = nanos;
      this.starts.push(Math.round(nanos / 1000));
      this.edgeCycles = [];
      this.seenGap = 0;
    } else {
      this.seenGap = gap;
    }
    this.lastSeenNanos = nanos;
    this.keep(Math.round(nanos / nanosPerCycle));
    if (!this.pins.turns()) {
      this.unpowered += 1;
      return;
    }
    this.pending.push([nanos, this.pins.reverse()]);
  }

  keep(cycle) {
    const edges = this.edgeCycles;
    if (edges.length < MOST_INTERVALS) edges.push(cycle);
    if (edges.length < 3) return;
    const gap = edges[edges.length - 1] - edges[edges.length - 2];
    this.worstCycles = Math.max(this.worstCycles, Math.abs(gap - (edges[1] - edges[0])));
  }

  /** Whether a motion is in progress: the coils have current, and the next step is not overdue. */
  moving(nanos) {
    const gap = this.seenGap || UNKNOWN_INTERVAL_US * 1000;
    return this.pins.enabled() && nanos - this.lastSeenNanos < 2 * gap;
  }

  /** {stroke_starts_us, jitter_cycles} since the last call. */
  measure() {
    const measured = { stroke_starts_us: this.starts, jitter_cycles: this.worstCycles };
    this.starts = [];
    this.worstCycles = 0;
    return measured;
  }

  /** Lines for the world, `aheadMs` later: "m <ms> <steps> <interval us>" begins a motion, "c <ms> <steps>" extends it. */
  take(aheadMs) {
    const lines = [];
    let at = 0;
    while (at < this.pending.length) {
      const [first, reverse] = this.pending[at];
      const gap = first - this.lastNanos;
      const goesOn = this.interval > 0 && reverse === this.reverse && gap < Math.max(STROKE_GAP_NANOS, 2 * this.interval);
      if (!goesOn) this.interval = this.intervalAt(at);
      const from = at;
      while (at < this.pending.length && this.belongs(at, from)) at += 1;
      const count = at - from;
      this.lastNanos = this.pending[at - 1][0];
      this.reverse = reverse;
      const startMs = Math.max(0, Math.floor((first - this.interval / 2) / 1e6)) + aheadMs;
      if (goesOn) lines.push(`c ${startMs} ${count}`);
      else lines.push(`m ${startMs} ${reverse ? -count : count} ${Math.round(this.interval / 1000)}`);
    }
    this.pending = [];
    return lines;
  }

  intervalAt(at) {
    const next = this.pending[at + 1];
    if (!next || next[0] - this.pending[at][0] > 1e9) return UNKNOWN_INTERVAL_US * 1000;
    return next[0] - this.pending[at][0];
  }

  belongs(at, from) {
    if (at === from) return true;
    const gap = this.pending[at][0] - this.pending[at - 1][0];
    return this.pending[at][1] === this.pending[from][1] && gap < Math.max(STROKE_GAP_NANOS, 2 * this.interval);
  }

  /** The last stroke: steps, the largest deviation of an interval from the first one, in cycles. */
  jitter() {
    const gaps = this.edgeCycles.slice(1).map((cycle, i) => cycle - this.edgeCycles[i]);
    const deviation = gaps.reduce((worst, gap) => Math.max(worst, Math.abs(gap - gaps[0])), 0);
    return { last_stroke_edges: this.edgeCycles.length, last_stroke_interval_cycles: gaps[0] ?? 0, last_stroke_jitter_cycles: deviation };
  }
}

// Values over time with the lowest and highest of each 16, 256, 4096, ... of them, so that any span is read at once.

const FAN = 16;

/** Numbers to which others are appended. */
export class Column {
  values = new Float64Array(1024);
  length = 0;

  push(value) {
    if (this.length === this.values.length) {
      const larger = new Float64Array(this.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  clear() {
    this.length = 0;
  }

  /** Returns the first place whose number is not below `value`, in an ascending column. */
  search(value) {
    let from = 0;
    let to = this.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.values[middle] < value) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

// NaN stands for an unknown value: the other one counts.
const lower = (a, b) => (a < b || b !== b ? a : b);
const higher = (a, b) => (a > b || b !== b ? a : b);

/** One curve; a value that is not known is NaN. */
export class Series {
  #raw = new Column();
  #levels = [{ low: this.#raw, high: this.#raw }];

  get length() {
    return this.#raw.length;
  }

  at(place) {
    return this.#raw.values[place];
  }

  push(value) {
    this.#raw.push(value);
    for (let level = 1, count = this.#raw.length; count % FAN === 0; level++, count /= FAN) {
      const below = this.#levels[level - 1];
      const here = (this.#levels[level] ??= { low: new Column(), high: new Column() });
      let low = NaN;
      let high = NaN;
      for (let place = count - FAN; place < count; place++) {
        low = lower(low, below.low.values[place]);
        high = higher(high, below.high.values[place]);
      }
      here.low.push(low);
      here.high.push(high);
    }
  }

  clear() {
    for (const { low, high } of this.#levels) {
      low.clear();
      high.clear();
    }
  }

  /** Returns the [lowest, highest] of the values from one place to before another; NaN where none is known. */
  extremes(from, to) {
    let low = NaN;
    let high = NaN;
    for (let level = 0; from < to; level++, from /= FAN, to /= FAN) {
      const { low: lows, high: highs } = this.#levels[level];
      while (from < to && (from % FAN || to - from < FAN)) {
        low = lower(low, lows.values[from]);
        high = higher(high, highs.values[from++]);
      }
      while (from < to && to % FAN) {
        low = lower(low, lows.values[--to]);
        high = higher(high, highs.values[to]);
      }
    }
    return [low, high];
  }
}

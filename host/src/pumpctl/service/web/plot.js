// A plot on a canvas: of all values in a column of pixels the lowest and highest are drawn, so that no peak is lost.

import { make, say } from './dom.js';
import { span } from './units.js';

const LEFT = 52; // pixels around the curves, for the numbers
const RIGHT = 10;
const TOP = 8;
const BOTTOM = 22;
const MARK = 6; // pixels, height of a mark
const MOST_MARKS = 400; // more can't be told apart
const DENSE = 2; // values in a column of pixels, from which on bars are drawn
const DASH = 10; // pixels

/** Returns ascending round numbers in a range, about `count` of them; `steps` are the lengths to choose from. */
export function ticks(low, high, count, steps = null) {
  const wanted = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = (steps ?? [1, 2, 5, 10].map((factor) => factor * power)).find((length) => length >= wanted) ?? wanted;
  const found = [];
  for (let at = Math.ceil(low / step); at * step <= high; at++) found.push(at * step);
  return found;
}

const MINUTE = 60;
const DAY = 86_400;
const TIME_STEPS = [1, 5, 10, 30, MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, 3600, 3 * 3600, 6 * 3600, DAY / 2, DAY,
  2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 91 * DAY, 364 * DAY];

/** Returns [time, text] of round times in a range, about `count` of them; a whole day by its number, others by the hour. */
export function timeTicks(fromS, toS, count) {
  return ticks(fromS, toS, count, TIME_STEPS).map((seconds) => {
    const [day, time] = span(seconds).split(', ');
    if (seconds % DAY === 0) return [seconds, day];
    return [seconds, toS - fromS > 10 * MINUTE ? time.slice(0, 5) : time];
  });
}

/** One plot. `curves` are {name, series, dashed}; `marks` is a column of times, or null. */
export class Plot {
  #times;
  #curves;
  #marks;
  #unit;
  #title;
  #canvas;
  #when;
  #values;

  constructor(title, unit, times, curves, marks = null) {
    [this.#title, this.#unit, this.#times, this.#curves, this.#marks] = [title, unit, times, curves, marks];
    this.#canvas = make('canvas', { role: 'img', tabIndex: 0 });
    this.#when = make('span');
    this.#values = curves.map(() => make('span'));
    const keys = curves.map(({ name, dashed }, at) => {
      const swatch = make('span', { className: `swatch curve-${at + 1}${dashed ? ' dashed' : ''}`, 'aria-hidden': 'true' });
      return make('span', {}, swatch, ` ${name} `, this.#values[at]);
    });
    this.element = make('figure', {}, this.#canvas, make('figcaption', {}, make('strong', {}, `${title} `), this.#when, ...keys));
  }

  get canvas() {
    return this.#canvas;
  }

  /** Returns the time at a place of the canvas, in pixels from its left edge. */
  timeAt(x, { fromS, toS }) {
    const width = this.#canvas.clientWidth - LEFT - RIGHT;
    return fromS + ((x - LEFT) / width) * (toS - fromS);
  }

  /** Draws the range, with a line at the time `cursorS` if it is not null. Draw all plots, then call `tell` of each. */
  draw(range, cursorS = null) {
    const context = this.#canvas.getContext('2d');
    const [width, height] = [this.#canvas.clientWidth, this.#canvas.clientHeight];
    const ratio = devicePixelRatio || 1;
    if (this.#canvas.width !== Math.round(width * ratio)) this.#canvas.width = Math.round(width * ratio);
    if (this.#canvas.height !== Math.round(height * ratio)) this.#canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const style = getComputedStyle(this.#canvas);
    const colours = this.#curves.map((_, at) => style.getPropertyValue(`--curve-${at + 1}`));
    const first = this.#times.search(range.fromS);
    const end = this.#times.search(range.toS);
    const box = { left: LEFT, top: TOP, width: width - LEFT - RIGHT, height: height - TOP - BOTTOM };
    const [low, high] = this.#limits(first, end);
    const x = (seconds) => box.left + ((seconds - range.fromS) / (range.toS - range.fromS)) * box.width;
    const y = (value) => box.top + (1 - (value - low) / (high - low)) * box.height;
    this.#drawAxes(context, style, box, range, [low, high], x, y);
    context.save();
    context.beginPath();
    context.rect(box.left, box.top, box.width, box.height);
    context.clip();
    this.#curves.forEach((curve, at) => {
      context.strokeStyle = context.fillStyle = colours[at];
      this.#drawCurve(context, curve, range, box, y);
    });
    this.#drawMarks(context, style, range, box, x);
    if (cursorS !== null) line(context, style.getPropertyValue('--faint'), x(cursorS), box.top, x(cursorS), box.top + box.height);
    context.restore();
  }

  #limits(first, end) {
    const found = this.#curves.map((curve) => curve.series.extremes(first, end)).filter(([low]) => low === low);
    if (!found.length) return [0, 1];
    const low = Math.min(...found.map((pair) => pair[0]));
    const high = Math.max(...found.map((pair) => pair[1]));
    const edge = (high - low) * 0.05 || Math.max(Math.abs(high) * 0.001, 1e-3);
    return [low - edge, high + edge];
  }

  #drawAxes(context, style, box, range, [low, high], x, y) {
    context.font = '12px system-ui, sans-serif';
    context.fillStyle = style.color;
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    const values = ticks(low, high, 4);
    const decimals = values.length > 1 ? Math.max(0, -Math.floor(Math.log10(values[1] - values[0]))) : 3;
    for (const value of values) {
      line(context, style.getPropertyValue('--line'), box.left, y(value), box.left + box.width, y(value));
      context.fillText(value.toFixed(Math.min(decimals, 6)), box.left - 6, y(value));
    }
    context.textAlign = 'center';
    for (const [seconds, text] of timeTicks(range.fromS, range.toS, Math.max(2, box.width / 90))) {
      line(context, style.getPropertyValue('--line'), x(seconds), box.top, x(seconds), box.top + box.height);
      const half = context.measureText(text).width / 2;
      context.fillText(text, Math.min(x(seconds), box.left + box.width + RIGHT - half), box.top + box.height + BOTTOM / 2);
    }
  }

  /** Draws a line from value to value, or where columns of pixels have several values each, a bar over all of them. */
  #drawCurve(context, curve, range, box, y) {
    const columnS = (range.toS - range.fromS) / box.width;
    const first = Math.max(0, this.#times.search(range.fromS) - 1); // the curve enters from the left
    const end = Math.min(this.#times.length, this.#times.search(range.toS) + 1);
    context.beginPath();
    if (end - first > DENSE * box.width) {
      this.#addBars(context, curve, [first, end], { ...range, columnS }, box, y);
      context.fill();
    } else {
      this.#addLine(context, curve.series, [first, end], { ...range, columnS }, box, y);
      context.setLineDash(curve.dashed ? [6, 4] : []);
      context.lineWidth = 1.5;
      context.stroke();
      context.setLineDash([]);
    }
  }

  #addLine(context, series, [first, end], { fromS, columnS }, box, y) {
    let isDown = false;
    for (let place = first; place < end; place++) {
      const value = series.at(place);
      const x = box.left + (this.#times.values[place] - fromS) / columnS;
      if (Number.isNaN(value)) isDown = false;
      else if (isDown) context.lineTo(x, y(value));
      else context.moveTo(x, y(value));
      isDown = !Number.isNaN(value);
    }
  }

  /** A bar reaches to the last value of the column before, so that the curve is whole; of a dashed curve some are left out. */
  #addBars(context, { series, dashed }, [first, end], { fromS, columnS }, box, y) {
    let before = NaN;
    for (let place = first; place < end;) {
      const column = Math.floor((this.#times.values[place] - fromS) / columnS);
      const next = Math.max(place + 1, Math.min(end, this.#times.search(fromS + (column + 1) * columnS)));
      const [low, high] = series.extremes(place, next);
      if (!Number.isNaN(low) && !(dashed && column % DASH >= DASH * 0.6)) {
        const top = y(before > high ? before : high);
        context.rect(box.left + column, top - 0.75, 1, Math.max(1.5, y(before < low ? before : low) - top + 1.5));
      }
      before = series.at(next - 1);
      place = next;
    }
  }

  #drawMarks(context, style, range, box, x) {
    if (!this.#marks) return;
    const [first, end] = [this.#marks.search(range.fromS), this.#marks.search(range.toS)];
    if (end - first > MOST_MARKS) return;
    const bottom = box.top + box.height;
    for (let at = first; at < end; at++) {
      const place = x(this.#marks.values[at]);
      line(context, style.getPropertyValue('--mark'), place, bottom - MARK, place, bottom, 2);
    }
  }

  /** Says in the legend, and to a screen reader, what the plot shows: the values at a time, null for the last. */
  tell(range, cursorS = null) {
    const at = cursorS === null ? this.#times.length - 1 : Math.min(this.#times.search(cursorS), this.#times.length - 1);
    const shown = (value) => (Number.isNaN(value) || value === undefined ? '–' : `${Number(value.toFixed(4))} ${this.#unit}`);
    say(this.#when, cursorS === null || at < 0 ? '' : `${span(this.#times.values[at])}: `);
    this.#curves.forEach(({ series }, index) => say(this.#values[index], at < 0 ? '–' : shown(series.at(at))));
    const [first, end] = [this.#times.search(range.fromS), this.#times.search(range.toS)];
    const summary = this.#curves.map(({ name, series }) => {
      const [low, high] = series.extremes(first, end);
      return `${name} from ${shown(low)} to ${shown(high)}`;
    });
    const label = `${this.#title}: ${summary.join('; ')}`;
    if (this.#canvas.getAttribute('aria-label') !== label) this.#canvas.setAttribute('aria-label', label);
  }
}

function line(context, colour, fromX, fromY, toX, toY, width = 1) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
  context.stroke();
}

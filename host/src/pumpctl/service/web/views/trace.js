// The pressure around the last strokes: the curves over the time since each stroke, and a row for each, as `pumpctl log trace`.
// At an alarm of the line the pump freezes them.

import { ALARMS } from '../defs.js';
import { make, say, section } from '../dom.js';
import { kpa } from '../units.js';

const [WIDTH, HEIGHT, MARGIN] = [600, 220, 40];
const DARKEST = 0.9; // opacity of the last stroke; earlier ones are lighter in proportion
const EVERY_MS = 2000; // at most, while strokes are made
const COLUMNS = ['stroke', 'samples', 'lowest', 'highest', 'last sample'];

const nameOf = (stroke) => (stroke ? `${stroke} before` : 'the last');

/** Returns the samples, [ms, Pa], by stroke, oldest stroke first; the last stroke is 0. */
export function byStroke(rows) {
  const found = new Map();
  for (const [stroke, ms, pa] of rows) {
    if (!found.has(stroke)) found.set(stroke, []);
    found.get(stroke).push([ms, pa]);
  }
  return found;
}

/** Returns the section. */
export function trace(pump, tools) {
  const picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': 'Pressure over the time since each stroke' });
  const body = make('tbody');
  const outcome = make('p', { role: 'status' });
  const head = make('tr', {}, ...COLUMNS.map((text) => make('th', { scope: 'col' }, text)));
  const table = make('table', {}, make('caption', {}, 'Line pressure by stroke'), make('thead', {}, head), body);
  const details = make('details', { ontoggle: read }, make('summary', {}, 'Show'), outcome, picture,
    make('div', { className: 'wide', tabIndex: 0, role: 'region', 'aria-label': 'Strokes' }, table));
  let shown = null; // strokes and alarm of what is shown
  let isReading = false;

  async function read() {
    const { status } = pump;
    const present = status && `${status.strokes} ${status.alarm}`;
    if (!details.open || isReading || !pump.connected || present === shown) return;
    isReading = true;
    try {
      const rows = [];
      let alarm = 0;
      for (let first = 0; first !== null;) {
        const answer = await pump.ask('trace', { first });
        rows.push(...answer.rows);
        ({ alarm, next: first } = answer);
      }
      show(byStroke(rows), alarm);
      shown = present;
    } catch (error) {
      say(outcome, `The trace can't be read: ${error.message}`);
    }
    setTimeout(() => { isReading = false; read(); }, EVERY_MS);
  }

  function show(strokes, alarm) {
    if (!strokes.size) say(outcome, 'There are no samples yet; they are taken around each stroke.');
    else say(outcome, alarm ? `Frozen by the alarm ${ALARMS[alarm]?.name ?? alarm}.` : 'Recorded with every stroke.');
    picture.replaceChildren(...(strokes.size ? curves([...strokes.values()]) : []));
    body.replaceChildren(...[...strokes].map(([stroke, samples]) => {
      const pressures = samples.map(([, pa]) => pa);
      const cells = [samples.length, kpa(Math.min(...pressures)), kpa(Math.max(...pressures)), kpa(pressures.at(-1))];
      return make('tr', {}, make('th', { scope: 'row' }, nameOf(stroke)), ...cells.map((cell) => make('td', {}, String(cell))));
    }));
  }

  tools.on(pump, 'status', read);
  return section('trace', 'Pressure around the last strokes', details);
}

/** Returns the elements of the picture: a curve for each stroke, and both axes' ends. */
function curves(strokes) {
  const all = strokes.flat();
  const [firstMs, lastMs] = ends(all.map(([ms]) => ms));
  const [lowPa, highPa] = ends(all.map(([, pa]) => pa));
  const x = (ms) => MARGIN + ((ms - firstMs) / (lastMs - firstMs)) * (WIDTH - 2 * MARGIN);
  const y = (pa) => HEIGHT - MARGIN / 2 - ((pa - lowPa) / (highPa - lowPa)) * (HEIGHT - MARGIN);
  const drawn = strokes.map((samples, at) => svg('polyline', {
    points: samples.map(([ms, pa]) => `${x(ms).toFixed(1)},${y(pa).toFixed(1)}`).join(' '),
    'stroke-opacity': (DARKEST * (at + 1)) / strokes.length,
  }));
  const text = (words, left, top, anchor) => Object.assign(svg('text', { x: left, y: top, 'text-anchor': anchor }), { textContent: words });
  return [
    ...drawn,
    text(kpa(highPa), 0, 12, 'start'), text(kpa(lowPa), 0, HEIGHT - MARGIN / 2, 'start'),
    text(`${(firstMs / 1000).toFixed(1)} s`, MARGIN, HEIGHT - 2, 'start'),
    text(`${(lastMs / 1000).toFixed(1)} s since the stroke`, WIDTH, HEIGHT - 2, 'end'),
  ];
}

/** Returns the least and the largest number, which differ. */
function ends(numbers) {
  const least = Math.min(...numbers);
  return [least, Math.max(least + 1, ...numbers)];
}

function svg(tag, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

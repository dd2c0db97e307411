// Rate, volumes and the reservoir, and the requests that need no entry: start, pause, resume.

import { BITS, COMMANDS, NOTES, STATES } from '../defs.js';
import { make, say, section } from '../dom.js';
import { dateIn, duration, kpa, ml, rate, volume } from '../units.js';

const NOT_KNOWN = 'not known';
const MADE = { start: 'Delivery has started.', pause: 'Delivery is paused.', resume: 'Delivery has resumed.' };

const orNone = (value, text) => (value === null || value === undefined ? NOT_KNOWN : text(value));

// Each row: its name, and its text made of status and dose (null until it was asked).
const ROWS = [
  ['Rate', (status) => (status.rate_ul_day ? rate(status.rate_ul_day) : 'not set')],
  ['Next stroke', (status) => orNone(status.stroke_in_ms, (ms) => `in ${duration(ms / 1000)}`)],
  ['Delivered', (status) => `${ml(status.book_ul * 1000 + status.book_pl / 1000)} in ${status.strokes} strokes`],
  ['Reservoir by the ledger', (status) => (status.fluid === 'none' ? 'not entered yet' : `${ml(status.ledger_nl)} of ${status.fluid}`)],
  ['Reservoir by the level sensor', (status) => orNone(status.level_nl, ml)],
  ['Time to the empty mark', (status) => orNone(status.left_s, duration) + (status.left_s === null ? '' : ` (by ${status.left_by ?? 'ledger'})`)],
  ['Refill by', (_, dose) => orNone(dose?.refill_in_s, dateIn)],
  ['Line pressure', (status) => orNone(status.pressure_pa, kpa)],
  ['Fluid at the catheter tip', (_, dose) => dose?.tip_fluid ?? NOT_KNOWN],
  ['Last hour', (_, dose) => (dose ? `${volume(dose.hour_nl)} of ${volume(dose.hour_limit_nl)} at most` : NOT_KNOWN)],
  ['Last 24 h', (_, dose) => (dose ? `${volume(dose.day_nl)} of ${volume(dose.day_limit_nl)} at most` : NOT_KNOWN)],
];

/** Returns the section. */
export function delivery(pump, tools) {
  const cells = ROWS.map(() => make('dd', {}, NOT_KNOWN));
  const list = make('dl', {}, ...ROWS.flatMap(([name], at) => [make('dt', {}, name), cells[at]]));
  const holds = make('ul', { className: 'holds', 'aria-label': 'Conditions' });
  const outcome = make('p', { role: 'status' });
  const buttons = Object.entries(MADE).map(([cmd, text]) => make('button', {
    type: 'button', className: 'command', value: cmd,
    onclick: () => tools.carryOut(outcome, () => pump.ask(cmd).then(() => text)),
  }, cmd[0].toUpperCase() + cmd.slice(1)));
  let shown = '';

  function show() {
    const { status, dose } = pump;
    if (!status) return;
    ROWS.forEach(([, text], at) => say(cells[at], text(status, dose)));
    tools.allow(buttons, (cmd) => COMMANDS[cmd].states.includes(STATES[status.state]?.name));
    const key = `${status.bits} ${status.notes}`;
    if (key === shown) return;
    shown = key;
    const texts = [...inMask(BITS, status.bits).filter(({ name }) => name !== 'tested'), ...inMask(NOTES, status.notes)];
    holds.replaceChildren(...texts.map(({ text }) => make('li', {}, text)));
  }

  tools.on(pump, 'status', show);
  tools.on(pump, 'dose', show);
  tools.on(pump, 'link', show);
  return section('delivery', 'Delivery', make('p', { className: 'buttons' }, ...buttons), outcome, list, holds);
}

function inMask(table, mask) {
  return Object.keys(table).filter((place) => Math.floor(mask / 2 ** place) % 2).map((place) => table[place]);
}

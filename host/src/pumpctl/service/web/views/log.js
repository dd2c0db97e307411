// The log: the records that the session has, and those that arrive; the newest first, with a filter.

import { labelled, make, say, section } from '../dom.js';
import { detail, eventName } from '../names.js';
import { duration } from '../units.js';

const MOST_ROWS = 200; // shown at first, and more each time
const FROM_PUMP = 100; // records that are read from the pump, from before those that are recorded

// Kinds of record by the words in their names.
const KINDS = {
  all: () => true,
  alarms: (name) => /alarm|silenced/.test(name),
  delivery: (name) => /rate|plan|phase|bolus|prime|refill|withdrawn|state|stop|stroke|relief|retry|resumed/.test(name),
  settings: (name) => /param|override|draft|time_set/.test(name),
  faults: (name) => /error|failed|reset|recovered|uncommanded|link_lost|cleared|unfit/.test(name) && !/alarm/.test(name),
};

/** Returns the section. */
export function log(pump, tools) {
  const records = new Map(); // by sequence number
  const filter = make('input', { type: 'search', name: 'filter', autocomplete: 'off', oninput: show });
  const kind = make('select', { name: 'kind', onchange: show }, ...Object.keys(KINDS).map((name) => make('option', {}, name)));
  const body = make('tbody');
  const count = make('p', { role: 'status' });
  const more = make('button', { type: 'button', onclick: () => { most += MOST_ROWS; show(); } }, 'Show more');
  let most = MOST_ROWS;
  let isDue = false;

  /** Adds records: [sequence, uptime s, ms, event, a, b]. */
  function add(rows) {
    for (const row of rows) {
      const [sequence, uptimeS, , event, a, b] = row;
      if (records.has(sequence) && records.get(sequence).row.join() !== row.join()) records.clear(); // another log
      records.set(sequence, { row, time: duration(uptimeS), name: eventName(event), text: detail(event, a, b) });
    }
    if (!isDue) {
      isDue = true;
      requestAnimationFrame(() => { isDue = false; show(); });
    }
  }

  function show() {
    const wanted = filter.value.trim().toLowerCase();
    const fits = ({ name, text }) => KINDS[kind.value](name) && (!wanted || `${name} ${text}`.toLowerCase().includes(wanted));
    const found = [...records.values()].filter(fits).sort((one, other) => other.row[0] - one.row[0]);
    body.replaceChildren(...found.slice(0, most).map(({ row, time, name, text }) => make('tr', {},
      ...[row[0], time, name, text].map((cell) => make('td', {}, String(cell))))));
    say(count, `${found.length} of ${records.size} records`);
    more.hidden = found.length <= most;
  }

  async function read() {
    try {
      await pump.records(add);
      if (pump.status) await readPump();
    } catch (error) {
      say(count, `The log can't be read: ${error.message}`);
    }
  }

  /** Reads the newest records of the pump that are not here, as those of a time without link. */
  async function readPump() {
    const { log_next: end } = await pump.ask('status');
    for (let first = missingFrom(Math.max(1, end - FROM_PUMP)); first < end;) {
      const answer = await pump.ask('log', { first });
      add(answer.rows);
      if (answer.next === null) return;
      first = missingFrom(answer.next);
    }
  }

  function missingFrom(sequence) {
    while (records.has(sequence)) sequence++;
    return sequence;
  }

  tools.on(pump, 'record', ({ detail: row }) => row && add([row]));
  tools.on(pump, 'recorded', read);
  read();
  const head = make('tr', {}, ...['number', 'time since power-on', 'event', 'detail'].map((text) => make('th', { scope: 'col' }, text)));
  const table = make('table', {}, make('caption', {}, 'Records of the log, the newest first'), make('thead', {}, head), body);
  return section('log', 'Log', make('div', { className: 'entry' }, labelled('Filter', filter), labelled('Kind', kind)), count,
    make('div', { className: 'wide tall', tabIndex: 0, role: 'region', 'aria-label': 'Records' }, table), more);
}

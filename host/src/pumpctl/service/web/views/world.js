// The world of a simulated or emulated pump: actions on line and reservoir, the faults of every part, the true values.

import { labelled, make, section } from '../dom.js';
import { kpa, ml, volumeNl, whole } from '../units.js';

const POLL_MS = 2000;
// [group, [action, text, hint of its number or null]...]; `pumpctl world help` explains them.
const ACTIONS = [
  ['Line', ['block', 'Block', null], ['unblock', 'Open', null], ['block_over', 'Close gradually', 'minutes'], ['kink', 'Kink', 'minutes'],
    ['narrow', 'Narrow', '% of the normal resistance'], ['leak', 'Leak', '% of the flow'], ['disconnect', 'Disconnect', null],
    ['connect', 'Connect', null], ['air', 'Air', 'mL'], ['free_flow', 'Free flow', '1, or 0 to end it']],
  ['Reservoir', ['block_upstream', 'Block upstream', null], ['unblock_upstream', 'Open upstream', null], ['drain', 'Drain', 'mL'], ['refill', 'Fill up to', 'mL']],
  ['Time', ['speed', 'Speed', 'seconds per second']],
  ['Supply and temperature', ['supply', 'Supply', 'mV'], ['heat', 'Temperature', '0.01 °C'], ['power_cut', 'Cut the power', 'seconds'],
    ['brown_out', 'Brown-out', null], ['watchdog_reset', 'Watchdog reset', null], ['reset', 'Reset', null]],
];
const PARTS = ['pressure', 'level', 'flow', 'supply', 'temperature', 'counter', 'drive'];
const FAULTS = ['works', 'off', 'stuck', 'garbage', 'wrong', 'slow', 'delayed', 'intermittent'];

const shown = (name, value) => {
  if (name.endsWith('_nl')) return ml(value);
  if (name.endsWith('_pa')) return kpa(value);
  return String(value);
};

/** Returns the section, hidden while the pump has no world here. */
export function world(pump, tools) {
  const outcome = make('p', { role: 'status' });
  const truth = make('dl');

  /** Runs an action; `number` has the text of its number, null without one, and `unit` says what it is. */
  function act(action, number = null, unit = 'number') {
    tools.carryOut(outcome, async () => {
      let value;
      if (number !== null) value = unit === 'mL' ? volumeNl(number) : whole(number, unit);
      await pump.act(action, value);
      return `${action}${number === null ? '' : ` ${value}`} done.`;
    });
  }

  function control([action, text, hint]) {
    const button = make('button', { type: 'submit', value: action, name: 'action' }, text);
    const form = make('form', { noValidate: true, className: 'action' }, button);
    const number = hint === null ? null : make('input', { inputMode: 'numeric', size: 6, name: action, 'aria-label': `${text}: ${hint}`, placeholder: hint });
    if (number) form.append(number);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      act(action, number ? number.value : null, hint ?? '');
    });
    return form;
  }

  const part = make('select', { name: 'part' }, ...PARTS.map((name) => make('option', {}, name)));
  const fault = make('select', { name: 'fault' }, ...FAULTS.map((name) => make('option', {}, name)));
  const faults = make('form', { className: 'entry', onsubmit: (event) => {
    event.preventDefault();
    act(`${part.value}_${fault.value}`);
  } }, labelled('Part', part), labelled('Fault', fault), make('button', { name: 'fault' }, 'Set the fault'));
  const anyName = make('input', { name: 'other', autocomplete: 'off' });
  const anyNumber = make('input', { inputMode: 'numeric', size: 8 });
  const other = make('form', { className: 'entry', noValidate: true, onsubmit: (event) => {
    event.preventDefault();
    act(anyName.value.trim(), anyNumber.value.trim() || null);
  } }, labelled('Any action', anyName, 'as `pumpctl world help` lists them'), labelled('Its number', anyNumber), make('button', {}, 'Do'));
  const details = make('details', { ontoggle: poll }, make('summary', {}, 'True values'), truth);

  async function poll() {
    if (!details.open || !details.isConnected) return;
    try {
      const values = await pump.truth();
      truth.replaceChildren(...Object.keys(values).sort().flatMap((name) => [make('dt', {}, name), make('dd', {}, shown(name, values[name]))]));
    } catch (error) {
      truth.replaceChildren(make('dt', {}, error.message));
    }
    setTimeout(poll, POLL_MS);
  }

  const groups = ACTIONS.map(([title, ...actions]) => make('fieldset', {}, make('legend', {}, title), ...actions.map(control)));
  const made = section('world', 'Simulated world', ...groups, make('fieldset', {}, make('legend', {}, 'Faults of the parts'), faults), other, outcome, details);
  const show = () => { made.hidden = !pump.simulated; };
  tools.on(pump, 'link', show);
  tools.on(pump, 'recorded', show);
  show();
  return made;
}

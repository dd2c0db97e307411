// The therapy plan: the present one and its progress, and an editor that shows the phases on a time line.

import { CHOICES, COMMANDS, STATES } from '../defs.js';
import { labelled, make, say, section } from '../dom.js';
import { duration, ml, rate, rateUlDay, scaled, volumeNl, whole } from '../units.js';
import { change } from './changes.js';

const FLUIDS = CHOICES.fluid.slice(1);
const MOST_ROWS = 8;
const MOST_DRAWN = 60; // phases on a time line
const OPEN_H = 336; // an open-ended phase is drawn as long as this

/** Returns all phases of a plan, the repeated ones as often as they are given: {fluid, ulDay, lengthH}. */
export function phasesOf({ rows, cycles = 1, repeat_from: from = 0 }) {
  const phase = ([fluid, ulDay, , lengthH]) => ({ fluid: CHOICES.fluid[fluid], ulDay, lengthH });
  const once = rows.slice(0, from).map(phase);
  const again = rows.slice(from).map(phase);
  return [...once, ...Array.from({ length: cycles }, () => again).flat()];
}

/** Makes the time line of phases; `now` is the index of the present one. */
function timeLine(phases, now = -1) {
  const items = phases.slice(0, MOST_DRAWN).map(({ fluid, ulDay, lengthH }, at) => {
    const length = lengthH ? duration(lengthH * 3600) : 'no end';
    const text = `${fluid}, ${rate(ulDay)}, ${length}`;
    const item = make('li', { className: `phase ${fluid}`, title: text }, make('span', {}, text));
    item.style.flexGrow = lengthH || OPEN_H;
    if (at === now) item.setAttribute('aria-current', 'step');
    return item;
  });
  return make('ol', { className: 'timeline', 'aria-label': 'Phases' }, ...items);
}

/** Returns the section. */
export function plan(pump, tools) {
  const present = make('div', {});
  const preview = make('div', {});
  const outcome = make('p', { role: 'status' });
  const profile = make('select', { name: 'profile', onchange: () => { propose(); draw(); } }, ...CHOICES.profile.map((name) => make('option', {}, name)));
  const cycles = make('input', { name: 'cycles', value: '1', inputMode: 'numeric', oninput: draw });
  const from = make('input', { name: 'repeat_from', value: '1', inputMode: 'numeric', oninput: draw });
  const limit = make('input', { name: 'volume', value: '0', oninput: draw });
  const beyond = make('input', { type: 'checkbox' });
  const rows = make('tbody');
  const set = make('button', { className: 'command', value: 'therapy_set' }, 'Set plan');
  const editor = make('form', { noValidate: true, onsubmit: send });

  function addRow(fluid = 'saline', text = '1', days = '14') {
    const name = `phase ${rows.children.length + 1}`;
    const choice = make('select', { 'aria-label': `Fluid of ${name}`, onchange: draw }, ...FLUIDS.map((each) => make('option', {}, each)));
    choice.value = fluid;
    const remove = make('button', { type: 'button', 'aria-label': `Remove ${name}`, onclick: ({ target }) => { target.closest('tr').remove(); draw(); } }, 'Remove');
    rows.append(make('tr', {}, make('td', {}, choice),
      make('td', {}, make('input', { value: text, 'aria-label': `Rate of ${name} in mL/day`, oninput: draw })),
      make('td', {}, make('input', { value: days, 'aria-label': `Length of ${name} in days, 0 for no end`, oninput: draw })), make('td', {}, remove)));
  }

  /** Fills in what the chosen profile usually is; the user changes it. */
  function propose() {
    rows.replaceChildren();
    if (profile.value === 'intrahepatic') for (const fluid of ['saline', 'drug', 'saline']) addRow(fluid);
    else addRow('saline', '1', profile.value === 'timed' ? '1' : '0');
    from.value = profile.value === 'intrahepatic' ? '2' : '1';
    cycles.value = '1';
    limit.value = '0';
  }

  /** Returns the fields of therapy_set; throws BadAmount. */
  function fields() {
    let beginH = 0;
    const phases = [...rows.children].map((row) => {
      const [choice, ulDay, days] = row.querySelectorAll('select, input');
      const lengthH = scaled(days.value, 24, 'number of days');
      const phase = [CHOICES.fluid.indexOf(choice.value), rateUlDay(ulDay.value), beginH, lengthH];
      beginH += lengthH;
      return phase;
    });
    return {
      profile: profile.value, rows: phases, cycles: whole(cycles.value, 'number of cycles'),
      repeat_from: whole(from.value, 'first repeated phase') - 1, volume_nl: volumeNl(limit.value),
      override: beyond.checked ? 'soft_rate' : 'none',
    };
  }

  function draw() {
    try {
      const wanted = fields();
      const all = phasesOf(wanted);
      const hours = all.reduce((sum, { lengthH }) => sum + lengthH, 0);
      const volumeMl = all.reduce((sum, { ulDay, lengthH }) => sum + (ulDay * lengthH) / 24_000, 0);
      const isOpen = all.some(({ lengthH }) => !lengthH);
      const largest = Math.max(...all.map(({ ulDay, lengthH }) => ulDay * 1000 * lengthH / 24));
      preview.replaceChildren(timeLine(all), make('p', {}, [
        `${all.length} phases`, isOpen ? 'the last has no end' : `${duration(hours * 3600)} in all, ${volumeMl.toFixed(3)} mL`,
        largest ? `${ml(largest)} for the largest phase` : '',
      ].filter(Boolean).join(', ')));
    } catch (error) {
      preview.replaceChildren(make('p', { className: 'refused' }, error.message));
    }
  }

  function send(event) {
    event.preventDefault();
    tools.carryOut(outcome, async () => {
      const text = await change(pump, outcome, 'therapy_set', fields(), 'The plan is set.');
      await read();
      return text;
    });
  }

  async function read() {
    const now = await pump.ask('therapy');
    if (now.profile === null) {
      present.replaceChildren(make('p', {}, 'No plan is set.'));
      return;
    }
    const left = now.phase_left_s === null ? 'has no end or has not begun' : `has ${duration(now.phase_left_s)} left`;
    const next = now.next_fluid ? `; ${now.next_fluid} comes next` : '';
    present.replaceChildren(make('p', {}, `${now.profile}: phase ${now.phase + 1} of ${now.phases} with ${now.fluid} ${left}${next}.`),
      timeLine(phasesOf(now), now.phase));
  }

  const quietly = () => { if (pump.connected) read().catch((error) => say(outcome, error.message)); };
  const show = () => tools.allow([set], (cmd) => COMMANDS[cmd].states.includes(STATES[pump.status?.state]?.name));
  tools.on(pump, 'status', show);
  tools.on(pump, 'link', () => { show(); quietly(); });
  tools.on(pump, 'record', ({ detail }) => { if (detail) quietly(); });
  const head = make('tr', {}, ...['fluid', 'mL/day', 'days', ''].map((text) => make('th', { scope: 'col' }, text)));
  editor.append(labelled('Profile', profile), make('div', { className: 'wide' }, make('table', {}, make('caption', {}, 'Phases of the new plan'), make('thead', {}, head), rows)),
    make('p', { className: 'buttons' }, make('button', { type: 'button', name: 'add', onclick: () => { if (rows.children.length < MOST_ROWS) addRow(); draw(); } }, 'Add a phase')),
    make('div', { className: 'entry' }, labelled('Repeat from phase', from), labelled('Cycles', cycles), labelled('Ends after', limit, 'mL, 0 for no such end; profile timed only'), labelled('Exceed the soft limit', beyond)),
    preview, make('p', { className: 'buttons' }, set));
  profile.value = 'intrahepatic';
  propose();
  draw();
  return section('plan', 'Therapy plan', present, make('details', {}, make('summary', {}, 'New plan'), editor), outcome);
}

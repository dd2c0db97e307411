// The refill in guided steps: begin, withdraw and compare, fill and confirm, start (V4).

import { ALARMS, CHOICES, COMMANDS, STATES } from '../defs.js';
import { labelled, make, section } from '../dom.js';
import { duration, ml, volumeNl } from '../units.js';
import { change } from './changes.js';

const MISMATCH = Number(Object.keys(ALARMS).find((number) => ALARMS[number].name === 'refill_mismatch'));

/** Returns the section. */
export function refill(pump, tools) {
  const outcome = make('p', { role: 'status' });
  const withdrawn = make('input', { name: 'withdrawn', autocomplete: 'off' });
  const filled = make('input', { name: 'filled', autocomplete: 'off' });
  const fluid = make('select', { name: 'fluid' }, ...CHOICES.fluid.slice(1).map((name) => make('option', {}, name)));
  const early = make('input', { type: 'checkbox', name: 'early' });
  const button = (command, text) => make('button', { className: 'command', value: command }, text);
  const told = { 1: make('p'), 2: make('p') };
  let isCompared = false;

  const steps = [
    step('Stop delivery and begin', [told[1]], button('refill_begin', 'Begin the refill'), async () => {
      isCompared = false;
      const { ledger_nl: left } = await pump.ask('refill_begin');
      if (!left) isCompared = true; // there is nothing to compare with
      return left ? `Withdraw all fluid; by the ledger it is ${ml(left)}.` : 'The pump has no record of what was in the reservoir; go on with the filling.';
    }),
    step('Withdraw all fluid, and enter how much it was', [labelled('Withdrawn', withdrawn, 'in mL, as 1.5')], button('refill_withdrawn', 'Compare'), async () => {
      const found = await pump.ask('refill_withdrawn', { volume_nl: volumeNl(withdrawn.value) });
      await pump.askAlarms();
      isCompared = true;
      const text = `${ml(Math.abs(found.difference_nl))} ${found.difference_nl < 0 ? 'less' : 'more'} than by the ledger (${ml(found.ledger_nl)}): ${Math.abs(found.percent)} % of what was commanded.`;
      return pump.alarms.some(([number]) => number === MISMATCH) ? `${text} ${ALARMS[MISMATCH].action}` : text;
    }),
    step('Fill the reservoir, and enter what is in it now', [labelled('Volume', filled, 'in mL, as 16'), labelled('Fluid', fluid), labelled('End the present phase now', early)], button('refill_finish', 'Read back'), async (place) => {
      const fields = { volume_nl: volumeNl(filled.value), fluid: fluid.value, early: early.checked };
      return change(pump, place, 'refill_finish', fields, 'The contents are entered. Delivery continues only after a start.');
    }),
    step('Start delivery', [], button('start', 'Start delivery'), async () => {
      await pump.ask('start');
      return 'Delivery has started.';
    }),
  ];
  const cancel = button('refill_cancel', 'Cancel the refill');
  cancel.type = 'button';
  cancel.addEventListener('click', () => tools.carryOut(outcome, async () => {
    await pump.ask('refill_cancel');
    return 'The refill was cancelled; the ledger is as it was before.';
  }));

  function step(title, fields, send, run) {
    const made = make('li', {}, make('form', { noValidate: true, onsubmit: (event) => {
      event.preventDefault();
      tools.carryOut(outcome, async () => {
        const text = await run(made);
        show();
        return text;
      });
    } }, make('strong', {}, title), make('div', { className: 'entry' }, ...fields, send)));
    return made;
  }

  /** Marks the step that is next, and enables what the state allows. */
  function show() {
    const { status } = pump;
    if (!status) return;
    const state = STATES[status.state]?.name;
    told[1].textContent = status.fluid === 'none' ? 'The contents are not known.' : `In the reservoir: ${ml(status.ledger_nl)} of ${status.fluid}.`;
    let next = 0;
    if (state === 'refilling') next = isCompared ? 2 : 1;
    else if (state === 'standby' && status.fluid !== 'none') next = 3;
    steps.forEach((each, at) => {
      if (at === next) each.setAttribute('aria-current', 'step');
      else each.removeAttribute('aria-current');
    });
    tools.allow([...steps.map((each) => each.querySelector('button')), cancel], (cmd) => COMMANDS[cmd].states.includes(state));
  }

  async function propose() {
    const now = await pump.ask('therapy');
    if (now.profile === null) return;
    const isOver = now.phase_left_s === 0 && now.next_fluid;
    fluid.value = isOver ? now.next_fluid : now.fluid;
    early.closest('.field').hidden = !now.next_fluid;
    early.closest('.field').title = now.phase_left_s ? `The present phase has ${duration(now.phase_left_s)} left.` : '';
  }

  tools.on(pump, 'status', show);
  tools.on(pump, 'link', () => { show(); if (pump.connected) propose().catch(() => {}); });
  tools.on(pump, 'record', ({ detail }) => { if (detail) propose().catch(() => {}); });
  return section('refill', 'Refill', make('ol', { className: 'steps' }, ...steps), make('p', { className: 'buttons' }, cancel), outcome);
}

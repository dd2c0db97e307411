// Rate, bolus and prime: what is typed is read as digits, and each change is confirmed as the pump read it back.

import { CHOICES, COMMANDS, STATES } from '../defs.js';
import { labelled, make, section } from '../dom.js';
import { rateUlDay, volumeNl } from '../units.js';
import { change } from './changes.js';

const VOLUME_HINT = 'in mL, as 0.02, or in microlitres, as 20uL';

/** Returns the section. */
export function dose(pump, tools) {
  const rate = make('input', { name: 'rate', autocomplete: 'off', inputMode: 'decimal', required: true });
  const beyondRate = make('input', { type: 'checkbox' });
  const bolus = make('input', { name: 'bolus', autocomplete: 'off', required: true });
  const beyondBolus = make('input', { type: 'checkbox' });
  const prime = make('input', { name: 'prime', autocomplete: 'off', required: true });
  const purpose = make('select', { name: 'purpose' }, ...CHOICES.purpose.map((name) => make('option', {}, name)));
  const cancel = form('bolus_cancel', 'Cancel bolus', [], async (ask) => {
    const { given_nl: given } = await ask('bolus_cancel');
    return `The bolus was cancelled after ${given / 1000} µL.`;
  });
  const forms = [
    form('rate', 'Set rate', [labelled('New rate', rate, 'in mL/day, as 1 or 1.5, or as 1500uL'), labelled('Exceed the soft limit', beyondRate)],
      (_, place) => change(pump, place, 'rate', { ul_day: rateUlDay(rate.value), override: beyondRate.checked ? 'soft_rate' : 'none' }, 'The rate is set.')),
    form('bolus', 'Give bolus', [labelled('Bolus', bolus, VOLUME_HINT), labelled('Exceed the soft limit', beyondBolus)],
      (_, place) => change(pump, place, 'bolus', { volume_nl: volumeNl(bolus.value), override: beyondBolus.checked ? 'soft_bolus' : 'none' }, 'The bolus has begun.')),
    cancel,
    form('prime', 'Prime', [labelled('Prime', prime, `${VOLUME_HINT}; the line must not be connected to anybody`), labelled('Purpose', purpose)],
      (_, place) => change(pump, place, 'prime', { volume_nl: volumeNl(prime.value), purpose: purpose.value }, 'The prime has begun.')),
  ];

  function form(command, text, fields, send) {
    const outcome = make('p', { role: 'status' });
    const button = make('button', { className: 'command', value: command }, text);
    const made = make('form', { className: 'entry', noValidate: true, onsubmit: (event) => {
      event.preventDefault();
      tools.carryOut(outcome, () => send((cmd, given) => pump.ask(cmd, given), made));
    } }, ...fields, button, outcome);
    return made;
  }

  const buttons = forms.map((made) => made.querySelector('button'));
  const show = () => tools.allow(buttons, (cmd) => COMMANDS[cmd].states.includes(STATES[pump.status?.state]?.name));
  tools.on(pump, 'status', show);
  tools.on(pump, 'link', show);
  return section('dose', 'Rate, bolus, prime', ...forms);
}

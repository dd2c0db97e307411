// The pump's refusals as sentences. Those that name a value or what to do are as in protocol/refusals.py of the host;
// of the others, this has the text of the definitions.

import { ALARMS, BITS, COMMANDS, PARAMS, REFUSALS, STATES } from '../defs.js';

// What to do about conditions that have no alarm.
const ADVICE = {
  alarm_holds: 'See the alarms, clear the cause, then acknowledge.',
  plan_missing: 'Set a plan.',
  stopped: 'An operator has stopped the pump; start it.',
  contents_unknown: 'Enter the fluid and volume in the reservoir by a refill.',
  prime_done: 'Wait until the present prime has ended.',
  fluid_wrong: 'Refill with the fluid of the plan.',
};

const param = (sent) => Object.values(PARAMS).find(({ name }) => name === sent.name);

const REASONS = {
  out_of_range(cmd, sent, { field, min, max, value = sent[field] }) {
    if (!field || min === undefined || max === undefined) return null;
    const changed = cmd === 'param_set' ? param(sent) : undefined;
    return `${changed?.name ?? field} ${value} is outside ${min} to ${max}${changed?.unit ? ` ${changed.unit}` : ''}.`;
  },

  held(cmd, sent, { bits }) {
    const names = Object.keys(BITS).filter((bit) => bits & (1 << bit)).map((bit) => BITS[bit].name);
    if (!names.length) return null;
    const actions = names.map((name) => Object.values(ALARMS).find(({ bit }) => bit === name)?.action ?? ADVICE[name]);
    const distinct = [...new Set(actions.filter(Boolean))];
    const advice = distinct.length > 1 ? distinct.filter((text) => text !== ADVICE.alarm_holds) : distinct;
    return [`${names.join(', ')} ${names.length === 1 ? 'prevents' : 'prevent'} it.`, ...advice].join(' ');
  },

  wrong_state(cmd, sent, { state }) {
    const changed = cmd === 'param_set' ? param(sent) : undefined;
    const states = changed?.states ?? COMMANDS[cmd]?.states ?? [];
    const now = `the pump's state is ${STATES[state]?.name ?? 'wrong'}`;
    return states.length ? `${now}; ${changed?.name ?? typed(cmd)} is allowed in ${states.join(' or ')}.` : `${now}.`;
  },
};

const typed = (cmd) => cmd.replaceAll('_', ' ');

/** Returns the name and the sentence of a refusal: {name, text}. `sent` has the fields of the command. */
export function refusal(cmd, sent, answer) {
  const { name, text } = REFUSALS[answer.refused] ?? { name: `refusal ${answer.refused}`, text: `reason ${answer.refused}.` };
  return { name, text: `${typed(cmd)} refused: ${REASONS[name]?.(cmd, sent, answer) ?? text}` };
}

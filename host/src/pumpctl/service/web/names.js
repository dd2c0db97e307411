// Names of the numbers in records of the log, as protocol/names.py of the host.

import { ALARMS, CHOICES, COMMANDS, EVENTS, PARAMS, PARTS, PART_FAULTS, REFUSALS, RESET_CAUSES, STATES } from './defs.js';

const COMMANDS_BY_NUMBER = Object.fromEntries(Object.entries(COMMANDS).map(([name, { id }]) => [id, { name }]));
// The table that names a number of a record, by its label in the definitions.
const TABLES = {
  state: STATES,
  'state before': STATES,
  'state now': STATES,
  alarm: ALARMS,
  part: PARTS,
  'part fault': PART_FAULTS,
  parameter: PARAMS,
  'reset cause': RESET_CAUSES,
  refusal: REFUSALS,
  command: COMMANDS_BY_NUMBER,
};

/** Returns the name of a kind of record. */
export const eventName = (event) => EVENTS[event]?.name ?? `event ${event}`;

/** Returns the meaning of a record's two numbers as text; empty when its kind has none. */
export function detail(event, a, b) {
  const kind = EVENTS[event];
  if (!kind) return `${a} ${b}`;
  return [[kind.a, a], [kind.b, b]].filter(([label]) => label).map(([label, number]) => `${label}: ${meaning(label, number)}`).join(', ');
}

function meaning(label, number) {
  const kind = label.replace(/ (before|now)$/, '');
  if (TABLES[label]) return TABLES[label][number]?.name ?? `${kind} ${number}`;
  return CHOICES[label.replaceAll(' ', '_')]?.[number] ?? String(number);
}

// Makes a new simulated pump ready, as `pumpctl sim --ready`: contents entered, the intrahepatic therapy set, delivery started.

import { STATES } from '../defs.js';
import { differences } from '../readback.js';

const SELF_TEST_MS = 100; // between two looks at the state
const SALINE = 1;
const DRUG = 2;
const UL_DAY = 1000;
const PHASE_H = 336;
const PLAN = {
  profile: 'intrahepatic',
  rows: [SALINE, DRUG, SALINE].map((fluid, at) => [fluid, UL_DAY, at * PHASE_H, PHASE_H]),
  cycles: 1,
  repeat_from: 1,
};

/** Resolves when the pump is infusing; rejects with NotDone, or an Error when it reads back other values. */
export async function makeReady(link, pump) {
  while (STATES[(await link.ask(pump, 'status')).state].name === 'self_test') {
    await new Promise((resolve) => setTimeout(resolve, SELF_TEST_MS));
  }
  const { reservoir_nl: volume } = await link.truth(pump);
  await change(link, pump, 'refill_begin');
  await change(link, pump, 'refill_finish', { volume_nl: volume, fluid: 'saline' });
  await change(link, pump, 'therapy_set', PLAN);
  await link.ask(pump, 'start');
}

async function change(link, pump, cmd, fields = {}) {
  const answer = await link.ask(pump, cmd, fields);
  if (!answer.draft) return;
  const wrong = differences(cmd, fields, answer.new);
  if (wrong.length) throw new Error(`${cmd}: ${wrong.join(', ')}.`);
  await link.ask(pump, 'confirm', { draft: answer.draft, code: answer.code });
}

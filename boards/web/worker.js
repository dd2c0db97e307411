// A worker with a simulated pump. To it: {write: text} for bytes on the link, {id, line} for a line of the bench channel.
// From it: {} when it is ready, {received: text}, and {id, answer} with the line's answer.

import { hex, started } from './pump.js';

const TICK_MS = 10;
const BUSY_MS = 25; // of a tick: after it, messages are taken
const LONGEST_RUN_MS = 10_000; // of simulated time at once
const LONGEST_LAG_MS = 1000; // of the wall clock: what could not be simulated in time is left out, so the pump is slower
const FASTEST = 100_000; // simulated seconds a second, as in boards/unix/sim_clock.py

let speed = 1;
let behindMs = 0;
let lastMs = performance.now();

const files = await (await fetch(new URL('firmware.json', import.meta.url))).json();
const take = await started(files, [], new URL('micropython.wasm', import.meta.url).href, {
  sent: (text) => postMessage({ received: text }),
  logged: (line) => console.log(line),
});

onmessage = ({ data }) => {
  if ('write' in data) take(`rx ${hex(data.write)}`);
  else postMessage({ id: data.id, answer: answerTo(data.line) });
};
postMessage({});
tick();

function answerTo(line) {
  const [, number] = /^do speed (.*)$/.exec(line) ?? [];
  if (number === undefined) return JSON.parse(take(line));
  if (!(Number.isInteger(Number(number)) && number >= 1 && number <= FASTEST)) return { error: `speed takes 1..${FASTEST}` };
  speed = Number(number);
  return { ok: true };
}

/** Lets the time pass that the wall clock has moved by. */
function tick() {
  const nowMs = performance.now();
  behindMs = Math.min(behindMs + (nowMs - lastMs) * speed, LONGEST_LAG_MS * speed);
  lastMs = nowMs;
  while (behindMs >= 1 && performance.now() - nowMs < BUSY_MS) {
    const runMs = Math.floor(Math.min(behindMs, LONGEST_RUN_MS));
    take(`run ${runMs}`);
    behindMs -= runMs;
  }
  setTimeout(tick, behindMs >= 1 ? 0 : TICK_MS);
}

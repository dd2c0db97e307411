// A change in two steps, as at the prompt: what the pump read back is compared with what was sent, shown, and confirmed.

import { make } from '../dom.js';
import { differences } from '../readback.js';
import { duration, rate, volume } from '../units.js';

const EXPIRES_MS = 600_000; // the pump discards it then

/** Returns a value of a read-back as text, by its name. */
export function valueText(name, value) {
  if (value === null) return 'none';
  if (name === 'rows') return value.map(([fluid, ulDay, begin, length]) => `fluid ${fluid}, ${rate(ulDay)}, from ${begin} h for ${length || '–'} h`).join('; ');
  if (name.endsWith('ul_day')) return rate(value);
  if (name.endsWith('_nl')) return volume(value);
  if (name.endsWith('_s') && typeof value === 'number') return duration(value);
  return String(value);
}

/**
 * Sends a change and resolves to a sentence. A change that must be confirmed is shown beside `place` first; the page
 * goes on meanwhile, and so does the stop.
 */
export async function change(pump, place, command, fields, made) {
  const answer = await pump.ask(command, fields);
  const wrong = differences(command, fields, answer.new ?? {});
  if (answer.draft === null) {
    if (wrong.length) throw new Error(`The change was made, but ${wrong.join(', ')}. Check it now.`);
    return made;
  }
  if (wrong.length) {
    await pump.ask('draft_drop');
    throw new Error(`Discarded, as the pump received something else: ${wrong.join(', ')}.`);
  }
  const isAgreed = await agreement(place, command, answer);
  if (isAgreed === null) return 'The change has expired; nothing was changed.';
  if (!isAgreed) {
    await pump.ask('draft_drop');
    return 'Discarded; nothing was changed.';
  }
  await pump.ask('confirm', { draft: answer.draft, code: answer.code });
  return made;
}

/** Shows present and new values; resolves to whether the user agrees, null without an answer in time. */
function agreement(place, command, answer) {
  const names = [...new Set([...Object.keys(answer.old), ...Object.keys(answer.new)])].filter((name) => name !== 'press_button');
  const cell = (values, name) => make('td', {}, name in values ? valueText(name, values[name]) : '');
  const rows = names.map((name) => make('tr', {}, make('th', { scope: 'row' }, name.replaceAll('_', ' ')), cell(answer.old, name), cell(answer.new, name)));
  const head = make('tr', {}, ...['', 'now', 'new'].map((text) => make('th', { scope: 'col' }, text)));
  return new Promise((resolve) => {
    const end = (result) => {
      clearTimeout(timer);
      box.remove();
      before?.focus?.();
      resolve(result);
    };
    const timer = setTimeout(() => end(null), EXPIRES_MS);
    const before = document.activeElement;
    const title = make('h3', { id: `confirm-${command}` }, `Read back by the pump: ${command.replaceAll('_', ' ')}`);
    const confirm = make('button', { type: 'button', className: 'confirm', onclick: () => end(true) }, 'Confirm');
    const discard = make('button', { type: 'button', className: 'discard', onclick: () => end(false) }, 'Discard');
    const box = make('div', { className: 'agreement', role: 'alertdialog', 'aria-labelledby': title.id, onkeydown: (event) => { if (event.key === 'Escape') end(false); } },
      title, make('div', { className: 'wide' }, make('table', {}, make('thead', {}, head), make('tbody', {}, ...rows))));
    if (answer.new.press_button) box.append(make('p', {}, 'Press the button on the pump now.'));
    box.append(make('p', { className: 'buttons' }, confirm, discard));
    place.after(box);
    box.scrollIntoView({ block: 'nearest' });
    discard.focus();
  });
}

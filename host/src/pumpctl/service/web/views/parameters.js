// The parameters with their limits: change one, save all to a file, load a file, compare with another pump.

import { PARAMS, STATES } from '../defs.js';
import { labelled, make, say, section } from '../dom.js';
import { whole } from '../units.js';
import { change } from './changes.js';

const CONFIRMED = { up: 'raising it must be confirmed', down: 'lowering it must be confirmed', any: 'must be confirmed', none: '' };

/** Resolves to a pump's values by the number of the parameter. */
async function read(pump) {
  const values = {};
  for (let first = 0; first !== null;) {
    const answer = await pump.ask('params', { first });
    for (const [number, value] of answer.rows) values[number] = value;
    first = answer.next;
  }
  return values;
}

/** Returns the section. */
export function parameters(pump, tools) {
  const outcome = make('p', { role: 'status' });
  const rows = Object.entries(PARAMS).map(([number, param]) => row(number, param));
  const other = make('select', { name: 'other', onchange: () => tools.carryOut(outcome, compare) });
  const file = make('input', { type: 'file', accept: '.toml', onchange: () => tools.carryOut(outcome, load) });
  let values = {};

  function row(number, param) {
    const input = make('input', { inputMode: 'numeric', autocomplete: 'off', 'aria-label': `${param.name} in ${param.unit || 'whole numbers'}` });
    const button = make('button', { value: param.name, type: 'button', className: 'set', 'aria-label': `Set ${param.name}`, onclick: () => tools.carryOut(outcome, () => set(param.name, whole(input.value, param.name), button)) }, 'Set');
    const theirs = make('td', { className: 'theirs' });
    const hint = [`${param.min} to ${param.max} ${param.unit}`.trim(), `default ${param.default}`, CONFIRMED[param.raises]].filter(Boolean).join('; ');
    const element = make('tr', {}, make('th', { scope: 'row' }, param.name, make('small', {}, ` ${param.text} ${hint}`)),
      make('td', {}, make('span', { className: 'pair' }, input, ` ${param.unit} `, button)), theirs);
    return { number, param, input, button, theirs, element };
  }

  async function set(name, value, button) {
    const text = await change(pump, outcome, 'param_set', { name, value }, `${name} is now ${value}.`);
    await refresh();
    button.focus();
    return text;
  }

  async function refresh() {
    values = await read(pump);
    for (const { number, input } of rows) if (document.activeElement !== input) input.value = values[number] ?? '';
  }

  function save() {
    const named = Object.fromEntries(rows.map(({ number, param }) => [param.name, values[number]]));
    const { unique_id: id, board, version } = pump.hello;
    const text = fileText(named, `Parameters of the pump${id ? ` ${id}` : ''}, ${board} ${version}`);
    const blob = new Blob([text], { type: 'application/toml' });
    const link = make('a', { href: URL.createObjectURL(blob), download: 'parameters.toml' });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it later
  }

  /** Sets what differs from a file, one after the other; each change that can raise the dose is confirmed. */
  async function load() {
    const text = await file.files[0].text();
    file.value = ''; // so that the same file can be chosen again
    const given = parsed(text);
    await refresh();
    const wanted = rows.filter(({ number, param }) => param.name in given && given[param.name] !== values[number]);
    for (const { param } of wanted) {
      const text = await change(pump, outcome, 'param_set', { name: param.name, value: given[param.name] }, 'done');
      if (text !== 'done') throw new Error(`${param.name}: ${text}`);
    }
    await refresh();
    return wanted.length ? `Set from the file: ${wanted.map(({ param }) => param.name).join(', ')}.` : 'The pump has the values of the file.';
  }

  async function compare() {
    const it = tools.pumps().find(({ name }) => name === other.value);
    const theirs = it ? await read(it) : {};
    let count = 0;
    for (const entry of rows) {
      const differs = it && theirs[entry.number] !== values[entry.number];
      count += differs ? 1 : 0;
      say(entry.theirs, it ? `${theirs[entry.number]}${differs ? ' – differs' : ''}` : '');
      entry.element.classList.toggle('differs', Boolean(differs));
    }
    return it ? `Different from pump ${it.name}: ${count} of ${rows.length} parameters.` : '';
  }

  function show() {
    const state = STATES[pump.status?.state]?.name;
    tools.allow(rows.map(({ button }) => button), (name) => {
      const { states } = rows.find(({ param }) => param.name === name).param;
      return states.includes('any') || states.includes(state);
    });
    const names = tools.pumps().filter((it) => it !== pump).map(({ name }) => name);
    if (other.options.length !== names.length + 1) {
      other.replaceChildren(make('option', { value: '' }, 'none'), ...names.map((name) => make('option', { value: name }, `pump ${name}`)));
    }
  }

  tools.on(pump, 'status', show);
  tools.on(pump, 'link', () => { show(); if (pump.connected) refresh().catch(() => {}); });
  tools.on(pump, 'record', ({ detail }) => { if (detail) refresh().catch(() => {}); });
  const head = make('tr', {}, ...['parameter', 'value', 'other pump'].map((text) => make('th', { scope: 'col' }, text)));
  return section('parameters', 'Parameters', make('div', { className: 'entry' },
    make('button', { type: 'button', name: 'save', onclick: save }, 'Save to a file'), labelled('Load from a file', file), labelled('Compare with', other)),
  outcome, make('details', {}, make('summary', {}, 'All parameters'),
    make('table', {}, make('thead', {}, head), make('tbody', {}, ...rows.map(({ element }) => element)))));
}

/** Returns the text of a file with these values by name: TOML, as `pumpctl params save` writes it. */
export function fileText(values, comment) {
  const lines = Object.values(PARAMS).map(({ name, unit }) => `${name} = ${values[name]}${unit ? `  # ${unit}` : ''}`);
  return `# ${comment}\n${lines.join('\n')}\n`;
}

/** Returns the values by name in the text of a file; throws what is wrong with it, before anything is changed. */
export function parsed(text) {
  const byName = Object.fromEntries(Object.values(PARAMS).map((param) => [param.name, param]));
  const found = {};
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const bare = line.replace(/#.*/, '').trim();
    if (!bare) continue;
    const [, name, value] = /^(\w+)\s*=\s*([+-]?\d{1,10})$/.exec(bare) ?? [];
    if (!name) throw new Error(`Line ${at + 1} of the file is not \`name = number\`; nothing was changed.`);
    const param = byName[name];
    if (!param) throw new Error(`There is no parameter ${name}, in line ${at + 1} of the file; nothing was changed.`);
    if (name in found) throw new Error(`${name} is in the file twice; nothing was changed.`);
    found[name] = Number(value);
    if (found[name] < param.min || found[name] > param.max) {
      throw new Error(`${name} ${value} is outside ${param.min} to ${param.max} ${param.unit}`.trim() + '; nothing was changed.');
    }
  }
  return found;
}

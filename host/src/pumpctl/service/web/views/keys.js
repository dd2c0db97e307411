// Who may command the pump: the hosts that it has keys of, and a pairing of the service, or of this browser.

import { CHOICES } from '../defs.js';
import { labelled, make, say, section } from '../dom.js';
import { eventName } from '../names.js';

/** Returns the section. */
export function keys(pump, tools) {
  const needs = make('p');
  const hosts = make('ul');
  const outcome = make('p', { role: 'status' });
  const name = make('input', { name: 'host', autocomplete: 'off', maxLength: 16, value: pump.pairsAs });
  const role = make('select', { name: 'role' }, ...CHOICES.role.map((text) => make('option', {}, text)));
  role.value = CHOICES.role.at(-1);
  const button = make('button', { value: 'pair_begin' }, 'Pair');
  const form = make('form', { className: 'entry', noValidate: true, onsubmit: (event) => {
    event.preventDefault();
    tools.carryOut(outcome, pair);
  } }, labelled('Name on the pump', name), labelled('Role', role), button, outcome);

  async function pair() {
    say(outcome, "Press the pump's button within 60 s.");
    const done = await pump.pair(name.value, role.value);
    return `Paired as ${done.name} with the role ${done.role}; the key is in ${done.file}.`;
  }

  async function show() {
    say(needs, pump.hello?.keyed ? 'This pump takes commands from paired hosts only.' : 'This pump takes commands from anybody.');
    tools.allow([button], () => true);
    if (!pump.connected) return;
    try {
      const answer = await pump.ask('keys');
      const rows = answer.hosts.map(([host, number]) => `${host}: ${CHOICES.role[number]}`);
      if (!rows.length && pump.hello?.keyed) rows.push('No host is paired yet: pair this one, and press the pump’s button.');
      hosts.replaceChildren(...rows.map((text) => make('li', {}, text)));
    } catch (error) {
      hosts.replaceChildren(make('li', {}, error.message));
    }
  }

  tools.on(pump, 'link', show);
  tools.on(pump, 'record', (event) => {
    if (['host_paired', 'host_revoked'].includes(eventName(event.detail[3]))) show();
  });
  return section('keys', 'Keys', needs, hosts, form);
}

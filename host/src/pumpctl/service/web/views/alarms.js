// State and alarms with what to do about them, at the top of the page.

import { ALARMS, STATES } from '../defs.js';
import { make, say } from '../dom.js';

/** Returns the section. New alarms are read out at once by a screen reader. */
export function alarms(pump, tools) {
  const state = make('p', { className: 'state', role: 'status' });
  const list = make('ul', { className: 'alarms', 'aria-label': 'Alarms' });
  const aloud = make('p', { role: 'alert', className: 'unseen' });
  const outcome = make('p', { role: 'status' });
  const act = (text, cmd, fields, told) => make('button', {
    type: 'button', onclick: () => tools.carryOut(outcome, () => pump.ask(cmd, fields).then((answer) => { pump.askAlarms(); return told(answer); })),
  }, text);
  const silence = act('Silence', 'silence', {}, ({ silence_s: s }) => (s ? `Silent for ${s} s.` : 'The audio can\'t be paused now.'));
  const all = act('Acknowledge all', 'ack', { alarm: 0 }, acknowledged);
  const buttons = make('p', { className: 'buttons' }, silence, all);
  let shown = '';
  let told = new Set();

  function show() {
    const key = JSON.stringify(pump.alarms);
    if (key === shown) return;
    shown = key;
    list.replaceChildren(...pump.alarms.map(([number, active, isAcknowledged]) => row(number, active, isAcknowledged)));
    buttons.hidden = !pump.alarms.length;
    const fresh = pump.alarms.filter(([number]) => !told.has(number)).map(([number]) => sentence(number));
    if (fresh.length) say(aloud, `New alarm. ${fresh.join(' ')}`);
    if (!pump.alarms.length) say(aloud, '');
    told = new Set(pump.alarms.map(([number]) => number));
  }

  function row(number, active, isAcknowledged) {
    const known = ALARMS[number] ?? { name: `alarm ${number}`, priority: '', text: '', action: '' };
    const notes = [active ? '' : 'its cause is gone', isAcknowledged ? 'acknowledged' : ''].filter(Boolean).join(', ');
    const parts = [
      make('strong', {}, `${known.priority.toUpperCase()} ${known.name}`), ` ${known.text}`, notes ? ` (${notes})` : '',
      make('p', {}, known.action),
    ];
    if (!isAcknowledged) {
      const button = act('Acknowledge', 'ack', { alarm: number }, acknowledged);
      button.setAttribute('aria-label', `Acknowledge ${known.name}`);
      parts.push(button);
    }
    return make('li', { className: `alarm ${known.priority}` }, ...parts);
  }

  tools.on(pump, 'alarms', show);
  tools.on(pump, 'status', () => {
    const known = STATES[pump.status?.state];
    say(state, known ? `${known.name}: ${known.text}` : 'The state is not known yet.');
    state.dataset.state = known?.name ?? '';
  });
  buttons.hidden = true;
  return make('section', { id: 'alarms', 'aria-label': 'State and alarms' }, state, aloud, list, buttons, outcome);
}

function acknowledged({ acknowledged: count, standing }) {
  return `${count} acknowledged, ${standing} still active.`;
}

function sentence(number) {
  const known = ALARMS[number];
  return known ? `${known.priority} priority: ${known.text} ${known.action}` : `alarm ${number}.`;
}

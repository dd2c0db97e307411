// Which pump a page without a service shows: a simulated one in this browser, or a real one at a serial port.

import { LineLink } from '../link/line.js';
import { makeReady } from '../link/ready.js';
import { isSupported, requested } from '../link/serial.js';
import { SimulatedPort } from '../link/simulated.js';
import { make, say, section } from '../dom.js';

/** Returns the section; `linked` gets the link to the pump that was chosen, which `listener` hears; `tell` shows an error. */
export function start(listener, linked, tell) {
  const outcome = make('p', { role: 'status' });
  const button = (name, text, choose, isReady = false) => make('button', { type: 'button', name, onclick: async () => {
    for (const each of buttons) each.disabled = true;
    try {
      const link = new LineLink(await choose(), listener);
      linked(link);
      say(outcome, 'Connecting …');
      if (isReady) await link.greeted.then((pump) => makeReady(link, pump));
    } catch (error) {
      if (outcome.isConnected) say(outcome, error.message);
      else tell(error.message); // the pump is shown already
      enable();
    }
  } }, text);
  const buttons = [
    button('simulated', 'Simulated pump', () => new SimulatedPort()),
    button('ready', 'Simulated pump, filled and running', () => new SimulatedPort(), true),
    button('serial', 'Pump at a serial port', requested),
  ];
  const enable = () => {
    for (const each of buttons) each.disabled = each.name === 'serial' && !isSupported();
  };
  enable();
  const hint = isSupported() ? '' : 'This browser has no Web Serial, which a pump at a serial port needs; Chrome, Edge and Opera have it.';
  return section('start', 'Which pump?', make('p', { className: 'buttons' }, ...buttons), make('p', { role: 'status' }, hint), outcome);
}

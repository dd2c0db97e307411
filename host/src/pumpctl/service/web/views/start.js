// Which pump a page without a service shows: a simulated one in this browser, or a real one at a serial port.

import { LineLink } from '../link/line.js';
import { isSupported, requested } from '../link/serial.js';
import { SimulatedPort } from '../link/simulated.js';
import { make, say, section } from '../dom.js';

/** Returns the section; `linked` gets the link to the pump that was chosen, which `listener` hears. */
export function start(listener, linked) {
  const outcome = make('p', { role: 'status' });
  const button = (name, text, choose) => make('button', { type: 'button', name, onclick: async () => {
    for (const each of buttons) each.disabled = true;
    try {
      linked(new LineLink(await choose(), listener));
      say(outcome, 'Connecting …');
    } catch (error) {
      say(outcome, error.message);
      enable();
    }
  } }, text);
  const buttons = [
    button('simulated', 'Simulated pump', () => new SimulatedPort()),
    button('serial', 'Pump at a serial port', requested),
  ];
  const enable = () => {
    buttons[0].disabled = false;
    buttons[1].disabled = !isSupported();
  };
  enable();
  const hint = isSupported() ? '' : 'This browser has no Web Serial, which a pump at a serial port needs; Chrome, Edge and Opera have it.';
  return section('start', 'Which pump?', make('p', { className: 'buttons' }, ...buttons), make('p', {}, hint), outcome);
}

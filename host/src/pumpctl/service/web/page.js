// The bench in the browser: one pump is shown at a time, its state and alarms first, and a stop always in reach.

import { CHOICES, COMMANDS, DIGEST } from './defs.js';
import { make, say } from './dom.js';
import { ServiceLink } from './link/service.js';
import { Pump } from './pump.js';
import { alarms } from './views/alarms.js';
import { delivery } from './views/delivery.js';
import { dose } from './views/dose.js';
import { keys } from './views/keys.js';
import { log } from './views/log.js';
import { parameters } from './views/parameters.js';
import { plan } from './views/plan.js';
import { plots } from './views/plots.js';
import { refill } from './views/refill.js';
import { trace } from './views/trace.js';
import { world } from './views/world.js';

const STOP_KEY = 'F8';
const VIEWS = [alarms, delivery, plots, trace, dose, refill, plan, parameters, log, keys, world];
const ROLES = CHOICES.role; // each includes those before it

const byId = (id) => document.getElementById(id);
const pumps = new Map();
let shown = null;
let leaving = new AbortController(); // ends what the views of the shown pump listen to

// What a link tells the page.
const listener = {
  opened: () => say(byId('service'), ''),
  took(message) {
    if (!message.pump) return;
    let pump = pumps.get(message.pump);
    if (!pump) {
      pump = new Pump(link, message.pump);
      pumps.set(pump.name, pump);
      pump.addEventListener('status', showChoices);
      pump.addEventListener('link', showLink);
      if (!shown) show(pump);
      else showChoices();
    }
    pump.take(message);
  },
  lost(text) {
    say(byId('service'), text);
    for (const pump of pumps.values()) pump.lose(text);
  },
};

// What the views share.
const tools = {
  /** Listens for as long as the pump is shown. */
  on(target, kind, listener) {
    target.addEventListener(kind, listener, { signal: leaving.signal });
  },

  /** Runs a request and shows its sentence, or why it was not carried out. */
  async carryOut(outcome, request) {
    outcome.classList.remove('refused');
    say(outcome, '');
    try {
      say(outcome, (await request()) ?? '');
    } catch (error) {
      outcome.classList.add('refused');
      say(outcome, error.message);
    }
  },

  /** Enables the buttons whose command, their value, may be sent now; none while there is no link, or with other definitions. */
  allow(buttons, may) {
    const isLinked = shown?.connected && fits(shown);
    for (const button of buttons) button.disabled = !(isLinked && permits(shown, button.value) && may(button.value));
  },

  pumps: () => [...pumps.values()],
};

const permits = (pump, command) => ROLES.indexOf(pump.role) >= ROLES.indexOf(COMMANDS[command]?.key ?? ROLES[0]);
const fits = (pump) => pump.hello?.digest === DIGEST;

function show(pump) {
  leaving.abort();
  leaving = new AbortController();
  shown = pump;
  byId('main').replaceChildren(...VIEWS.map((view) => view(pump, tools)));
  for (const kind of ['status', 'alarms', 'dose', 'history', 'link']) pump.dispatchEvent(new CustomEvent(kind));
  showChoices();
}

/** Shows the pumps to choose from, if there are several; those with an alarm say so. */
function showChoices() {
  const nav = byId('choices');
  nav.hidden = pumps.size < 2;
  if (nav.children.length !== pumps.size) {
    nav.replaceChildren(...[...pumps.values()].map((pump) => make('button', { type: 'button', value: pump.name, onclick: () => show(pump) })));
  }
  for (const button of nav.children) {
    const pump = pumps.get(button.value);
    say(button, `Pump ${pump.name}${pump.status?.alarm ? ' – alarm' : ''}`);
    button.setAttribute('aria-pressed', String(pump === shown));
  }
}

function showLink() {
  if (!shown) return;
  say(byId('title'), `Pump ${shown.name}${shown.port ? `: ${shown.port}` : ''}`);
  const other = shown.hello && !fits(shown) ? 'This pump has other definitions: it can be read and stopped, no more.' : '';
  const how = shown.role === ROLES.at(-1) ? '' : ` ${shown.roleHint}`;
  say(byId('role'), `Role of this page: ${shown.role}.${how}`);
  say(byId('link'), shown.connected ? other : shown.text || 'There is no link to the pump.');
}

async function stop() {
  if (!shown) {
    say(byId('stopped'), 'NOT STOPPED. No pump is connected to this page.');
    return;
  }
  const name = shown.name;
  say(byId('stopped'), `Stopping pump ${name} …`);
  try {
    await shown.stop();
    say(byId('stopped'), `Pump ${name} is stopped. Delivery continues only after a start.`);
  } catch (error) {
    say(byId('stopped'), `NOT STOPPED. ${error.message} Stop the pump itself, or clamp the line.`);
  }
}

byId('stop').addEventListener('click', stop);
document.addEventListener('keydown', (event) => {
  if (event.key !== STOP_KEY || event.repeat) return;
  event.preventDefault();
  stop();
}, { capture: true });

// The service's own page is linked to it; a page from elsewhere asks which pump it shall show.
let link;
const isServed = document.querySelector('meta[name=pump-link]').content === 'service';
byId('rest').hidden = !isServed;
if (isServed) {
  link = new ServiceLink(listener);
} else {
  const { start } = await import('./views/start.js');
  byId('main').replaceChildren(start(listener, (made) => { link = made; }, (text) => say(byId('service'), text)));
}

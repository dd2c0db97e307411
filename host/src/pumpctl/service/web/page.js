'use strict';
const pumps = new Map();
const main = document.getElementById('pumps');
let socket = null;
let nextId = 1;
let names = { states: {}, alarms: {} };

async function connect() {
  const token = new URLSearchParams(location.search).get('token');
  const query = token ? `?token=${encodeURIComponent(token)}` : '';
  try {
    names = await (await fetch(`/api/v1/names${query}`)).json();
  } catch {
    lost();
    return;
  }
  socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/ws${query}`);
  socket.onmessage = (message) => take(JSON.parse(message.data));
  socket.onclose = lost;
}

function lost() {
  main.replaceChildren(element('p', 'The service does not answer; trying again.'));
  pumps.clear();
  setTimeout(connect, 1000);
}

function element(name, text) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  return made;
}

function ask(pump, cmd, fields = {}) {
  socket.send(JSON.stringify({ id: nextId++, pump, cmd, ...fields }));
}

function section(name) {
  if (pumps.size === 0) main.replaceChildren();
  const stop = element('button', 'Stop');
  stop.onclick = () => ask(name, 'stop');
  const [box, title, alarms, list, note] = ['section', 'h2', 'div', 'dl', 'p'].map((tag) => element(tag));
  const view = { box, title, alarms, list, note };
  view.alarms.className = 'alarm';
  view.box.append(view.title, view.alarms, stop, view.list, view.note);
  main.append(view.box);
  pumps.set(name, view);
  ask(name, 'telemetry', { period_s: 1 });
  ask(name, 'alarms');
  return view;
}

function take(message) {
  if (!message.pump) return;
  const view = pumps.get(message.pump) ?? section(message.pump);
  if (message.port) view.title.textContent = `Pump ${message.pump}: ${message.port}`;
  if (message.text) view.note.textContent = message.text;
  if (message.cmd === 'stop' && message.ok) view.note.textContent = 'Stopped. Delivery continues only after a start.';
  if (message.cmd === 'alarms' && message.ok) showAlarms(view, message.rows);
  if (message.event) ask(message.pump, 'alarms');
  if (message.connected === true) { ask(message.pump, 'telemetry', { period_s: 1 }); ask(message.pump, 'alarms'); }
  const status = message.telemetry ?? message.status;
  if (status) show(view, status);
}

function showAlarms(view, rows) {
  view.alarms.replaceChildren(...rows.map(([alarm]) => element('p', alarmText(alarm))));
}

function alarmText(alarm) {
  const known = names.alarms[alarm];
  return known ? `${known[0]}: ${known[1]} ${known[2]}` : `alarm ${alarm}`;
}

function show(view, status) {
  const rows = [
    ['state', names.states[status.state] ?? status.state],
    ['rate', status.rate_ul_day ? `${(status.rate_ul_day / 1000).toFixed(3)} mL/day` : 'not set'],
    ['delivered', `${(status.book_ul / 1000).toFixed(3)} mL in ${status.strokes} strokes`],
    ['reservoir', reservoir(status)],
    ['pressure', status.pressure_pa === null ? 'no reading' : `${(status.pressure_pa / 1000).toFixed(1)} kPa`],
  ];
  view.list.replaceChildren(...rows.flatMap(([name, value]) => [element('dt', name), element('dd', value)]));
}

function reservoir(status) {
  if (status.fluid === 'none') return 'not entered yet';
  return `${status.fluid}, ${(status.ledger_nl / 1e6).toFixed(3)} mL by the ledger`;
}

connect();

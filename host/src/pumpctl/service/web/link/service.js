// The link by `pumpctl serve`: requests with their answers by the WebSocket, and what the pumps send by themselves.
// It has the methods of LineLink (line.js), and for what the service has recorded `curves` and `records`.

import { NotDone } from './not_done.js';

const RETRY_MS = 1000;
const NO_SERVICE = 'The service does not answer.';

/** Opens the WebSocket again whenever it is lost. `listener` has opened(), took(message) and lost(text). */
export class ServiceLink {
  pairsAs = 'service'; // the name that a pairing proposes
  roleHint = 'For more, open the address with a token, as `pumpctl serve` has printed it.';
  #listener;
  #socket = null;
  #nextId = 1;
  #waiting = new Map();
  #token = new URLSearchParams(location.search).get('token');

  constructor(listener) {
    this.#listener = listener;
    this.#open();
  }

  get #isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Resolves to the pump's answer; rejects with NotDone. */
  ask(pump, cmd, fields = {}) {
    if (!this.#isOpen) return Promise.reject(new NotDone(NO_SERVICE, 'no_service'));
    const id = this.#nextId++;
    this.#socket.send(JSON.stringify({ id, pump, cmd, ...fields }));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** Stops delivery by whatever way leads to the service. */
  stop(pump) {
    return this.#isOpen ? this.ask(pump, 'stop') : this.#rest(`${pathOf(pump)}/commands/stop`, {});
  }

  /** Resolves to {simulated, session}: whether the pump has a world here, and the name of what is recorded, or null. */
  about(pump) {
    return this.#rest(pathOf(pump));
  }

  /** Resolves to the reports of a session as History.addPart takes them. */
  async curves(session) {
    return (await this.#rest(`sessions/${encodeURIComponent(session)}/curves`)).rows;
  }

  /** Calls `take` with all records of the log of a session, as the pump sends them. */
  async records(session, take) {
    for (let after = 0; ;) {
      const rows = await this.#rest(`sessions/${encodeURIComponent(session)}/event?after=${after}`);
      if (!rows.length) return;
      take(rows.map((row) => [row.sequence, row.uptime_s, row.ms, row.event, row.a, row.b]));
      after = rows.at(-1).id;
    }
  }

  /** Pairs the service with a pump, whose button must be pressed; resolves to {name, role, file}. */
  pair(pump, name, role) {
    return this.#rest(`${pathOf(pump)}/pair`, { name, role });
  }

  /** Resolves to the true values of a simulated pump's world. */
  truth(pump) {
    return this.#rest(`${pathOf(pump)}/world`);
  }

  /** Runs an action on that world; `value` may be undefined. */
  act(pump, action, value) {
    return this.#rest(`${pathOf(pump)}/world`, { action, value });
  }

  /** Resolves to the JSON at a path of the REST interface; with a body it is a POST. Rejects with NotDone. */
  async #rest(path, body) {
    const headers = this.#token ? { Authorization: `Bearer ${this.#token}` } : {};
    const options = { headers };
    if (body !== undefined) {
      Object.assign(options, { method: 'POST', body: JSON.stringify(body) });
      headers['Content-Type'] = 'application/json';
    }
    let found;
    let answer;
    try {
      found = await fetch(`/api/v1/${path}`, options);
      answer = await found.json();
    } catch {
      throw new NotDone(NO_SERVICE, 'no_service');
    }
    if (!found.ok) throw new NotDone(answer.error?.text ?? answer.text ?? `Not done (${found.status}).`, answer.error?.code);
    return answer;
  }

  #open() {
    const query = this.#token ? `?token=${encodeURIComponent(this.#token)}` : '';
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    this.#socket = new WebSocket(`${scheme}://${location.host}/api/v1/ws${query}`);
    this.#socket.onopen = () => this.#listener.opened();
    this.#socket.onmessage = (message) => this.#take(JSON.parse(message.data));
    this.#socket.onclose = (event) => this.#lost(event.reason);
  }

  #take(message) {
    const waiting = this.#waiting.get(message.id);
    if (!('id' in message)) this.#listener.took(message);
    if (!waiting) return;
    this.#waiting.delete(message.id);
    if (message.ok) waiting.resolve(message);
    else waiting.reject(new NotDone(message.text ?? 'The pump refused it.', message.name ?? message.error));
  }

  #lost(reason) {
    for (const { reject } of this.#waiting.values()) {
      reject(new NotDone('The connection was lost before the answer; check the state before you try again.', 'lost'));
    }
    this.#waiting.clear();
    this.#listener.lost(reason || 'The service does not answer; trying again.');
    setTimeout(() => this.#open(), RETRY_MS);
  }
}

const pathOf = (pump) => `pumps/${encodeURIComponent(pump)}`;

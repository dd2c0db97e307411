// The connection to the service: requests with their answers by the WebSocket, and what the pumps send by themselves.

const RETRY_MS = 1000;

/** A request that was not carried out; the message is the sentence of pump or service. */
export class NotDone extends Error {
  constructor(text, name = '') {
    super(text);
    this.name = name;
  }
}

/** Opens the WebSocket again whenever it is lost. `listener` has opened(), took(message) and lost(text). */
export class Connection {
  #listener;
  #socket = null;
  #nextId = 1;
  #waiting = new Map();
  #token = new URLSearchParams(location.search).get('token');

  constructor(listener) {
    this.#listener = listener;
    this.#open();
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Resolves to the pump's answer; rejects with NotDone. */
  ask(pump, cmd, fields = {}) {
    if (!this.isOpen) return Promise.reject(new NotDone('The service does not answer.', 'no_service'));
    const id = this.#nextId++;
    this.#socket.send(JSON.stringify({ id, pump, cmd, ...fields }));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** Resolves to the JSON at a path of the REST interface; with a body it is a POST. Rejects with NotDone. */
  async rest(path, body) {
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
      throw new NotDone('The service does not answer.', 'no_service');
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

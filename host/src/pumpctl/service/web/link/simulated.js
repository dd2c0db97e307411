// The simulated pump in a worker of this browser: firmware and world run in MicroPython.

/** See LineLink. */
export class SimulatedPort {
  name = 'a simulated pump in this browser';
  simulated = true;
  #worker = new Worker(new URL('../simulation/worker.js', import.meta.url), { type: 'module' });
  #nextId = 1;
  #waiting = new Map();

  open(listener) {
    this.#worker.onmessage = ({ data }) => {
      if ('received' in data) listener.took(data.received);
      else if ('id' in data) this.#answered(data);
      else listener.opened();
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      listener.lost(`The simulated pump has ended (${event.message || 'a file is missing'}). Reload the page to start a new one.`);
    };
  }

  write(text) {
    this.#worker.postMessage({ write: text });
  }

  /** Resolves to the true values of the world. */
  truth() {
    return this.#ask('truth');
  }

  /** Runs an action on the world; rejects with an Error. */
  act(action, value) {
    return this.#ask(`do ${action}${value === undefined ? '' : ` ${value}`}`);
  }

  #ask(line) {
    const id = this.#nextId++;
    this.#worker.postMessage({ id, line });
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #answered({ id, answer }) {
    const { resolve, reject } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (answer.error) reject(new Error(answer.error));
    else resolve(answer);
  }
}

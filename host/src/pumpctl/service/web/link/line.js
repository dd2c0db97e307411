// The link of one pump whose own protocol is spoken here: at a serial port, or simulated in a worker.

import { COMMANDS, DIGEST } from '../defs.js';
import { NotDone } from './not_done.js';
import { refusal } from './refusals.js';
import { Requests } from './requests.js';
import { decode, WireError } from './wire.js';

const NAME = '1';
const LONGEST_LINE = 4096;
const SILENT_MS = 5000; // then the pump is asked: after a reset it sends nothing by itself
const WATCH_MS = 1000;
const ENVELOPE = ['id', 'ok', 'cmd'];

const bare = (answer) => Object.fromEntries(Object.entries(answer).filter(([name]) => !ENVELOPE.includes(name)));

/**
 * `port` has `name`, `simulated`, open(listener) and write(text), and truth() and act(action, value) if it is simulated.
 * It calls the listener's opened(), took(text) and lost(text); the characters of a text are bytes.
 * `listener` is the page's: opened(), took(message) and lost(text), with the messages of the service's WebSocket.
 */
export class LineLink {
  roleHint = 'It has no key of this pump.';
  #isGreeted;
  /** Resolves to the pump's name here when it has answered for the first time. */
  greeted = new Promise((resolve) => { this.#isGreeted = resolve; });
  #port;
  #listener;
  #requests;
  #isOpen = false;
  #isSame = false; // the pump has answered since the port was opened, and is the one that the page shows
  #unended = ''; // a line that has not ended yet
  #hello = null;
  #boot = null;
  #heardMs = 0;

  constructor(port, listener) {
    this.#port = port;
    this.#listener = listener;
    this.#requests = new Requests((line) => port.write(line));
    port.open({ opened: () => this.#opened(), took: (text) => this.#took(text), lost: (text) => this.#lost(text) });
    setInterval(() => this.#watch(), WATCH_MS);
  }

  /** Resolves to the pump's answer; rejects with NotDone. */
  async ask(pump, cmd, fields = {}) {
    const changes = COMMANDS[cmd]?.key !== 'view';
    if (!this.#isOpen || (changes && !this.#isSame)) throw new NotDone('There is no link to the pump.', 'lost');
    if (changes && this.#hello.digest !== DIGEST) {
      throw new NotDone('This pump has other definitions: it can be read and stopped, no more.', 'foreign_definitions');
    }
    const answer = await this.#requests.ask(cmd, fields);
    if (answer.ok !== true) {
      const { name, text } = refusal(cmd, fields, answer);
      throw new NotDone(text, name);
    }
    if ('boot' in answer) this.#boot = answer.boot;
    return answer;
  }

  stop(pump) {
    return this.ask(pump, 'stop');
  }

  about() {
    return Promise.resolve({ simulated: this.#port.simulated, session: null });
  }

  truth() {
    return this.#port.truth();
  }

  act(pump, action, value) {
    return this.#port.act(action, value);
  }

  async #opened() {
    this.#isOpen = true;
    this.#isSame = false;
    this.#unended = '';
    this.#port.write('\n'); // ends an incomplete line in the pump's buffer
    await this.#greet();
  }

  /** Asks for the versions, and tells the page of the pump, which then subscribes to its reports. */
  async #greet() {
    this.#heardMs = Date.now();
    try {
      const hello = bare(await this.#requests.ask('hello'));
      if (this.#hello && hello.unique_id !== this.#hello.unique_id) {
        this.#isOpen = false;
        this.#tell({ connected: false, text: `This is another pump: ${hello.unique_id}. Reload the page to use it.` });
        return;
      }
      this.#hello = hello;
      this.#isSame = true;
      this.#listener.opened();
      this.#tell({ port: this.#port.name, hello, role: hello.keyed ? 'view' : 'service', connected: true, status: null });
      this.#isGreeted(NAME);
    } catch (error) {
      if (this.#isOpen) this.#listener.lost(`No answer at ${this.#port.name}; check that it is the pump's port and has power.`);
    }
  }

  #tell(message) {
    this.#listener.took({ pump: NAME, ...message });
  }

  #took(text) {
    this.#heardMs = Date.now();
    const lines = (this.#unended + text).split('\n');
    this.#unended = lines.pop().slice(-LONGEST_LINE);
    for (const line of lines) if (line.startsWith('{')) this.#line(line); // others are the device's log
  }

  #line(line) {
    let fields;
    try {
      ({ fields } = decode(line));
    } catch (error) {
      if (error instanceof WireError) return; // damaged: the missing answer shows it
      throw error;
    }
    if ('event' in fields) this.#tell(fields);
    else if (fields.telemetry) this.#report(fields);
    else if ('ok' in fields) this.#requests.take(fields);
  }

  #report(fields) {
    this.#boot = fields.telemetry.boot;
    this.#tell(fields);
  }

  /** After a silence: a pump that was not greeted, or was reset, is greeted. */
  async #watch() {
    if (!this.#isOpen || Date.now() - this.#heardMs < SILENT_MS) return;
    this.#heardMs = Date.now();
    const before = this.#boot;
    const answer = this.#hello && (await this.#requests.ask('status').catch(() => null));
    if (answer && answer.boot === before) return;
    if (answer) {
      this.#boot = answer.boot;
      this.#tell({ gap: 'reset', text: `The pump was reset; this is start ${answer.boot}.` });
    }
    await this.#greet();
  }

  #lost(text) {
    this.#isOpen = false;
    this.#requests.drop('The link was lost before the answer; check the state before you try again.');
    this.#listener.lost(text);
  }
}

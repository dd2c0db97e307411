// The link of one pump whose own protocol is spoken here: at a serial port, or simulated in a worker.

import { COMMANDS, DIGEST } from '../defs.js';
import { load, save } from './key_store.js';
import { newNonce, isSame, Pairing, Session } from './keys.js';
import { NotDone } from './not_done.js';
import { refusal } from './refusals.js';
import { afterStop, isEnded, Requests } from './requests.js';
import { decode, WireError } from './wire.js';

const NAME = '1';
const LONGEST_LINE = 4096;
const SILENT_MS = 5000; // then the pump is asked: after a reset it sends nothing by itself
const WATCH_MS = 1000;
const PAIR_POLL_MS = 250;
const NOT_PRESSED = 'The pump’s button was not pressed within 60 s, so nothing was paired.';
const ENVELOPE = ['id', 'ok', 'cmd'];

const bare = (answer) => Object.fromEntries(Object.entries(answer).filter(([name]) => !ENVELOPE.includes(name)));

/** Returns an answer; throws NotDone for a refusal. */
function accepted(cmd, fields, answer) {
  if (answer.ok === true) return answer;
  const { name, text } = refusal(cmd, fields, answer);
  throw new NotDone(text, name);
}

/**
 * `port` has `name`, `simulated`, open(listener) and write(text), and truth() and act(action, value) if it is simulated.
 * It calls the listener's opened(), took(text) and lost(text); the characters of a text are bytes.
 * `listener` is the page's: opened(), took(message) and lost(text), with the messages of the service's WebSocket.
 */
export class LineLink {
  pairsAs = 'page'; // the name that a pairing proposes
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
  #key = null; // of this pump, in this browser
  #session = null; // a promise
  #stops = 0;
  #boot = null;
  #heardMs = 0;

  constructor(port, listener) {
    this.#port = port;
    this.#listener = listener;
    this.#requests = new Requests((line) => port.write(line));
    port.open({ opened: () => this.#portOpened(), took: (text) => this.#took(text), lost: (text) => this.#lost(text) });
    setInterval(() => this.#watch(), WATCH_MS);
  }

  /** Resolves to the pump's answer; rejects with NotDone. */
  async ask(pump, cmd, fields = {}) {
    const changes = COMMANDS[cmd]?.key !== 'view';
    if (!this.#isOpen || (changes && !this.#isSame)) throw new NotDone('There is no link to the pump.', 'lost');
    if (changes && this.#hello.digest !== DIGEST) {
      throw new NotDone('This pump has other definitions: it can be read and stopped, no more.', 'foreign_definitions');
    }
    if (cmd === 'stop') this.#stops++;
    const answer = await (changes && this.#hello.keyed ? this.#askInSession(cmd, fields) : this.#requests.ask(cmd, fields));
    accepted(cmd, fields, answer);
    if ('boot' in answer) this.#noticeReset(answer.boot);
    return answer;
  }

  stop(pump) {
    return this.ask(pump, 'stop');
  }

  /** Why this page may not do more with the pump than its role permits. */
  get roleHint() {
    if (this.#key) return 'Its key is for that role; for more, pair it again.';
    return 'It has no key of this pump, so it reads and stops; pair it below under Keys.';
  }

  /** Pairs this browser with the pump, whose button must be pressed; resolves to {name, role, file}. Rejects with NotDone. */
  async pair(pump, name, role) {
    const { unique_id: boardId } = this.#hello;
    await load(boardId); // a browser that keeps no keys fails here
    const pairing = await Pairing.begun(name, role);
    await this.ask(pump, 'pair_begin', { name, role, public: pairing.public });
    const { key, proof, pumpProof } = await pairing.agreed(await this.#publicOfPump(pump), boardId);
    const answer = await this.ask(pump, 'pair_finish', { proof });
    if (!isSame(pumpProof, answer.proof)) throw new NotDone('What answers is not the pump that was paired; its key is not kept.', 'proof_wrong');
    await save(boardId, key);
    await this.#greet();
    return { name, role, file: 'this browser' };
  }

  /** Resolves to the pump's public key, when its button was pressed. */
  async #publicOfPump(pump) {
    for (;;) {
      const state = await this.ask(pump, 'pair_state');
      if (state.stage === 'ready') return state.public;
      if (state.stage === 'idle') throw new NotDone(NOT_PRESSED, 'pairing_over');
      await new Promise((resolve) => { setTimeout(resolve, PAIR_POLL_MS); });
    }
  }

  /** Resolves to the answer to a line with a code; after a reset, or 3 min without a line, in a new session. */
  async #askInSession(cmd, fields) {
    const stops = this.#stops;
    for (let isLast = false; ; isLast = true) {
      this.#session ??= this.#opened();
      const opening = this.#session;
      const session = await opening.catch((error) => {
        if (this.#session === opening) this.#session = null;
        throw error;
      });
      if (stops !== this.#stops) return afterStop(cmd);
      const answer = await this.#requests.ask(cmd, fields, session);
      if (!isEnded(answer) || isLast) return answer;
      if (this.#session === opening) this.#session = null;
    }
  }

  async #opened() {
    if (!this.#key) throw new NotDone('This page has no key of this pump; pair it under Keys.', 'key_missing');
    const nonce = newNonce();
    const fields = { name: this.#key.name, role: this.#key.role, nonce };
    const answer = accepted('session_open', fields, await this.#requests.ask('session_open', fields));
    return Session.opened(this.#key, this.#hello.unique_id, nonce, answer);
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

  async #portOpened() {
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
      this.#session = null;
      this.#key = hello.keyed ? await load(hello.unique_id).catch(() => null) : null;
      this.#isSame = true;
      this.#listener.opened();
      this.#tell({ port: this.#port.name, hello, role: hello.keyed ? this.#key?.role ?? 'view' : 'service', connected: true, status: null });
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
    let message;
    try {
      message = decode(line);
    } catch (error) {
      if (error instanceof WireError) return; // damaged: the missing answer shows it
      throw error;
    }
    const { fields, body, code } = message;
    if ('event' in fields) this.#tell(fields);
    else if (fields.telemetry) this.#report(fields);
    else if ('ok' in fields) this.#requests.take(fields, body, code);
  }

  #report(fields) {
    this.#noticeReset(fields.telemetry.boot);
    this.#tell(fields);
  }

  /** Compares the count of starts, and greets a pump that was reset. */
  #noticeReset(boot) {
    const before = this.#boot;
    this.#boot = boot;
    if (before === null || before === boot) return;
    this.#tell({ gap: 'reset', text: `The pump was reset; this is start ${boot}.` });
    this.#greet();
  }

  /** After a silence, asks the pump, which may have been reset; one that was not greeted, or doesn't answer, is greeted. */
  async #watch() {
    if (!this.#isOpen || Date.now() - this.#heardMs < SILENT_MS) return;
    this.#heardMs = Date.now();
    const answer = this.#hello && (await this.#requests.ask('status').catch(() => null));
    if (answer) this.#noticeReset(answer.boot);
    else await this.#greet();
  }

  #lost(text) {
    this.#isOpen = false;
    this.#requests.drop('The link was lost before the answer; check the state before you try again.');
    this.#listener.lost(text);
  }
}

// The requests to one pump: one at a time on the line, a stop ahead of all, answers matched by id.
// As service/requests.py of the host, for one client.

import { BITS, COMMANDS, REFUSALS } from '../defs.js';
import { NotDone } from './not_done.js';
import { encode } from './wire.js';

const TRY_MS = 1000; // after which a request without an answer is sent again
const TRIES = 3;
const MOST_DAMAGED = 8; // refusals of damaged lines, after each of which the request is sent once more
const FIRST_ID = 100_000_000;
const LAST_ID = 999_999_999; // below the pump's limit of 2^30
const UNREADABLE = ['bad_line', 'bad_checksum', 'too_long'];
const numberOf = (table, name) => Number(Object.keys(table).find((number) => table[number].name === name));
const HELD = numberOf(REFUSALS, 'held');
const STOPPED = 1 << numberOf(BITS, 'stopped');

/** Sends requests by `write`. After a stop, no earlier request that changes something is sent any more. */
export class Requests {
  #write;
  #nextId = FIRST_ID + Math.floor(Math.random() * (LAST_ID - FIRST_ID));
  #waiting = [];
  #underWay = new Map();
  #present = null; // the one that the next has to wait for

  constructor(write) {
    this.#write = write;
  }

  /** Resolves to the pump's answer, a refusal too; rejects with NotDone, or with WireError for what no line can carry. */
  ask(cmd, fields = {}) {
    const id = this.#nextId;
    this.#nextId = id < LAST_ID ? id + 1 : FIRST_ID;
    const operates = COMMANDS[cmd]?.key !== 'view';
    const request = { id, cmd, operates, tries: 0, damaged: 0, again: true, timer: null };
    return new Promise((resolve, reject) => {
      Object.assign(request, { line: encode({ id, cmd, ...fields }), resolve, reject });
      if (cmd === 'stop') {
        this.#giveUpChanges();
        this.#send(request);
      } else {
        this.#waiting.push(request);
        this.#next();
      }
    });
  }

  /** Takes an answer of the pump; one that nothing waits for is left out. */
  take(answer) {
    const request = this.#underWay.get(answer.id);
    if (answer.id === null || answer.id === undefined) this.#repeatDamaged(answer);
    else if (request && (answer.cmd ?? request.cmd) === request.cmd) this.#settle(request, () => request.resolve(answer));
  }

  /** The link is lost: no request gets an answer any more. */
  drop(text) {
    for (const request of [...this.#underWay.values(), ...this.#waiting]) {
      this.#end(request, () => request.reject(new NotDone(text, 'lost')));
    }
    this.#waiting = [];
    this.#present = null;
  }

  #giveUpChanges() {
    for (const request of this.#waiting.filter(({ operates }) => operates)) {
      request.resolve({ id: request.id, ok: false, refused: HELD, cmd: request.cmd, bits: STOPPED });
    }
    this.#waiting = this.#waiting.filter(({ operates }) => !operates);
    for (const request of this.#underWay.values()) request.again &&= !request.operates;
  }

  #next() {
    if (this.#present || !this.#waiting.length) return;
    this.#present = this.#waiting.shift();
    this.#send(this.#present);
  }

  #send(request) {
    this.#underWay.set(request.id, request);
    request.tries++;
    clearTimeout(request.timer);
    request.timer = setTimeout(() => this.#late(request), TRY_MS);
    this.#write(request.line);
  }

  #late(request) {
    if (request.tries < TRIES && request.again) this.#send(request);
    else this.#settle(request, () => request.reject(noAnswer(request)));
  }

  /** The pump received a damaged line: sends again what it may have been. */
  #repeatDamaged(answer) {
    if (!UNREADABLE.includes(REFUSALS[answer.refused]?.name)) return;
    for (const request of this.#underWay.values()) {
      if (request.again && request.damaged++ < MOST_DAMAGED) this.#write(request.line);
    }
  }

  #settle(request, tell) {
    this.#end(request, tell);
    if (this.#present !== request) return;
    this.#present = null;
    this.#next();
  }

  #end(request, tell) {
    this.#underWay.delete(request.id);
    clearTimeout(request.timer);
    tell();
  }
}

function noAnswer({ cmd, operates }) {
  const advice = operates ? 'it is not known whether it was executed, so check the state before you try again' : 'check the cable and try again';
  return new NotDone(`The pump did not answer ${cmd.replaceAll('_', ' ')} in ${(TRIES * TRY_MS) / 1000} s; ${advice}.`, 'no_answer');
}

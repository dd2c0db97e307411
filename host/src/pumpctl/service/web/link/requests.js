// The requests to one pump: one at a time on the line, a stop ahead of all, answers matched by id.
// As service/requests.py of the host, for one client. In a session, a line carries a code, and only an answer with one counts.

import { BITS, COMMANDS, REFUSALS } from '../defs.js';
import { NotDone } from './not_done.js';
import { encode } from './wire.js';

const TRY_MS = 1000; // after which a request without an answer is sent again
const TRIES = 3;
const MOST_DAMAGED = 8; // refusals of damaged lines, after each of which the request is sent once more
const FIRST_ID = 100_000_000;
const DRAWN_IDS = 800_000_000; // of which the first is drawn; in a session ids rise, and a page sends fewer than are left
const UNREADABLE = ['bad_line', 'bad_checksum', 'too_long'];
// Refusals by a pump that doesn't know the session, as after a reset; they can't carry its code.
const ENDED = ['no_session', 'code_invalid'];
const numberOf = (table, name) => Number(Object.keys(table).find((number) => table[number].name === name));
const HELD = numberOf(REFUSALS, 'held');
const STOPPED = 1 << numberOf(BITS, 'stopped');
const refusalOf = (answer) => REFUSALS[answer.refused]?.name;

/** What a request gets that changes something and that a stop went ahead of. */
export const afterStop = (cmd) => ({ ok: false, refused: HELD, cmd, bits: STOPPED });

/** Whether the pump has certainly not carried out a request, as it doesn't know the session. */
export const isEnded = (answer) => ENDED.includes(refusalOf(answer));

/** Sends requests by `write`. After a stop, no earlier request that changes something is sent any more. */
export class Requests {
  #write;
  #nextId = FIRST_ID + Math.floor(Math.random() * DRAWN_IDS);
  #waiting = [];
  #underWay = new Map();
  #present = null; // the one that the next has to wait for

  constructor(write) {
    this.#write = write;
  }

  /** Resolves to the pump's answer, a refusal too; rejects with NotDone, or with WireError for what no line can carry. */
  ask(cmd, fields = {}, session = null) {
    const id = this.#nextId++;
    const operates = COMMANDS[cmd]?.key !== 'view';
    const request = { id, cmd, operates, session, tries: 0, damaged: 0, again: true, timer: null };
    return new Promise((resolve, reject) => {
      const sent = { id, cmd, ...fields };
      Object.assign(request, { sent, line: session ? null : encode(sent), resolve, reject });
      if (cmd === 'stop') {
        this.#giveUpChanges();
        this.#send(request);
      } else {
        this.#waiting.push(request);
        this.#next();
      }
    });
  }

  /** Takes an answer of the pump, with the text and the code of its line; one that nothing waits for is left out. */
  async take(answer, body = '', code = null) {
    const request = this.#underWay.get(answer.id);
    if (answer.id === null || answer.id === undefined) this.#refusedUnread(answer);
    else if (request && (answer.cmd ?? request.cmd) === request.cmd) {
      if (request.session && isEnded(answer)) this.#ended(request, answer);
      else if (!request.session || (await request.session.vouchesFor(body, code))) this.#settle(request, () => request.resolve(answer));
    }
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
      request.resolve({ id: request.id, ...afterStop(request.cmd) });
    }
    this.#waiting = this.#waiting.filter(({ operates }) => !operates);
    for (const request of this.#underWay.values()) request.again &&= !request.operates;
  }

  #next() {
    const request = this.#waiting[0];
    if (this.#present || !request) return;
    if (request.line === null) {
      this.#seal(request);
      return;
    }
    this.#present = this.#waiting.shift();
    this.#send(request);
  }

  /** Makes the line of the first request that waits; a stop or the end of the link may take the request away meanwhile. */
  async #seal(request) {
    if (request.isSealing) return;
    request.isSealing = true;
    try {
      request.line = await request.session.line(request.sent);
    } catch (error) {
      this.#waiting = this.#waiting.filter((other) => other !== request);
      request.reject(error);
    }
    this.#next();
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

  /** The pump could not read a line, or doesn't know its session: it may have been any that is under way. */
  #refusedUnread(answer) {
    for (const request of [...this.#underWay.values()]) {
      if (request.session && isEnded(answer)) this.#ended(request, answer);
      else if (UNREADABLE.includes(refusalOf(answer)) && request.again && request.damaged++ < MOST_DAMAGED) this.#write(request.line);
    }
  }

  /** The pump doesn't know the session: resolves to that, unless an earlier copy of the line may have been carried out. */
  #ended(request, answer) {
    const isSure = request.tries === 1 && !request.damaged;
    this.#settle(request, () => (isSure ? request.resolve(answer) : request.reject(noAnswer(request))));
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

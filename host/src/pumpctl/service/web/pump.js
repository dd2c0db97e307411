// What the page knows of one pump. It tells its views by events: status, alarms, dose, record, link, recorded, history, gap.

import { History } from './history.js';

const DOSE_EVERY_MS = 30_000;
const PACE_MS = 2000; // over which reports are counted; a simulated pump may be a thousand times as fast as the clock
const MOST_REPORTS = 20;
const LEAST_REPORTS = 4;
const LONGEST_PERIOD_S = 3600;

export class Pump extends EventTarget {
  history = new History();
  status = null;
  alarms = []; // rows of the answer to `alarms`
  dose = null;
  hello = null;
  port = '';
  role = 'service'; // of this page
  connected = false;
  text = ''; // the last sentence about the link
  simulated = false;
  session = null;
  #link;
  #periodS = 1;
  #arrived = 0; // reports
  #early = null; // reports that came while the recorded ones are read
  #alarmsMissed = false; // the last request for the alarms had no answer
  #timers = [];

  /** `link` is a ServiceLink or a LineLink; `name` is the pump's name there. */
  constructor(link, name) {
    super();
    this.#link = link;
    this.name = name;
  }

  /** Resolves to the answer to a command; rejects with NotDone, as all that follow. */
  ask(cmd, fields) {
    return this.#link.ask(this.name, cmd, fields);
  }

  /** Stops delivery. */
  stop() {
    return this.#link.stop(this.name);
  }

  /** Resolves to the true values of the world of a simulated pump. */
  truth() {
    return this.#link.truth(this.name);
  }

  /** Runs an action on that world; `value` may be undefined. */
  act(action, value) {
    return this.#link.act(this.name, action, value);
  }

  /** The name that a pairing proposes. */
  get pairsAs() {
    return this.#link.pairsAs;
  }

  /** Pairs the service, or this browser, with the pump; resolves to {name, role, file}. */
  pair(name, role) {
    return this.#link.pair(this.name, name, role);
  }

  /** Why this page may not do more with the pump than its role permits. */
  get roleHint() {
    return this.#link.roleHint;
  }

  /** Calls `take` with the records of the log that were recorded elsewhere, as often as rows come. */
  async records(take) {
    if (this.session) await this.#link.records(this.session, take);
  }

  /** Takes a message that came by itself. */
  take(message) {
    if ('connected' in message) {
      const { hello = this.hello, port = this.port, role = this.role, text = this.text } = message;
      Object.assign(this, { hello, port, role, text });
      this.#begin(message.connected);
    }
    if ('gap' in message) {
      this.text = message.text;
      this.history.interrupt();
      this.#tell('gap', message);
    }
    if (message.event) {
      this.#tell('record', message.event);
      this.askAlarms();
      this.#askStatus();
    }
    if (message.telemetry) this.#report(message.telemetry);
    else if (message.status) this.#show(message.status);
  }

  /** The link is lost. */
  lose(text) {
    this.connected = false;
    this.text = text;
    this.#timers.forEach(clearInterval);
    this.#tell('link');
  }

  /** Asks for the alarms; without an answer, again at the next status. */
  askAlarms() {
    this.#alarmsMissed = false;
    const take = (answer) => {
      this.alarms = answer.rows;
      this.#tell('alarms');
    };
    return this.ask('alarms').then(take, () => { this.#alarmsMissed = true; });
  }

  askDose() {
    return this.#quietly('dose', (answer) => {
      this.dose = answer;
      this.#tell('dose');
    });
  }

  #askStatus() {
    return this.#quietly('status', (answer) => this.#show(answer));
  }

  async #begin(connected) {
    this.connected = connected;
    this.#tell('link');
    this.#timers.forEach(clearInterval);
    if (!connected) return;
    this.#subscribe();
    this.askAlarms();
    this.askDose();
    this.#timers = [setInterval(() => this.askDose(), DOSE_EVERY_MS), setInterval(() => this.#adjustPace(), PACE_MS)];
    await this.#readRecorded();
  }

  /** Asks for something to show; an error is told by the link's own sentence. */
  #quietly(cmd, take) {
    return this.ask(cmd).then(take, () => {});
  }

  #subscribe() {
    this.ask('telemetry', { period_s: this.#periodS }).catch(() => {});
  }

  /** Reads what was recorded of this session, as far as it is not here yet. */
  async #readRecorded() {
    if (this.#early) return;
    this.#early = [];
    try {
      const { simulated, session } = await this.#link.about(this.name);
      if (this.session !== session) this.history.clear();
      Object.assign(this, { simulated, session });
      if (session) for (const row of await this.#link.curves(session)) this.history.addPart(row);
    } catch (error) {
      this.text = `The recorded values can't be read: ${error.message}`;
    }
    for (const status of this.#early) if (this.history.isNewer(status)) this.history.add(status);
    this.#early = null;
    if (!this.status) await this.#askStatus();
    this.#tell('recorded');
    this.#tell('history');
  }

  #report(status) {
    if (this.#early) this.#early.push(status);
    else this.history.add(status);
    this.#show(status);
    this.#tell('history');
    this.#arrived++;
  }

  #show(status) {
    const before = this.status;
    this.status = status;
    if (this.#alarmsMissed || before?.alarm !== status.alarm) this.askAlarms();
    if (before?.rate_ul_day !== status.rate_ul_day || before?.fluid !== status.fluid) this.askDose();
    this.#tell('status');
  }

  /**
   * Asks for fewer reports when a fast simulated pump sends more than can be shown, and for more again when few come. When
   * none comes, an earlier request may have had no answer.
   */
  #adjustPace() {
    const count = this.#arrived;
    this.#arrived = 0;
    const periodS = count > MOST_REPORTS ? this.#periodS * 2 : count < LEAST_REPORTS ? Math.ceil(this.#periodS / 2) : this.#periodS;
    if ((count && periodS === this.#periodS) || periodS > LONGEST_PERIOD_S) return;
    this.#periodS = periodS;
    this.#subscribe();
  }

  #tell(kind, detail = null) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}

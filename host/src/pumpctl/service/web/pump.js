// What the page knows of one pump. It tells its views by events: status, alarms, dose, record, link, recorded, history, gap.

import { History } from './history.js';

const DOSE_EVERY_MS = 30_000;
const FASTEST_MS = 200; // between two reports; a simulated pump may be a thousand times as fast as the clock
const COUNTED = 5; // reports over which their pace is measured
const LONGEST_PERIOD_S = 3600;

export class Pump extends EventTarget {
  history = new History();
  status = null;
  alarms = []; // rows of the answer to `alarms`
  dose = null;
  hello = null;
  connected = false;
  text = ''; // the last sentence about the link
  simulated = false;
  session = null;
  #connection;
  #periodS = 1;
  #arrived = [];
  #early = null; // reports that came while the recorded ones are read
  #doseTimer = 0;

  constructor(connection, name) {
    super();
    this.#connection = connection;
    this.name = name;
  }

  get connection() {
    return this.#connection;
  }

  /** Resolves to the answer to a command; rejects with NotDone. */
  ask(cmd, fields) {
    return this.#connection.ask(this.name, cmd, fields);
  }

  /** Stops delivery by whatever way leads to the service. */
  async stop() {
    if (this.#connection.isOpen) return this.ask('stop');
    return this.#connection.rest(`pumps/${encodeURIComponent(this.name)}/commands/stop`, {});
  }

  /** Takes a message that the service sent by itself. */
  take(message) {
    if ('hello' in message) {
      Object.assign(this, { hello: message.hello, port: message.port });
      this.#begin(message.connected);
    } else if ('connected' in message) {
      this.text = message.text;
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
    }
    if (message.telemetry) this.#report(message.telemetry);
    else if (message.status) this.#show(message.status);
  }

  /** The connection to the service is lost. */
  lose(text) {
    this.connected = false;
    this.text = text;
    clearInterval(this.#doseTimer);
    this.#tell('link');
  }

  askAlarms() {
    return this.#quietly('alarms', (answer) => {
      this.alarms = answer.rows;
      this.#tell('alarms');
    });
  }

  askDose() {
    return this.#quietly('dose', (answer) => {
      this.dose = answer;
      this.#tell('dose');
    });
  }

  async #begin(connected) {
    this.connected = connected;
    this.#tell('link');
    clearInterval(this.#doseTimer);
    if (!connected) return;
    this.#subscribe();
    this.askAlarms();
    this.askDose();
    this.#doseTimer = setInterval(() => this.askDose(), DOSE_EVERY_MS);
    await this.#readRecorded();
  }

  /** Asks for something to show; an error is told by the link's own sentence. */
  #quietly(cmd, take) {
    return this.ask(cmd).then(take, () => {});
  }

  #subscribe() {
    this.#arrived = [];
    this.ask('telemetry', { period_s: this.#periodS }).catch(() => {});
  }

  /** Reads what the service has recorded of this session, as far as it is not here yet. */
  async #readRecorded() {
    if (this.#early) return;
    this.#early = [];
    try {
      const about = await this.#connection.rest(`pumps/${encodeURIComponent(this.name)}`);
      if (this.session !== about.session) this.history.clear();
      Object.assign(this, { simulated: about.simulated, session: about.session });
      if (this.session) {
        const path = `sessions/${encodeURIComponent(this.session)}/curves`;
        for (const row of (await this.#connection.rest(path)).rows) this.history.addPart(row);
      }
    } catch (error) {
      this.text = `The recorded values can't be read: ${error.message}`;
    }
    for (const status of this.#early) if (this.history.isNewer(status)) this.history.add(status);
    this.#early = null;
    if (!this.status) await this.#quietly('status', (answer) => this.#show(answer));
    this.#tell('recorded');
    this.#tell('history');
  }

  #report(status) {
    if (this.#early) this.#early.push(status);
    else this.history.add(status);
    this.#show(status);
    this.#tell('history');
    this.#adjustPace();
  }

  #show(status) {
    const before = this.status;
    this.status = status;
    if (before?.alarm !== status.alarm) this.askAlarms();
    if (before?.rate_ul_day !== status.rate_ul_day || before?.fluid !== status.fluid) this.askDose();
    this.#tell('status');
  }

  /** Asks for fewer reports when a fast simulated pump sends more than can be shown. */
  #adjustPace() {
    this.#arrived.push(performance.now());
    if (this.#arrived.length < COUNTED) return;
    const passedMs = this.#arrived.at(-1) - this.#arrived[0];
    this.#arrived = [];
    if (passedMs / (COUNTED - 1) < FASTEST_MS / 2 && this.#periodS < LONGEST_PERIOD_S) {
      this.#periodS *= 2;
      this.#subscribe();
    }
  }

  #tell(kind, detail = null) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}

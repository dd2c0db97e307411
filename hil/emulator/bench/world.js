// The world of hil/plant in a child process, reached over two pipes. Requests are synchronous, so world and device agree on time.

import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('world_child.py', import.meta.url));

export class World {
  /** Throws an Error with one sentence when a setting is wrong. */
  constructor(seed, settings) {
    const folder = mkdtempSync(join(tmpdir(), 'pump-world-'));
    const [toChild, fromChild] = [join(folder, 'in'), join(folder, 'out')];
    execFileSync('mkfifo', [toChild, fromChild]);
    const python = process.env.PUMP_PYTHON ?? 'python3';
    const pairs = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    this.child = spawn(python, [CHILD, toChild, fromChild, String(seed), ...pairs], { stdio: ['ignore', 'ignore', 'inherit'] });
    this.child.on('error', (error) => this.fail(error.message));
    this.child.unref();
    this.output = openSync(toChild, 'w');
    this.input = openSync(fromChild, 'r');
    rmSync(folder, { recursive: true });
    this.buffer = Buffer.alloc(65536);
    this.rest = '';
    this.requests = 0;
    this.aheadMs = 0; // world time minus device time, which stops while the power is off
    this.pressureIsOff = false;
    this.takeSteps = () => [];
    this.settle = () => ''; // reads the answer to askAhead if it has not been read yet
    const hello = JSON.parse(this.readLine());
    if (hello.error) throw new Error(hello.error);
  }

  fail(reason) {
    console.error(`The process of the simulated world could not be started: ${reason}`);
    process.exit(2);
  }

  /** Sends the steps so far and a request at this device time; returns the answer. */
  ask(word, nanos, rest = '') {
    this.send(word, nanos, rest);
    return this.readLine();
  }

  /** Sends a request and returns a function that waits for the answer, so that device and world can run in parallel. */
  askAhead(word, nanos) {
    this.send(word, nanos);
    let line = null;
    this.settle = () => (line ??= this.readLine());
    return this.settle;
  }

  send(word, nanos, rest = '') {
    this.settle();
    this.requests += 1;
    const ms = Math.floor(nanos / 1e6) + this.aheadMs;
    const lines = [...this.takeSteps(), `${word} ${ms}${rest ? ` ${rest}` : ''}`];
    writeSync(this.output, `${lines.join('\n')}\n`);
  }

  readLine() {
    for (;;) {
      const end = this.rest.indexOf('\n');
      if (end >= 0) {
        const line = this.rest.slice(0, end);
        this.rest = this.rest.slice(end + 1);
        return line;
      }
      const count = readSync(this.input, this.buffer, 0, this.buffer.length, null);
      if (count === 0) throw new Error('the process of the simulated world has ended');
      this.rest += this.buffer.toString('latin1', 0, count);
    }
  }

  do(action, number, nanos) {
    const answer = JSON.parse(this.ask('do', nanos, `${action}${number === undefined ? '' : ` ${number}`}`));
    if (answer.ok && action.startsWith('pressure_')) this.pressureIsOff = action === 'pressure_off';
    return answer;
  }

  /** Lets time pass in the world only. */
  skip(ms, nanos) {
    this.truth(nanos); // first sends the steps made so far
    this.aheadMs += ms;
  }

  /** Ends its process. */
  close() {
    this.settle();
    closeSync(this.output);
    closeSync(this.input);
  }

  truth(nanos) {
    return JSON.parse(this.ask('truth', nanos));
  }
}

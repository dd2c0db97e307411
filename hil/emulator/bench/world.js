// The world of hil/plant at the other end of two pipes, asked synchronously, so that it and the device agree on time.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
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
    this.aheadMs = 0; // of the device, whose time stands still while its power is off
    this.pressureIsOff = false;
    this.takeSteps = () => [];
    this.settle = () => ''; // takes in the answer that was asked for ahead
    const hello = JSON.parse(this.readLine());
    if (hello.error) throw new Error(hello.error);
  }

  fail(reason) {
    console.error(`The world can't be started: ${reason}`);
    process.exit(2);
  }

  /** Tells the world the steps so far and asks it at this moment of the device. */
  ask(word, nanos, rest = '') {
    this.send(word, nanos, rest);
    return this.readLine();
  }

  /** Asks, and returns a function that waits for the answer: until it is called both go on at the same time. */
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
      if (count === 0) throw new Error('the world has ended');
      this.rest += this.buffer.toString('latin1', 0, count);
    }
  }

  do(action, number, nanos) {
    const answer = JSON.parse(this.ask('do', nanos, `${action}${number === undefined ? '' : ` ${number}`}`));
    if (answer.ok && action.startsWith('pressure_')) this.pressureIsOff = action === 'pressure_off';
    return answer;
  }

  /** Lets time pass that the device doesn't live through. */
  skip(ms, nanos) {
    this.truth(nanos); // the steps so far belong before it
    this.aheadMs += ms;
  }

  truth(nanos) {
    return JSON.parse(this.ask('truth', nanos));
  }
}

// The bench channel: the text lines of boards/unix/bench_channel.py (run, rx, do, truth, changes, quit), plus measure and peek.
// `again {"args": [...], "environment": {...}}` ends the device and starts another one; it has no answer (main.js).

import { readSync, writeSync } from 'node:fs';
import { truthOf } from './truth.js';

export const AGAIN = 'again ';
const LONGEST_RUN_MS = 86400000;

export class Channel {
  constructor(device, hostMovesTime) {
    this.device = device;
    this.hostMovesTime = hostMovesTime;
    this.wall = null; // what moves the time otherwise
    this.fresh = false; // link bytes were received that the device has had no time to read
    this.pending = [];
    device.onLink = (bytes) => this.pending.push(...bytes);
  }

  /** Writes an answer. Bytes that the device sent since the last answer are written before it, as one line. */
  answer(value) {
    this.flush();
    write(`= ${JSON.stringify(value)}\n`);
  }

  flush() {
    if (this.pending.length === 0) return;
    write(`tx ${Buffer.from(this.pending).toString('hex')}\n`);
    this.pending = [];
  }

  /** Executes one line; returns false after `quit`. */
  serve(line) {
    const [word, ...rest] = line.trim().split(' ');
    if (word === 'quit') return false;
    if (word === 'run') this.run(rest[0]);
    else if (word === 'rx') this.receive(rest[0] ?? '');
    else if (word === 'do') this.answer(this.do(rest[0] ?? '', rest[1]));
    else if (word === 'truth') this.answer(truthOf(this.device));
    else if (word === 'changes') this.answer({ rows: this.device.board.annunciator.changes });
    else if (word === 'peek') this.answer({ byte: this.device.chip.mcu.readUint8(Number(rest[0]) >>> 0) });
    else if (word === 'measure') this.answer(this.device.board.steps.measure());
    else this.answer({ error: `unknown word: ${word}` });
    return true;
  }

  receive(hex) {
    if (!this.hostMovesTime) {
      this.answer({ error: 'rx works in host time only; time follows the wall clock here' });
      return;
    }
    this.device.send(Buffer.from(hex, 'hex'));
    this.fresh = true;
  }

  run(text) {
    const ms = /^\d+$/.test(text ?? '') ? Number(text) : -1;
    if (!this.hostMovesTime) this.answer({ error: 'run works in host time only; time follows the wall clock here' });
    else if (ms < 0 || ms > LONGEST_RUN_MS) this.answer({ error: 'run takes 0 to 86400000 ms' });
    else this.answer(this.runFor(ms));
  }

  /** Runs the device. After `rx`, even `run 0` lets it read the bytes. device_ms is the device time since power-on. */
  runFor(ms) {
    const beganMs = this.device.ms;
    if (this.fresh) this.device.settle();
    this.fresh = false;
    const left = ms - (this.device.ms - beganMs);
    if (left > 0) this.device.run(left);
    const deviceMs = Math.round(this.device.ms * 1000) / 1000;
    return { ticks_ms: Math.floor(deviceMs) % 2 ** 30, device_ms: deviceMs, ran_ms: deviceMs - Math.round(beganMs * 1000) / 1000 };
  }

  do(action, number) {
    if (number !== undefined && !/^-?\d+$/.test(number)) return { error: `${action} takes a whole number` };
    const value = number === undefined ? undefined : Number(number);
    if (action === 'speed') return this.wall ? this.wall.setSpeed(value) : { error: 'speed works in wall time only' };
    if (action === 'pressure_stuck') this.device.board.pressure.stuck = true;
    if (action === 'pressure_works') this.device.board.pressure.stuck = false;
    return this.device.do(action, value) ?? this.device.world.do(action, value, this.device.chip.nanos);
  }
}

function write(text) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if (error.code === 'EPIPE') process.exit(0);
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

/** Yields the lines of standard input and waits for each; ends at the end of the input. */
export function* lines() {
  const buffer = Buffer.alloc(65536);
  let rest = '';
  for (;;) {
    let count = 0;
    try {
      count = readSync(0, buffer, 0, buffer.length, null);
    } catch (error) {
      if (error.code === 'EAGAIN') {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
        continue;
      }
      if (error.code !== 'EOF') throw error;
    }
    if (count === 0) return;
    const parts = (rest + buffer.toString('latin1', 0, count)).split('\n');
    rest = parts.pop();
    yield* parts;
  }
}

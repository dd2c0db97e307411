// Wall time: the device follows the wall clock. Its link is a file descriptor, whose other end any program may open.

import { readSync, writeSync } from 'node:fs';

const SLICE_MS = 4;
const FASTEST = 100_000; // device seconds per second
const LONGEST_LAG_MS = 1000; // of wall time; after a suspend of the computer the rest is dropped

export class Wall {
  constructor(device, channel, options) {
    this.device = device;
    this.channel = channel;
    channel.wall = this;
    this.fd = options.linkFd;
    this.speed = options.speed;
    this.buffer = Buffer.alloc(4096);
    this.unsent = Buffer.alloc(0);
    device.onLink = (bytes) => (this.unsent = Buffer.concat([this.unsent, Buffer.from(bytes)]));
  }

  start() {
    process.stdin.setEncoding('latin1');
    let rest = '';
    process.stdin.on('data', (text) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop();
      for (const line of parts) if (!this.channel.serve(line)) this.end();
    });
    process.stdin.on('end', () => this.end());
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => this.end());
    this.last = performance.now();
    this.behindMs = 0;
    this.timer = setInterval(() => this.slice(), SLICE_MS);
  }

  setSpeed(speed) {
    if (!(speed >= 1 && speed <= FASTEST)) return { error: `speed takes 1..${FASTEST}` };
    this.speed = speed;
    return { ok: true };
  }

  end() {
    this.device.close();
    process.exit(0);
  }

  slice() {
    const now = performance.now();
    this.behindMs = Math.min(this.behindMs + (now - this.last) * this.speed, LONGEST_LAG_MS * this.speed);
    this.last = now;
    // In pieces, so that the link is served while the device is busy.
    const until = now + 3 * SLICE_MS;
    while (this.behindMs > 0 && performance.now() < until) {
      this.read();
      const piece = Math.min(this.behindMs, SLICE_MS * this.speed);
      this.device.run(piece);
      this.behindMs -= piece;
      this.write();
    }
  }

  read() {
    if (this.device.chip.usb.waiting.length > 1024) return; // the program at the other end has to wait
    try {
      const count = readSync(this.fd, this.buffer, 0, this.buffer.length, null);
      if (count > 0) this.device.send(this.buffer.subarray(0, count));
    } catch (error) {
      if (error.code !== 'EAGAIN' && error.code !== 'EIO') throw error;
    }
  }

  write() {
    if (this.unsent.length === 0) return;
    try {
      this.unsent = this.unsent.subarray(writeSync(this.fd, this.unsent));
    } catch (error) {
      if (error.code !== 'EAGAIN' && error.code !== 'EIO') throw error;
      this.unsent = this.unsent.subarray(Math.max(0, this.unsent.length - 65536)); // no client reads
    }
  }
}

// A pump at a serial port of this computer, by the browser's Web Serial. After the plug was pulled the port is opened again.

import { NotDone } from './not_done.js';

const VENDOR = 0x2e8a; // Raspberry Pi
const BAUD_RATE = 115200; // of the UART; USB has no use for it
const BUFFER_BYTES = 16384;

export const isSupported = () => 'serial' in navigator;

/** Resolves to the port that the user chooses; rejects with NotDone when none was chosen. */
export async function requested() {
  try {
    return new SerialPort(await navigator.serial.requestPort({ filters: [{ usbVendorId: VENDOR }] }));
  } catch (error) {
    throw new NotDone(error.name === 'NotFoundError' ? 'No port was chosen.' : `No port can be chosen: ${error.message}`, 'no_port');
  }
}

/** See LineLink. */
class SerialPort {
  name = 'the serial port';
  simulated = false;
  #port;
  #listener = null;
  #writer = null;
  #isOpening = false;

  constructor(port) {
    this.#port = port;
  }

  open(listener) {
    this.#listener = listener;
    navigator.serial.addEventListener('connect', ({ target }) => this.#open(target)); // after a plug it may be another object
    this.#open(this.#port);
  }

  write(text) {
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    this.#writer?.write(bytes).catch(() => {}); // the reader is told of it
  }

  async #open(port) {
    if (this.#isOpening || this.#writer || port.getInfo().usbVendorId !== VENDOR) return;
    this.#isOpening = true;
    this.#port = port;
    try {
      await this.#port.open({ baudRate: BAUD_RATE, bufferSize: BUFFER_BYTES });
      this.#writer = this.#port.writable.getWriter();
      this.#read();
      this.#listener.opened();
    } catch (error) {
      this.#listener.lost(`The port can't be opened (${error.message}). One program at a time can use it: end pumpctl or another page, then reload this page.`);
    }
    this.#isOpening = false;
  }

  async #read() {
    while (this.#port.readable) {
      const reader = this.#port.readable.getReader();
      try {
        for (let part = await reader.read(); !part.done; part = await reader.read()) this.#listener.took(String.fromCharCode(...part.value));
        break;
      } catch (error) {
        if (error.name === 'NetworkError') break; // the device is gone; other errors, as lost bytes, leave a new stream
      } finally {
        reader.releaseLock();
      }
    }
    this.#writer.releaseLock();
    this.#writer = null;
    await this.#port.close().catch(() => {});
    this.#listener.lost('The pump was unplugged; plug it in again.');
  }
}

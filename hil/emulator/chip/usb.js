// The USB host: finds the serial port of the image, and transfers bytes.
//
// An OUT request without bytes stays pending, as with NAKs on a real bus, so that an idle device can sleep.

import { USBCDC } from '../rp2040js.js';

const PACKET = 64;

export class UsbHost {
  constructor(chip) {
    this.usb = chip.mcu.usbCtrl;
    this.clock = chip.clock;
    this.waiting = [];
    this.request = null;
    this.lastNanos = 0;
    this.connected = false;
    this.onData = () => {};
    this.onConnect = () => {};
    this.cdc = new USBCDC(this.usb);
    this.cdc.onSerialData = (bytes) => this.fromDevice(bytes);
    this.cdc.onDeviceConnected = () => {
      this.connected = true;
      this.onConnect();
    };
    this.usb.onEndpointRead = (endpoint, size) => this.asked(endpoint, size);
  }

  /** Whether bytes are in transfer, or there was traffic in the last `nanos`. */
  busy(nanos) {
    return this.waiting.length > 0 || this.clock.nanos - this.lastNanos < nanos;
  }

  send(bytes) {
    for (const byte of bytes) this.waiting.push(byte);
    this.answer();
  }

  fromDevice(bytes) {
    this.lastNanos = this.clock.nanos;
    this.onData(bytes);
  }

  asked(endpoint, size) {
    if (endpoint !== this.cdc.outEndpoint) return;
    this.request = { endpoint, size };
    this.answer();
  }

  answer() {
    if (!this.request || !this.waiting.length || !this.connected) return;
    const { endpoint, size } = this.request;
    this.request = null;
    this.lastNanos = this.clock.nanos;
    const bytes = Uint8Array.from(this.waiting.splice(0, Math.min(size, PACKET)));
    this.usb.endpointReadDone(endpoint, bytes);
  }
}

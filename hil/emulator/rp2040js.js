// The pinned rp2040js package, from the folder that it is installed in: build/emulator, outside the sources.

import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const base = new URL('../../build/emulator/', import.meta.url);
if (!existsSync(new URL('node_modules/rp2040js/package.json', base))) {
  console.error('The emulator is not installed; run `make emulator`.');
  process.exit(2);
}
const require = createRequire(new URL('package.json', base));
const inner = (path) => require(fileURLToPath(new URL(`node_modules/rp2040js/dist/cjs/${path}.js`, base)));

export const { RP2040, USBCDC, BasePeripheral, RPI2C, I2CMode, GPIOPinState, FIFO } = require('rp2040js');
export const { CortexM0Core } = inner('cortex-m0-core');
export const { IRQ } = inner('irq');

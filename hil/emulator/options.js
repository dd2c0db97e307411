// The command line of the emulator.

import { keyOf } from './parts/keys.js';
import { choose, DEFAULT_PARTS } from './parts/table.js';

export const USAGE = `usage: node hil/emulator/main.js --image FILE [options]
  --image FILE       the image to run, .uf2 (for the RP2040) or .bin
  --bootsel FILE     a UF2 file that the action bootsel writes as the boot ROM does
  --flash FILE       file with the content of the flash chip; created from the image if missing
  --time host|wall   what moves time: the bench ("run <ms>") or the wall clock; default host
  --speed N          device seconds per second of the wall clock; default 1
  --link usb|uart    the pump's link: USB CDC (default), or UART0 on GP0 and GP1
  --link-fd N        descriptor of the serial link, for wall time
  --seed N           seed of the world and of the chip's random bits; default 1
  --set NAME=VALUE   a setting of the world (hil/plant/settings.py); may be repeated
  --part NAME=KIND   a missing or different part, such as pressure=missing or pressure@0x28
  --erase-ms N       time to erase a sector; default 45, 400 at worst
  --wake-ms N        accepted, but has no effect: the firmware decides when the device wakes
variable PUMP_KEY    32 bytes in hexadecimal digits: the pump is paired with a host that has this key; else as its flash says`;

/** Parses the arguments and the variables of the environment; throws an Error with one sentence. */
export function parse(args, environment) {
  const options = {
    image: '', flash: '', bootsel: '', time: 'host', speed: 1, link: 'usb', linkFd: -1, seed: 1, settings: {}, eraseMs: 45,
    parts: { ...DEFAULT_PARTS }, key: keyOf(environment.PUMP_KEY),
  };
  for (let at = 0; at < args.length; at += 2) apply(options, args[at], args[at + 1] ?? '');
  if (!options.image) throw new Error(`--image is missing\n${USAGE}`);
  if (options.time === 'wall' && options.linkFd < 0) throw new Error('wall time needs --link-fd');
  return options;
}

function apply(options, name, value) {
  const numbers = { '--speed': 'speed', '--link-fd': 'linkFd', '--seed': 'seed', '--erase-ms': 'eraseMs', '--wake-ms': 'wakeMs' };
  const words = { '--time': ['host', 'wall'], '--link': ['usb', 'uart'] };
  if (name in numbers && /^\d+$/.test(value)) options[numbers[name]] = Number(value);
  else if (name in words && words[name].includes(value)) options[name.slice(2)] = value;
  else if (['--image', '--flash', '--bootsel'].includes(name) && value) options[name.slice(2)] = value;
  else if (name === '--part') choose(options.parts, value);
  else if (name === '--set' && /^\w+=-?\d+$/.test(value)) options.settings[value.split('=')[0]] = Number(value.split('=')[1]);
  else throw new Error(`option ${name} with value '${value}' is not understood\n${USAGE}`);
}

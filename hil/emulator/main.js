// Starts an emulated Pico with its world. The bench channel (host time) or the wall clock drives it.

import { Channel, lines } from './bench/channel.js';
import { Device } from './bench/device.js';
import { parse } from './options.js';
import { Wall } from './bench/wall.js';

function main() {
  let options;
  let device;
  try {
    options = parse(process.argv.slice(2), process.env);
    device = new Device(options, (text) => console.error(text));
  } catch (error) {
    console.error(error.code === 'ENOENT' ? `There is no ${error.path}; run \`make firmware\`.` : error.message);
    process.exit(2);
  }
  const channel = new Channel(device, options.time === 'host');
  if (options.time === 'wall') {
    new Wall(device, channel, options).start();
    return;
  }
  for (const line of lines()) if (!channel.serve(line)) break;
  device.close();
  process.exit(0);
}

main();

// Starts an emulated Pico with its world. The bench channel (host time) or the wall clock drives it.

import { AGAIN, Channel, lines } from './bench/channel.js';
import { Device } from './bench/device.js';
import { parse } from './options.js';
import { Wall } from './bench/wall.js';

/** The device of a command line; the one before it has ended. Exits with one sentence when it can't be had. */
function opened(args, environment, before) {
  try {
    return new Device(parse(args, environment), (text) => console.error(text), before);
  } catch (error) {
    console.error(error.code === 'ENOENT' ? `There is no ${error.path}; run \`make firmware\`.` : error.message);
    return process.exit(2);
  }
}

async function main() {
  let device = opened(process.argv.slice(2), process.env);
  let channel = new Channel(device, device.options.time === 'host');
  if (device.options.time === 'wall') {
    new Wall(device, channel, device.options).start();
    return;
  }
  for (const line of lines()) {
    if (line.startsWith(AGAIN)) {
      const { args, environment } = JSON.parse(line.slice(AGAIN.length));
      device.close();
      await new Promise(setImmediate); // Node.js takes notice that the process of the world has ended
      device = opened(args, environment, device);
      channel = new Channel(device, true);
    } else if (!channel.serve(line)) break;
  }
  device.close();
  process.exit(0);
}

await main();

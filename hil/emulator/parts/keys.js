// The key that a paired pump starts with, in the flash as firmware/pump/link/key_store.py stores it.
//
// `pumpctl` makes a key for each pump that it starts, and hands it over in PUMP_KEY: a command line can be read by others.

import { createHash } from 'node:crypto';
import { FLASH_BYTES } from '../chip/chip.js';
import { PAGE, SECTOR } from '../chip/flash.js';

const KEYS_ADDRESS = FLASH_BYTES - (8 + 256 + 512) * 1024; // boards/rpi_pico/partition.py
const HOST = 'emulator'; // pumpctl/protocol/session.py has the same name
const SERVICE = 2; // the highest role
const [GENERATION_AT, STARTS_AT, SEED_AT, HOST_AT, ROLE_AT, KEY_AT, SUM_AT] = [5, 9, 13, 45, 61, 62, 241];
const SUM_BYTES = 8;
const FORM = /^[0-9a-f]{64}$/;

/** The key of 32 bytes in this text, null for an empty one; throws an Error with one sentence. */
export function keyOf(text) {
  if (text && !FORM.test(text)) throw new Error('PUMP_KEY is not 32 bytes in hexadecimal digits.');
  return text ? Buffer.from(text, 'hex') : null;
}

/** The id of the chip of a pump with this key: as a key is made for each pump, no two have the same. */
export function idOf(key) {
  return [...digest('id', key).subarray(0, 8)];
}

/** Stores the key in place of all that was stored there: two copies of a record, as after a pairing. */
export function pair(flash, key) {
  const record = Buffer.alloc(PAGE, 0xff);
  record.fill(0, HOST_AT, SUM_AT);
  record.write('KEYS\x01');
  record.writeUInt32LE(1, GENERATION_AT);
  record.writeUInt32LE(1, STARTS_AT);
  record.set(digest('seed', key), SEED_AT);
  record.write(HOST, HOST_AT);
  record[ROLE_AT] = SERVICE;
  record.set(key, KEY_AT);
  record.set(digest(record.subarray(0, SUM_AT)).subarray(0, SUM_BYTES), SUM_AT);
  flash.fill(0xff, KEYS_ADDRESS, KEYS_ADDRESS + 2 * SECTOR);
  for (const at of [0, PAGE]) flash.set(record, KEYS_ADDRESS + at);
}

function digest(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

// The frames of the link, as protocol/wire.py of the host: one JSON object, an optional authentication code, a checksum.
// tests/vectors/wire.json holds lines for the tests of all three codecs.

import { LINE_BYTES } from '../defs.js';

const FRAME = /^(\{.*\})(?:~([0-9a-f]{32}))?$/;
const CODE = /^[0-9a-f]{32}$/;
const CHECKSUM_CHARACTERS = 9;
// What is not printable ASCII is written as an escape.
const ESCAPED = /[\u007f-\uffff]/g;
// One part of a JSON text: a string, a whole number, a word, or a mark of structure. Fractions and exponents are none.
const TOKEN = /\s*("(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9][0-9]*)(?![0-9.eE])|true|false|null|[[\]{},:])/y;
const POLYNOMIAL = 0xedb88320; // of CRC-32, lowest bit first, as zlib has it
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  return rest;
});

/** A line that can't be made or read; `reason` is the name of a refusal: too_long, bad_line, no_checksum, bad_checksum. */
export class WireError extends Error {
  constructor(reason, detail) {
    super(`${reason}: ${detail}`);
    this.reason = reason;
  }
}

/** Returns the line, with its LF, of an object or of [name, value] pairs; throws WireError too_long or bad_line. */
export function encode(fields, code = null) {
  return framed(bodyOf(fields), code);
}

/** Returns the object of a line, which the authentication code is over; throws WireError bad_line. */
export function bodyOf(fields) {
  const pairs = Array.isArray(fields) ? fields : Object.entries(fields);
  return `{${pairs.map(([name, value]) => `${text(name)}:${json(value)}`).join()}}`;
}

/** Returns the line of an object with its code, its checksum and LF; throws WireError too_long or bad_line. */
export function framed(body, code = null) {
  if (code !== null && !CODE.test(code)) throw new WireError('bad_line', 'the code must be 32 lower-case hex digits');
  const sealed = code === null ? body : `${body}~${code}`;
  const line = `${sealed}*${checksum(sealed)}\n`;
  if (line.length > LINE_BYTES) throw new WireError('too_long', `${line.length} bytes, ${LINE_BYTES} are allowed`);
  return line;
}

/**
 * Returns {fields, code, body} of a line whose characters are its bytes, with or without its LF or CR LF.
 * Throws WireError with the reason too_long, bad_line, no_checksum or bad_checksum, checked in this order.
 */
export function decode(line) {
  const whole = line.replace(/\r?\n$/, '');
  if (whole.length >= LINE_BYTES) throw new WireError('too_long', `${whole.length + 1} bytes, ${LINE_BYTES} are allowed`);
  if (!/^\{[ -~]*$/.test(whole)) throw new WireError('bad_line', 'not printable ASCII that begins with a brace');
  const [, body, code] = FRAME.exec(withoutChecksum(whole)) ?? [];
  if (body === undefined) throw new WireError('bad_line', 'neither an object nor an object with a code');
  return { fields: parsed(body), code: code ?? null, body };
}

/** Returns the CRC-32 of a text of ASCII characters as eight hex digits. */
function checksum(ascii) {
  let rest = 0xffffffff;
  for (let at = 0; at < ascii.length; at++) rest = (rest >>> 8) ^ TABLE[(rest ^ ascii.charCodeAt(at)) & 0xff];
  return ((rest ^ 0xffffffff) >>> 0).toString(16).toUpperCase().padStart(8, '0');
}

function withoutChecksum(whole) {
  const body = whole.slice(0, -CHECKSUM_CHARACTERS);
  const end = whole.slice(-CHECKSUM_CHARACTERS);
  if (!end.startsWith('*')) throw new WireError(whole.endsWith('}') ? 'no_checksum' : 'bad_line', 'no star and eight hex digits at the end');
  if (end !== `*${checksum(body)}`) throw new WireError('bad_checksum', 'the checksum does not match');
  return body;
}

function text(value) {
  return JSON.stringify(value).replace(ESCAPED, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Returns a value as JSON; throws WireError for one that a frame can't carry, such as a fraction. */
function json(value) {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return text(value);
  if (Number.isSafeInteger(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map(json).join()}]`;
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) return bodyOf(value);
  throw new WireError('bad_line', `${String(value)} is neither a whole number nor text`);
}

/** Returns the object of a JSON text. JSON.parse would take fractions, and of a name that comes twice the last value. */
function parsed(body) {
  let at = 0;
  const bad = () => { throw new WireError('bad_line', 'not JSON'); };

  function next() {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(body) ?? bad();
    at = TOKEN.lastIndex;
    return found[1];
  }

  /** Returns the items up to the closing mark; `item` reads one, from its first token. */
  function list(close, item) {
    const items = [];
    for (let token = next(); items.length || token !== close; token = next()) {
      items.push(item(token));
      const after = next();
      if (after === close) break;
      if (after !== ',') bad();
    }
    return items;
  }

  function pair(token) {
    if (!token.startsWith('"') || next() !== ':') bad();
    return [JSON.parse(token), value(next())];
  }

  function value(token) {
    if (token === '[') return list(']', value);
    if (token !== '{') return /^[\]},:]$/.test(token) ? bad() : scalar(token);
    const pairs = list('}', pair);
    const fields = Object.fromEntries(pairs);
    return Object.keys(fields).length === pairs.length ? fields : bad();
  }

  function scalar(token) {
    const found = JSON.parse(token);
    return typeof found !== 'number' || Number.isSafeInteger(found) ? found : bad();
  }

  const fields = value(next());
  return at === body.length ? fields : bad();
}

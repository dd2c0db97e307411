// Keys of a pump: the pairing that agrees on one, and the sessions whose lines carry codes; as protocol/session.py of the
// host. No script can read a key once it is agreed: the browser's own cryptography holds it.

import { CHOICES } from '../defs.js';
import { NotDone } from './not_done.js';
import { bodyOf, framed } from './wire.js';

const KEY_BYTES = 32;
const NONCE_BYTES = 16;
const CODE_DIGITS = 32;
const HMAC = { name: 'HMAC', hash: 'SHA-256', length: 8 * KEY_BYTES };
const NO_PAIRING = 'This browser can’t pair: it lacks X25519, which Chrome and Edge have from version 133 on. Use `pumpctl pair` and `pumpctl serve`.';
const OTHER_PUMP = 'This is not the pump that was paired, or its keys were erased; pair it again.';

const bytesOf = (text) => new TextEncoder().encode(text);
const PAIRING = bytesOf('pump pairing');
const SESSION = bytesOf('pump session');

const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
const hkdf = (salt, info) => ({ name: 'HKDF', hash: 'SHA-256', salt, info });

/** A pairing under way. A key is {name, role, base}, where `base` gives the keys of sessions. */
export class Pairing {
  #own;
  #private;
  #name;
  #role;

  constructor(name, role, own, secret) {
    this.#name = name;
    this.#role = role;
    this.#own = own;
    this.#private = secret;
  }

  /** Resolves to a pairing with a new private key; rejects with NotDone. */
  static async begun(name, role) {
    try {
      const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: 'X25519' }, false, ['deriveBits']);
      return new Pairing(name, role, new Uint8Array(await crypto.subtle.exportKey('raw', publicKey)), privateKey);
    } catch {
      throw new NotDone(NO_PAIRING, 'no_x25519');
    }
  }

  /** This side's public key in hex. */
  get public() {
    return hexOf(this.#own);
  }

  /** Resolves to {key, proof, pumpProof}: what this side sends, and what the pump has to answer; rejects with NotDone. */
  async agreed(pumpPublic, boardId) {
    const theirs = bytesOfHex(pumpPublic, KEY_BYTES);
    const point = await crypto.subtle.importKey('raw', theirs, 'X25519', false, []);
    const secret = await crypto.subtle.deriveBits({ name: 'X25519', public: point }, this.#private, 8 * KEY_BYTES).catch(() => {
      throw new NotDone('The pump’s public key makes no secret.', 'bad_answer');
    });
    const info = joined(PAIRING, this.#own, theirs, [CHOICES.role.indexOf(this.#role)], bytesOf(`${boardId}/${this.#name}`));
    const bits = await crypto.subtle.deriveBits(hkdf(PAIRING, info), await imported(secret, 'HKDF', 'deriveBits'), 8 * KEY_BYTES);
    const key = { name: this.#name, role: this.#role, base: await imported(bits, 'HKDF', 'deriveKey') };
    const prover = await imported(bits, HMAC, 'sign');
    return { key, proof: await codeOf(prover, 'host'), pumpProof: await codeOf(prover, 'pump') };
  }
}

/** A session: the codes of its lines. */
export class Session {
  #key;

  constructor(key) {
    this.#key = key;
  }

  /** Resolves to the session that the pump's answer to `session_open` began; rejects with NotDone. */
  static async opened(key, boardId, nonce, answer) {
    const starts = new Uint8Array(4);
    new DataView(starts.buffer).setUint32(0, answer.starts, true);
    const salt = joined(bytesOfHex(nonce, NONCE_BYTES), bytesOfHex(answer.nonce, NONCE_BYTES), starts);
    const info = joined(SESSION, [CHOICES.role.indexOf(key.role)], bytesOf(boardId));
    const derived = await crypto.subtle.deriveKey(hkdf(salt, info), key.base, HMAC, false, ['sign']);
    if (!isSame(await codeOf(derived, 'o'), answer.proof)) throw new NotDone(OTHER_PUMP, 'proof_wrong');
    return new Session(derived);
  }

  /** Resolves to the line of a request with its code; rejects with WireError. */
  async line(fields) {
    const body = bodyOf(fields);
    return framed(body, await codeOf(this.#key, `h${body}`));
  }

  /** Resolves to whether this is the code of a line from the pump. */
  async vouchesFor(body, code) {
    return isSame(await codeOf(this.#key, `p${body}`), code);
  }
}

/** Returns 16 random bytes in hex. */
export const newNonce = () => hexOf(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));

/** Compares all digits, so that the time tells nothing of where two codes differ. */
export function isSame(wanted, given) {
  if (typeof given !== 'string' || given.length !== wanted.length) return false;
  let differing = 0;
  for (let at = 0; at < wanted.length; at++) differing |= wanted.charCodeAt(at) ^ given.charCodeAt(at);
  return differing === 0;
}

const imported = (bytes, kind, use) => crypto.subtle.importKey('raw', bytes, kind, false, [use]);

/** Resolves to the first 16 bytes of HMAC-SHA256 over an ASCII text, in hex. */
async function codeOf(key, text) {
  return hexOf(new Uint8Array(await crypto.subtle.sign('HMAC', key, bytesOf(text)))).slice(0, CODE_DIGITS);
}

function bytesOfHex(text, count) {
  if (typeof text !== 'string' || !/^(?:[0-9a-f]{2})*$/.test(text) || text.length !== 2 * count) {
    throw new NotDone(`The pump sent ${JSON.stringify(text)} where ${count} bytes in hex belong.`, 'bad_answer');
  }
  return Uint8Array.from(text.match(/../g), (digits) => parseInt(digits, 16));
}

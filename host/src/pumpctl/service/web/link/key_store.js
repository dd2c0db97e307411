// The keys of paired pumps in this browser, by the pumps' ids. The browser keeps them for pages of this address only.

import { NotDone } from './not_done.js';

const DATABASE = 'pump keys';
const TABLE = 'keys';

/** Resolves to the key for a pump, null without one; rejects with NotDone. */
export const load = async (boardId) => (await inTable('readonly', (table) => table.get(boardId))) ?? null;

/** Stores the key for a pump; rejects with NotDone. */
export const save = (boardId, key) => inTable('readwrite', (table) => table.put(key, boardId));

/** Resolves to the result of a request to the table, when it is stored. */
async function inTable(mode, ask) {
  try {
    const database = await opened();
    try {
      return await result(database.transaction(TABLE, mode), ask);
    } finally {
      database.close();
    }
  } catch (error) {
    throw new NotDone(`This browser can’t keep keys (${error?.message ?? 'blocked'}).`, 'no_store');
  }
}

function opened() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

function result(transaction, ask) {
  return new Promise((resolve, reject) => {
    const request = ask(transaction.objectStore(TABLE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

// The keys of paired pumps in this browser, by the pumps' ids. The browser keeps them for pages of this address only.

import { NotDone } from './not_done.js';

const DATABASE = 'pump keys';
const TABLE = 'keys';

/** Resolves to the key for a pump, null without one; rejects with NotDone. */
export const load = async (boardId) => (await inTable('readonly', (table) => table.get(boardId))) ?? null;

/** Stores the key for a pump; rejects with NotDone. */
export const save = (boardId, key) => inTable('readwrite', (table) => table.put(key, boardId));

/** Resolves to the result of a request to the table, when it is stored. */
function inTable(mode, ask) {
  return new Promise((resolve, reject) => {
    const fail = (event) => reject(new NotDone(`This browser can’t keep keys (${event.target.error?.message ?? 'blocked'}).`, 'no_store'));
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
    opening.onerror = opening.onblocked = fail;
    opening.onsuccess = () => {
      const transaction = opening.result.transaction(TABLE, mode);
      const request = ask(transaction.objectStore(TABLE));
      transaction.onabort = fail;
      transaction.oncomplete = () => {
        opening.result.close();
        resolve(request.result);
      };
    };
  });
}

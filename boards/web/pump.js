// The firmware and its world in MicroPython's WebAssembly port, driven by lines of the bench channel.

import { loadMicroPython } from './micropython.mjs';

const HEAP_BYTES = 4 * 1024 * 1024; // it grows while a run lasts, as garbage is collected only between two calls

/**
 * Resolves to take(line), which returns the JSON of the line's answer, or null. `files` has the compiled modules as
 * base64 by their paths, `words` are options of boards/unix/options.py. `sent` gets the bytes that the pump sends, as
 * text whose characters are bytes; `logged` gets other lines. `wasm` is the address of micropython.wasm.
 */
export async function started(files, words, wasm, { sent, logged }) {
  let answer = null;
  const stdout = (line) => {
    if (line.startsWith('tx ')) sent(line.slice(3).replace(/../g, (digits) => String.fromCharCode(parseInt(digits, 16))));
    else if (line.startsWith('= ')) answer = line.slice(2);
    else logged(line);
  };
  const python = await loadMicroPython({ url: wasm, heapsize: HEAP_BYTES, stdout, linebuffer: true });
  const folders = new Set(['/pump']);
  python.FS.mkdir('/pump');
  for (const [path, content] of Object.entries(files)) {
    const parts = path.split('/').slice(0, -1);
    for (let at = 1; at <= parts.length; at++) {
      const folder = `/pump/${parts.slice(0, at).join('/')}`;
      if (!folders.has(folder)) python.FS.mkdir(folder);
      folders.add(folder);
    }
    python.FS.writeFile(`/pump/${path}`, Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0)));
  }
  const options = JSON.stringify(['--time', 'turns', ...words]); // as Python writes them
  python.runPython(`import sys; sys.path[:] = ['/pump']; import options; options.given = ${options}`);
  const main = python.pyimport('main');
  return (line) => {
    answer = null;
    main.take(line);
    return answer;
  };
}

export const hex = (text) => Array.from(text, (letter) => letter.charCodeAt(0).toString(16).padStart(2, '0')).join('');

import type { Writable } from 'node:stream';
import type { Output } from './seam.ts';

/** `process.stdout` as it is: without the last two where it is a pipe or a file. */
type ProcessStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/**
 * An output of this process. A reader that has gone (`sallyport show log | head -1`) is not an error: what it
 * did not want is dropped, and the command goes on to its end.
 */
export function processOutput(stream: ProcessStream): Output {
  let isOpen = true;
  stream.on('error', () => {
    isOpen = false;
  });
  return {
    write: (text) => {
      if (isOpen && text !== '') stream.write(text);
    },
    isTerminal: stream.isTTY === true,
    // The width may change while the command runs.
    get columns() {
      return stream.isTTY === true ? stream.columns : undefined;
    },
  };
}

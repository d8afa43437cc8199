import type { Socket } from 'node:net';

/** The body that the origin serves and the generators check: text that does not repeat. */
export function fileBody(bytes: number): Buffer {
  const body = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += 16) body.write(at.toString(16).padStart(15, '0') + '\n', at, 'latin1');
  return body;
}

const WORD = 'sallyport';
/** A whole number of words, so that blocks join without a seam. */
const BLOCK = Buffer.alloc(WORD.length * 29_127, WORD);

/** The byte at a position of what `sendBytes` sends. */
export function byteAt(position: number): number {
  return WORD.charCodeAt(position % WORD.length);
}

/** Sends bytes as fast as they are taken. */
export function sendBytes(socket: Socket, bytes: number): void {
  let left = bytes;
  const more = (): void => {
    while (left > 0) {
      const size = Math.min(left, BLOCK.length);
      left -= size;
      if (!socket.write(size === BLOCK.length ? BLOCK : BLOCK.subarray(0, size)) && left > 0) {
        socket.once('drain', more);
        return;
      }
    }
  };
  more();
}

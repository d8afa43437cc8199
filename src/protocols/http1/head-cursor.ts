import { hasLineFeed } from '../fields/index.ts';

/**
 * Where a decoder is in a head that arrives in pieces. Lines are scanned when their LF is here, so every byte is
 * looked at a fixed number of times, however the head was cut.
 */
export class HeadCursor {
  inStartLine = true;
  /** Bytes of the head that are known: no LF ends the unfinished line in them. */
  searched = 0;

  begin(): void {
    this.inStartLine = true;
    this.searched = 0;
  }

  /** False: nothing has come since the last scan that could end the line. */
  lineIsHere(bytes: Uint8Array, base: number, to: number): boolean {
    return this.searched === 0 || hasLineFeed(bytes, base + this.searched, to);
  }
}

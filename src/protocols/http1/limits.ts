/** Bounds of one message. All are settings. */
export interface Http1Limits {
  /** Start line, fields and blank line together. */
  readonly headBytesMax: number;
  readonly targetBytesMax: number;
  readonly fieldsMax: number;
  /** A chunk-size line with its extensions and CRLF. */
  readonly chunkLineBytesMax: number;
  /** The trailer section with its blank line. */
  readonly trailerBytesMax: number;
}

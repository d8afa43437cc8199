import type { HostParts } from '../../protocols/url/index.ts';
import { isFiniteNumber } from './site-score.ts';
import { TOKEN_GROUPS, UrlTokens } from './url-tokens.ts';

/** As it stands in a model file. */
export interface LinearData {
  readonly bits: number;
  readonly scale: number;
  /** Base64 of one signed byte a slot. */
  readonly weights: string;
}

const BITS_MAX = 20;

/** Sums of learned weights over the tokens of a URL, one for each group of tokens. */
export class Linear {
  readonly tokens = new UrlTokens();
  readonly #weights: Int8Array;
  readonly #shift: number;
  readonly #scale: number;

  constructor(weights: Int8Array, scale: number) {
    this.#weights = weights;
    this.#scale = scale;
    this.#shift = 32 - Math.log2(weights.length);
  }

  /** Writes the sums to the first places of `row`. */
  fill(row: Float64Array, parts: HostParts, port: number, path: string, query: string): void {
    const { hashes, ends } = this.tokens.fill(parts, port, path, query);
    const weights = this.#weights;
    const shift = this.#shift;
    for (let group = 0, at = 0; group < TOKEN_GROUPS.length; group++) {
      const start = at;
      const end = ends[group]!;
      let sum = 0;
      for (; at < end; at++) sum += weights[hashes[at]! >>> shift]!;
      row[group] = end === start ? 0 : (sum * this.#scale) / Math.sqrt(end - start);
    }
  }
}

export function readLinear(data: unknown): Linear | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  // The fields are looked at one by one.
  const { bits, scale, weights } = data as Record<string, unknown>;
  if (!isFiniteNumber(bits) || !isFiniteNumber(scale) || typeof weights !== 'string') return undefined;
  const bytes = Buffer.from(weights, 'base64');
  if (bits < 1 || bits > BITS_MAX || bytes.length !== 2 ** bits) return undefined;
  return new Linear(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length), scale);
}

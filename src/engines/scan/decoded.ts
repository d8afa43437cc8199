import type { Incomplete } from '../../kernel/index.ts';
import type { UnpackConfig } from '../config/index.ts';
import { type Codings, typeOfSource, hasInside, undoCodings } from '../content/index.ts';
import { EICAR_BYTES, isEicar } from './eicar.ts';
import { BodyHashes, type WeakHashes } from './hashes.ts';
import { BodyStore, type StoreLimits } from './store.io.ts';

/** What stages look at: the body, or what its content codings hide. */
export interface Content {
  readonly store: BodyStore;
  readonly sha256: string;
  /** MD5 and SHA-1, computed when first asked for; `undefined`: nobody needs them. */
  readonly weak: (() => WeakHashes) | undefined;
  readonly isEicar: boolean;
}

interface DecodeParts {
  readonly limits: StoreLimits;
  readonly unpack: Pick<UnpackConfig, 'bytesMax' | 'memberMax' | 'ratioFrom' | 'ratioMax'>;
  /** Time is over. */
  expired(): boolean;
  /** Waits until another stream may be unpacked; `undefined`: time is over. */
  turn(): Promise<(() => void) | undefined>;
}

export interface Decoded {
  /** What is to be looked at, that which clients show first. Whoever decodes closes what is not the body itself. */
  readonly contents: readonly Content[];
  readonly incomplete: readonly Incomplete[];
}

/** In the thread that serves: more would hold up others. */
const WHOLE = { inMax: 16 * 1024, outMax: 256 * 1024 };
/** What a body is by its coding, and nothing else. */
const CODED_TYPES: ReadonlySet<string> = new Set(['gzip', 'zstd', 'unknown', 'empty']);

/**
 * Undoes the content codings of a body, as its client will. The body as it came is looked at as well where something is
 * wrong with them, and where it is something by itself: a client that does not ask for codings keeps it.
 */
export async function decode(body: Content, codings: Codings, parts: DecodeParts): Promise<Decoded> {
  const plain = { contents: [body], incomplete: [] };
  if ((codings.packings.length === 0 && codings.trouble === undefined) || body.store.bytes === 0)
    return plain;
  const source = body.store.source();
  const stages: Stage[] = [];
  let found: Awaited<ReturnType<typeof undoCodings>>;
  try {
    found = await undoCodings(source, {
      codings,
      whole: { ...WHOLE, turn: parts.turn },
      step: () => {
        // Only the last one is looked at.
        stages.at(-2)?.store.close();
        const stage = new Stage(parts, source.size, body.weak !== undefined);
        stages.push(stage);
        return stage;
      },
    });
  } catch (error) {
    for (const { store } of stages) store.close();
    throw error;
  }
  const last = stages.at(-1);
  stages.at(-2)?.store.close();
  const wrong = last?.over ?? found.trouble ?? (await last?.lost());
  const incomplete = wrong === undefined ? [] : [{ stage: 'decode', path: '', ...wrong }];
  // An inner coding whose own content stays hidden shows nothing that a client sees.
  const content = last === undefined || last.bytes === 0 ? undefined : await last.content();
  if (content === undefined) last?.store.close();
  const type = typeOfSource(source);
  const isMore =
    wrong !== undefined || content === undefined || !CODED_TYPES.has(type.name) || hasZip(source);
  const contents = [...(content === undefined ? [] : [content]), ...(isMore ? [body] : [])];
  return { contents, incomplete };

  function hasZip(bytes: typeof source): boolean {
    return type.name === 'unknown' && hasInside(type, bytes);
  }
}

type Wrong = Pick<Incomplete, 'reason' | 'detail'>;

/** The content of one coding, kept within the limits of what comes out of an archive. */
class Stage {
  readonly store: BodyStore;
  over: Wrong | undefined = undefined;
  bytes = 0;
  readonly #parts: DecodeParts;
  readonly #bodyBytes: number;
  readonly #hashes = new BodyHashes();
  readonly #wantsWeak: boolean;
  #start: Buffer = Buffer.alloc(0);

  constructor(parts: DecodeParts, bodyBytes: number, wantsWeak: boolean) {
    this.#parts = parts;
    this.#bodyBytes = bodyBytes;
    this.#wantsWeak = wantsWeak;
    this.store = new BodyStore(parts.limits);
  }

  readonly take = (bytes: Buffer): boolean | Promise<boolean> => {
    if (this.over !== undefined) return false;
    this.over = this.#excess(bytes.length);
    if (this.over !== undefined) return false;
    this.bytes += bytes.length;
    if (this.#wantsWeak && !this.store.fits(bytes.length)) this.#hashes.beginWeak(this.store.pieces);
    this.#hashes.update(bytes);
    if (this.#start.length < EICAR_BYTES) {
      this.#start = Buffer.concat([this.#start, bytes.subarray(0, EICAR_BYTES - this.#start.length)]);
    }
    const kept = this.store.append(bytes);
    return kept instanceof Promise ? kept.then(() => true) : true;
  };

  async source() {
    await this.store.settled();
    return this.store.source();
  }

  async lost(): Promise<Wrong | undefined> {
    await this.store.settled();
    const { lost } = this.store;
    return lost === undefined ? undefined : { reason: lost.reason, detail: lost.why };
  }

  async content(): Promise<Content | undefined> {
    await this.store.settled();
    if (this.store.lost !== undefined) return undefined;
    const hashes = this.#hashes;
    const { store } = this;
    return {
      store,
      sha256: hashes.sha256(),
      weak: this.#wantsWeak ? () => hashes.weak(() => store.source().read(0, store.bytes)) : undefined,
      isEicar: isEicar(this.#start),
    };
  }

  #excess(more: number): Wrong | undefined {
    const { unpack, expired } = this.#parts;
    const { memberMax, bytesMax, ratioFrom, ratioMax } = unpack;
    const bytes = this.bytes + more;
    const max = Math.min(memberMax, bytesMax);
    if (bytes > max) return limit(`decodes to more than ${max} bytes (memberMax, bytesMax)`);
    if (bytes > ratioFrom && bytes > this.#bodyBytes * ratioMax) {
      return limit(`decodes to more than ${ratioMax} times its size (ratioMax)`);
    }
    return expired() ? { reason: 'timeout', detail: 'time for decoding is over' } : undefined;
  }
}

function limit(detail: string): Wrong {
  return { reason: 'limit', detail };
}

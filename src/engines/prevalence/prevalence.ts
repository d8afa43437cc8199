import type { ControlLink, EdgeLinks, Prevalence } from '../../kernel/index.ts';
import type { PrevalenceStore } from './store.io.ts';

/** How often files were seen, over all edges: control counts. */
export interface Prevalences {
  /** Counts a file. `undefined`: nobody counts, or control is away: no file waits for that longer than a moment. */
  seen(sha256: string, source: string): Promise<Prevalence | undefined>;
}

const METHOD = 'files.seen';
const CALL_MS = 250;
const SHA256 = /^[0-9a-f]{64}$/;
const SOURCE_CHARS_MAX = 64;

export function createPrevalence(link: ControlLink): Prevalences {
  return {
    async seen(sha256, source) {
      if (!link.connected) return undefined;
      try {
        return prevalenceIn(await link.call(METHOD, { sha256, source }, CALL_MS));
      } catch {
        // A verdict without it is a verdict.
        return undefined;
      }
    },
  };
}

/** The part of control. */
export function servePrevalence(
  links: Pick<EdgeLinks, 'handle'>,
  store: Pick<PrevalenceStore, 'seen'>,
): void {
  links.handle(METHOD, async (params) => {
    const [sha256, source] = [textOf(params, 'sha256'), textOf(params, 'source')];
    return SHA256.test(sha256) ? ((await store.seen(sha256, source.slice(0, SOURCE_CHARS_MAX))) ?? {}) : {};
  });
}

function prevalenceIn(answer: unknown): Prevalence | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  // The members are looked at one by one.
  const { firstSeen, count, sources } = answer as Record<string, unknown>;
  if (typeof firstSeen !== 'string' || typeof count !== 'number' || typeof sources !== 'number')
    return undefined;
  return { firstSeen, count, sources };
}

function textOf(value: unknown, name: string): string {
  if (typeof value !== 'object' || value === null) return '';
  const member: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  return typeof member === 'string' ? member : '';
}

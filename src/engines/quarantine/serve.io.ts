import type { EdgeLinks } from '../../kernel/index.ts';
import type { QuarantineStore } from './admin.io.ts';
import type { ItemFinding, KeepRequest, ReceivedAs } from './item.ts';
import { METHODS, recordIn, textIn } from './messages.ts';

const SWEEP_MS = 10 * 60_000;

/** Answers the edges, and looks after the quarantine from time to time. */
export function serveQuarantine(
  links: EdgeLinks,
  store: QuarantineStore,
  failed: (error: unknown) => void,
): { close(): void } {
  links.handle(METHODS.reserve, (params, { pid }) => store.reserve(keepRequestIn(params), pid));
  links.handle(METHODS.keep, async (params) => {
    const { id, request } = recordIn(params);
    return { id: await store.keep(String(id), keepRequestIn(request)) };
  });
  links.handle(METHODS.drop, async (params) => {
    const { id, reason } = recordIn(params);
    await store.drop(String(id), String(reason));
    return {};
  });
  links.handle(METHODS.open, async (params) => {
    const { id, actor, source } = recordIn(params);
    const by = { actor: String(actor), source: String(source) };
    const { item, key } = await store.unlock(String(id), by, 'quarantine.fetch');
    const { id: own, name, sha256, bytes } = item;
    return { id: own, name, sha256, bytes, key: key.toString('base64') };
  });
  links.onGone(({ pid }) => store.forgetEdge(pid));
  let isClosed = false;
  const sweep = (): void =>
    void store.sweep().catch((error: unknown) => {
      // The database of a control that ends is closed under a sweep; the next one goes on with it.
      if (!isClosed) failed(error);
    });
  const timer = setInterval(sweep, SWEEP_MS);
  sweep();
  return {
    close: () => {
      isClosed = true;
      clearInterval(timer);
    },
  };
}

/** What an edge says of a file. An edge that was taken over may say anything: nothing here is trusted to have a shape. */
function keepRequestIn(value: unknown): KeepRequest {
  const told = recordIn(value);
  const finding = recordIn(told['finding']);
  const bytes = Number(told['bytes']);
  const sha256 = String(told['sha256']);
  if (!SHA256.test(sha256) || !Number.isSafeInteger(bytes) || bytes < 0) {
    throw new TypeError('the edge does not say which file it is');
  }
  const text = (name: string): string | undefined => textIn(told[name])?.slice(0, TEXT_CHARS_MAX);
  return {
    name: text('name'),
    sha256,
    received: receivedIn(told['received']),
    bytes,
    media: text('media') ?? 'application/octet-stream',
    door: text('door') ?? '',
    source: text('source') ?? '',
    user: text('user'),
    rule: text('rule'),
    finding: textIn(finding['name']) === undefined ? undefined : findingIn(finding),
  };
}

const TEXT_CHARS_MAX = 1024;
const SHA256 = /^[0-9a-f]{64}$/;

function receivedIn(value: unknown): ReceivedAs | undefined {
  const { coding, sha256 } = recordIn(value);
  const isRead = typeof coding === 'string' && typeof sha256 === 'string' && SHA256.test(sha256);
  return isRead ? { coding: coding.slice(0, TEXT_CHARS_MAX), sha256 } : undefined;
}

function findingIn(finding: Readonly<Record<string, unknown>>): ItemFinding {
  const text = (name: string): string => (textIn(finding[name]) ?? '').slice(0, TEXT_CHARS_MAX);
  return { stage: text('stage'), name: text('name'), path: text('path') };
}

import { turn } from '../../../engines/hashlookup/index.ts';
import type { WebAnswer, WebHandler } from '../../../engines/web/index.ts';
import type { ApiEngines } from '../context.ts';
import { json, messageAnswer } from './answers.ts';
import { hashIn, type HashType } from './hash-types.ts';
import { SESSION_FIELD } from './lookup-route.ts';
import { recordJson } from './record.ts';

/** Hashes between two turns of the event loop: about a millisecond. */
const SLICE = 1000;

/**
 * `POST /bulk/TYPE`, `{"hashes": [...]}` → the records of the known ones. What is no hash is passed over, as
 * hashlookup does. Nobody else is asked: a quota would be gone with one question.
 */
export function bulkRoute(engines: ApiEngines, type: HashType): WebHandler {
  const { verdicts, fileReputation } = engines;
  const { bulkHashesMax } = engines.config.fileReputation;
  return async (request): Promise<WebAnswer> => {
    const session = request.field(SESSION_FIELD);
    const hashes = hashesIn(request.body);
    if ('status' in hashes) return hashes;
    if (hashes.length > bulkHashesMax) {
      return messageAnswer(
        413,
        `At most ${bulkHashesMax} hashes are looked up at once (setting fileReputation.bulkHashesMax)`,
      );
    }
    const records: string[] = [];
    const found = { nx: [] as string[], exist: [] as string[] };
    for (let at = 0; at < hashes.length; at++) {
      if (at > 0 && at % SLICE === 0) await turn();
      const text: unknown = hashes[at];
      const hash = typeof text === 'string' ? hashIn(text, type) : undefined;
      if (hash === undefined) continue;
      const verdict = verdicts.evaluateHash(hash);
      const isKnown = verdict.matches.length > 0;
      if (isKnown) records.push(recordJson(hash, verdict, type));
      if (session !== undefined) found[isKnown ? 'exist' : 'nx'].push(hash.toUpperCase());
    }
    if (session !== undefined) await fileReputation.addToSession(session, found).catch(() => undefined);
    return json(`[${records.join(',')}]\n`);
  };
}

function hashesIn(body: Uint8Array): readonly unknown[] | WebAnswer {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'));
  } catch {
    return messageAnswer(400, 'The body is no JSON document');
  }
  const hashes =
    typeof document === 'object' && document !== null && 'hashes' in document ? document.hashes : undefined;
  // 404 is what hashlookup says here.
  return Array.isArray(hashes)
    ? (hashes as readonly unknown[])
    : messageAnswer(404, "JSON format incorrect. An array of hashes in the key 'hashes' is expected.");
}

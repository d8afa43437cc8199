import type { WebAnswer, WebHandler } from '../../../engines/web/index.ts';
import type { MaybePromise, Verdict } from '../../../kernel/index.ts';
import type { ApiEngines } from '../context.ts';
import { type LookUp, mayAskOthers } from '../look-up.ts';
import { json, malformedAnswer, unknownAnswer } from './answers.ts';
import { hashIn, type HashType } from './hash-types.ts';
import { fullRecordJson } from './record.ts';

/** Names a session; in lower case, as fields are looked for. */
export const SESSION_FIELD = 'hashlookup_session';

/** `GET /lookup/TYPE/HASH`. Answers at once where nobody else has to be asked. */
export function lookupRoute(
  { fileReputation }: Pick<ApiEngines, 'fileReputation'>,
  lookUp: LookUp,
  type: HashType,
): WebHandler {
  const prefix = `/lookup/${type.name}/`;

  const answerOf = (hash: string, query: string, verdict: Verdict): WebAnswer => {
    const isKnown = verdict.matches.length > 0;
    fileReputation.asked(hash, isKnown);
    return isKnown
      ? json(`${fullRecordJson(hash, verdict, type, lookUp.texts)}\n`)
      : unknownAnswer(type, query);
  };

  const inSession = async (
    name: string,
    hash: string,
    answer: MaybePromise<WebAnswer>,
  ): Promise<WebAnswer> => {
    const given = await answer;
    const found = [hash.toUpperCase()];
    const kind = given.status === 200 ? { exist: found, nx: [] } : { exist: [], nx: found };
    // The answer does not depend on who keeps the session.
    await fileReputation.addToSession(name, kind).catch(() => undefined);
    return given;
  };

  return (request) => {
    const query = request.path.slice(prefix.length);
    const hash = hashIn(query, type);
    if (hash === undefined) return malformedAnswer(type, query);
    const session = request.field(SESSION_FIELD);
    const verdict = lookUp.file(hash, mayAskOthers(request));
    const answer =
      verdict instanceof Promise
        ? verdict.then((later) => answerOf(hash, query, later))
        : answerOf(hash, query, verdict);
    return session === undefined ? answer : inSession(session, hash, answer);
  };
}

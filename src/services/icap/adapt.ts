import type { MaybePromise } from '../../kernel/index.ts';
import { type ExchangeFacts, isTold, requestNotes, scanWanted } from '../../engines/exchange/index.ts';
import { CONTINUE_PATH, subjectOf, type PolicyDecision } from '../../engines/policy/index.ts';
import type { IcapRequestHead } from '../../protocols/icap/index.ts';
import { blocked, unmodified, verdictFields, webAnswer } from './answers.ts';
import { echo } from './echo.ts';
import { readFacts } from './exchange-facts.ts';
import { goOn } from './go-on.ts';
import { inspect } from './inspection.ts';
import { MessageHeads } from './message-heads.ts';
import type { IcapService } from './service-table.ts';
import { type After, afterWrite, next, type Turn } from './turn.ts';
import type { Transaction } from './transaction.ts';

/** REQMOD or RESPMOD: decides at the head what it can, and looks at the body only where something asks for it. */
export function adapt(
  session: Turn,
  tx: Transaction,
  service: IcapService,
  head: IcapRequestHead,
): MaybePromise<After> {
  const { context } = session;
  tx.subject = context.subjects.read(tx.wire.peerAddress, head.fields);
  const facts = readFacts(tx, head);
  const { profile } = service;
  if (!profile.judges) return pass(session, tx, head, undefined);
  if (facts === 'unreadable') return refuse(tx, unreadable(tx), 'rejected');
  if (head.method === 'REQMOD' && facts.path?.startsWith(CONTINUE_PATH) === true) {
    const gone = goOn(tx, pathAndQuery(facts), subjectOf(facts));
    if (gone !== undefined) {
      return gone.then(async (pieces) => {
        await tx.wire.writeAll(pieces);
        tx.finish('continued');
        return next(tx);
      });
    }
  }
  const asked = facts.prepare();
  return asked === undefined
    ? judge(session, tx, { service, head, facts })
    : asked.then(() => judge(session, tx, { service, head, facts }));
}

function judge(
  session: Turn,
  tx: Transaction,
  { service, head, facts }: { service: IcapService; head: IcapRequestHead; facts: ExchangeFacts },
): MaybePromise<After> {
  const { context } = session;
  const { profile } = service;
  const decision = context.access.decide(facts, head.method === 'RESPMOD' ? 'response' : undefined);
  tx.decision = decision;
  if (isTold(decision, context.config.events.allows)) tx.notes = requestNotes(facts);
  if (decision.log === 'full' || decision.monitored.length > 0) tx.detail = detailOf(decision, head);
  if (decision.decision === 'block' && !profile.monitors) return refuse(tx, blocked(tx, decision), 'blocked');
  const scan = scanWanted(decision, profile.scan);
  if (head.body === 'null-body' || scan === 'off') return pass(session, tx, head, facts);
  return inspect(session, tx, { head, facts, service, scan });
}

function pathAndQuery({ path = '', query }: ExchangeFacts): string {
  return query === undefined || query === '' ? path : `${path}?${query}`;
}

/** The whole body, unread: nobody asks for it. */
function pass(
  session: Turn,
  tx: Transaction,
  head: IcapRequestHead,
  facts: ExchangeFacts | undefined,
): MaybePromise<After> {
  const { decision } = tx;
  const heads = new MessageHeads(head, session.context.limits.fieldsMax);
  const edited = decision === undefined ? undefined : heads.edited(decision);
  const monitored = decision?.decision === 'block';
  const fields = monitored ? verdictFields(tx, decision, true) : [];
  const hasPreview = head.preview !== undefined && head.body !== 'null-body';
  if (edited === undefined && (head.allows204 || hasPreview)) {
    const done = tx.wire.writeAll(unmodified(tx, fields));
    tx.finish(monitored ? 'monitored' : 'unmodified');
    return afterWrite(done, next(tx));
  }
  // The whole body goes back behind another head, and the client waits to be asked for it.
  if (hasPreview && !head.allows206 && facts !== undefined && tx.service !== undefined) {
    return inspect(session, tx, { head, facts, service: tx.service, scan: 'off' });
  }
  return echo(session, tx, { heads, edited, fields, can206: head.allows206, trailers: head.allowsTrailers });
}

/** Answers with a page of ours in place of the message. A body that still comes is read and forgotten. */
function refuse(
  tx: Transaction,
  pieces: readonly Uint8Array[],
  result: 'blocked' | 'rejected',
): MaybePromise<After> {
  const done = tx.wire.writeAll(pieces);
  tx.finish(result);
  return afterWrite(done, next(tx));
}

function unreadable(tx: Transaction): readonly Uint8Array[] {
  tx.error = 'ICAP_UNREADABLE_URL';
  return webAnswer(tx, {
    status: 400,
    code: 'ICAP_UNREADABLE_URL',
    title: 'This address cannot be read',
    detail: 'The URL of the request is none that the lists can be asked about.',
    facts: [],
    http: [],
    icap: [['X-Response-Info', 'Blocked']],
  });
}

function detailOf({ log, monitored }: PolicyDecision, head: IcapRequestHead) {
  const full = log === 'full';
  const fields = full ? head.request?.head?.fields : undefined;
  return {
    monitored,
    userAgent: fields?.get('user-agent'),
    referrer: fields?.get('referer'),
    mediaType: full ? (head.response ?? head.request)?.head?.fields.get('content-type') : undefined,
  };
}

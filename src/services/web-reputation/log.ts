import { requestIds, type WebAnswer, type WebRequest } from '../../engines/web/index.ts';
import type { BulkAnswer, VerdictAnswer, WebReputationEngines } from './context.ts';

type LogAnswer = (
  request: WebRequest,
  answer: WebAnswer | VerdictAnswer | BulkAnswer,
  tookMs: number,
  bytesOut: number,
) => void;

export function answerLog({ accessLog, clock }: WebReputationEngines): LogAnswer {
  const nextId = requestIds('w', clock);
  return (request, answer, tookMs, bytesOut) => {
    const verdict = 'verdict' in answer ? answer.verdict : undefined;
    const match = verdict?.matches[0];
    accessLog.write({
      timeMs: clock.now() - tookMs,
      durationMs: tookMs,
      door: 'web-reputation',
      source: request.source,
      user: undefined,
      method: request.method,
      url: request.target,
      status: answer.status,
      bytesIn: 'taken' in answer ? answer.taken.bytes : request.body.length,
      bytesOut,
      upstream: undefined,
      decision: undefined,
      rule: undefined,
      reason: verdict?.verdict ?? answer.code,
      feed: match?.feed,
      entry: match?.entry,
      error: undefined,
      tunnel: false,
      reused: false,
      connectMs: undefined,
      firstByteMs: undefined,
      id: nextId(),
    });
  };
}

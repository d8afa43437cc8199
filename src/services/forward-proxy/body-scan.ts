import {
  BodyGate,
  keepFile,
  scanWanted,
  wantsFile,
  type ExchangeFacts,
} from '../../engines/exchange/index.ts';
import type { FieldTable } from '../../protocols/fields/index.ts';
import type { PolicyDecision } from '../../engines/policy/index.ts';
import type { ProxyContext } from './context.ts';
import type { Exchange } from './exchange.ts';

/**
 * The gate before a body that a rule wants looked at; `undefined`: none does, and the body passes unread. The length of
 * a body alone is no reason to scan it: what is not announced stays unknown.
 */
export function openGate(
  context: ProxyContext,
  exchange: Exchange,
  facts: ExchangeFacts,
  { phase, decision, fields }: GateRequest,
): BodyGate | undefined {
  const usual = decision.needs.includes('file-verdict') ? 'full' : 'off';
  const profile = scanWanted(decision, usual, ['file-type']);
  if (profile === 'off') return undefined;
  const { access, config, counters, held, scan } = context;
  const { largeBodies, incomplete } = config.forwardProxy;
  facts.passIncomplete = incomplete === 'allow';
  counters.scans.add(1);
  const { mediaType, contentEncoding } = fields;
  const gate = new BodyGate({
    access,
    facts,
    phase,
    decision,
    scan: scan.open({
      name: facts.fileName,
      profile,
      url: exchange.url,
      source: facts.source,
      sha256Only: true,
      ...(mediaType === undefined ? {} : { mediaType }),
      ...(contentEncoding === undefined ? {} : { contentEncoding }),
      ...(facts.bytes === undefined ? {} : { bytes: facts.bytes }),
    }),
    budget: held,
    contentEncoding,
    streams: largeBodies === 'stream',
    wantsWhole: (judged, file) =>
      wantsFile({ decision: judged, file }, { refused: true, always: config.quarantine.malicious }),
  });
  exchange.gates = [...(exchange.gates ?? []), { gate, name: facts.fileName, mediaType }];
  return gate;
}

export interface GateRequest {
  readonly phase: 'request-body' | 'response-body';
  /** Of the phase before. */
  readonly decision: PolicyDecision;
  readonly fields: BodyFields;
}

/** What the head says of its body. */
export interface BodyFields {
  readonly mediaType: string | undefined;
  readonly contentEncoding: string | undefined;
}

export function bodyFields(fields: FieldTable): BodyFields {
  const codings = fields.all('content-encoding');
  return {
    mediaType: fields.get('content-type'),
    contentEncoding: codings.length === 0 ? undefined : codings.join(','),
  };
}

/** A rule waits for what a scan would say of a body. */
export function waitsForScan(decision: PolicyDecision | undefined): boolean {
  return decision !== undefined && SCANNED.some((fact) => decision.needs.includes(fact));
}

const SCANNED = ['file-type', 'file-verdict'] as const;

/** Bodies are through, or not wanted: what becomes of what was kept of them. The client has its answer. */
export async function closeGates(context: ProxyContext, exchange: Exchange): Promise<void> {
  const { gates = [], wire } = exchange;
  exchange.gates = undefined;
  wire.setIdle(context.config.listeners.forwardProxy.idleMs);
  for (const { gate, name } of gates) {
    try {
      await keep(context, exchange, gate, name);
    } finally {
      gate.close();
      context.counters.scans.add(-1);
    }
  }
}

async function keep(
  { config, log, quarantine }: ProxyContext,
  { user, wire }: Exchange,
  { decision, file, scan }: BodyGate,
  name: string | undefined,
): Promise<void> {
  const refused = decision.decision === 'block';
  if (!wantsFile({ decision, file }, { refused, always: config.quarantine.malicious })) return;
  const body = { door: 'forward-proxy', source: wire.peerAddress, user, name, decision, file } as const;
  const kept = await keepFile(quarantine, body, scan);
  if (kept === undefined || kept.kept) return;
  log.warn('forward-proxy.not-quarantined', { reason: kept.reason, sha256: file?.sha256 });
}

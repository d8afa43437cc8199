import { GatewayError, HEALTH_CODES, type HealthCode, messageOf } from '../../kernel/index.ts';
import {
  type Check,
  type Examination,
  type Finding,
  isRecord,
  ok,
  problem,
  recordsOf,
  warning,
} from './finding.ts';

/** The process tree and every part whose health control knows. */
export const gatewayChecks: Check = async ({ config, running, ask }) => {
  if (running === undefined) {
    return [warning('gateway', `not running on ${config.dataDir}`, 'start it with: sallyport start')];
  }
  let document: unknown;
  try {
    document = await ask('show health');
  } catch (error) {
    return [
      problem(
        'gateway',
        `process ${running} runs, but control does not answer: ${messageOf(error)}`,
        'wait a moment and try again; then look at its log (journalctl -u sallyport)',
      ),
    ];
  }
  const parts = recordsOf(isRecord(document) ? document['parts'] : []);
  const unwell = parts.filter(({ state, code }) => state !== 'ok' && !OWN_ROOM.has(code)).map(partFinding);
  return unwell.length > 0 ? unwell : [ok('gateway', `process ${running}, ${parts.length} parts are well`)];
};

/** The disk has a finding of its own already. */
const OWN_ROOM = new Set<unknown>(['disk-low', 'disk-full']);

function partFinding({ part, state, code, reason, since }: Readonly<Record<string, unknown>>): Finding {
  const name = String(part);
  // `feed urls`, `log target siem`: what the command wants is the last word.
  const object = /^.* (\S+)$/.exec(name)?.[1] ?? 'NAME';
  const hint = isCode(code) ? HEALTH_CODES[code].hint.replaceAll('NAME', object) : 'sallyport show log';
  return problem(name, `${String(state)} (${String(code)}) since ${String(since)}: ${String(reason)}`, hint);
}

function isCode(code: unknown): code is HealthCode {
  return typeof code === 'string' && Object.hasOwn(HEALTH_CODES, code);
}

/** What a client would complain about. */
export const certificateChecks: Check = async ({ running, ask }) => {
  if (running === undefined) return [];
  const findings = recordsOf(await ask('verify certificates').catch(() => []));
  const unwell = findings.filter(({ state }) => state !== 'ok');
  if (unwell.length === 0)
    return findings.length === 0 ? [] : [ok('certificates', 'valid, complete and in order')];
  return unwell.map(({ check, state, text }) => {
    const name = `certificate ${String(check)}`;
    const hint =
      'renew the files of tls.certificateFile and tls.keyFile, then: sallyport reload; see sallyport show certificates';
    return state === 'bad' ? problem(name, String(text), hint) : warning(name, String(text), hint);
  });
};

/** The state store can be read, and the newest time that it knows. */
export async function stateFindings(
  examination: Examination,
): Promise<{ readonly findings: readonly Finding[]; readonly lastKnownMs: number | undefined }> {
  try {
    const versions = await examination.ask('config versions');
    if (versions === undefined)
      return { findings: [ok('state', 'made at the first start')], lastKnownMs: undefined };
    const [newest] = recordsOf(versions);
    const at = typeof newest?.['at'] === 'string' ? Date.parse(newest['at']) : Number.NaN;
    return { findings: [ok('state', 'readable')], lastKnownMs: Number.isNaN(at) ? undefined : at };
  } catch (error) {
    const hint = error instanceof GatewayError ? (error.hint ?? '') : '';
    return {
      findings: [
        problem(
          'state',
          messageOf(error),
          hint === '' ? 'sallyport restore FILE brings a backup back' : hint,
        ),
      ],
      lastKnownMs: undefined,
    };
  }
}

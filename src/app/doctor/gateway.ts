import { GatewayError, messageOf } from '../../kernel/index.ts';
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
  const unwell = parts.filter(({ state }) => state !== 'ok').map(partFinding);
  return unwell.length > 0 ? unwell : [ok('gateway', `process ${running}, ${parts.length} parts are well`)];
};

function partFinding({ part, state, reason }: Readonly<Record<string, unknown>>): Finding {
  const name = String(part);
  const [kind = '', ...rest] = name.split(' ');
  const hint =
    kind === 'feed'
      ? `sallyport feed show ${rest.join(' ')}`
      : (HINTS[kind] ?? 'sallyport show log --level warn');
  const detail = `${String(state)}: ${String(reason)}`;
  return problem(name, detail, hint);
}

const HINTS: Readonly<Record<string, string>> = {
  scan: 'sallyport scan rules list; and see that clamd runs where scan.clamd says',
  policy: 'sallyport policy versions; then: sallyport policy rollback N',
  log: 'sallyport log target list; then look at the receiver',
  edge: 'sallyport show log; an edge that dies again and again is a bug worth reporting',
  control: 'sallyport show log',
};

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

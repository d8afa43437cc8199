import {
  defineCommand,
  EXIT,
  GatewayError,
  type Command,
  type CommandIo,
  messageOf,
  type Result,
} from '../../kernel/index.ts';
import { dataDirChecks } from './data-dir.io.ts';
import { dnsChecks } from './dns.io.ts';
import { clockFindings, egressFindings } from './egress.ts';
import { type Check, type Examination, type Finding, findingsView, ok, problem } from './finding.ts';
import { certificateChecks, gatewayChecks, stateFindings } from './gateway.ts';
import { machineChecks, nodeCheck } from './machine.io.ts';
import { networkChecks } from './networks.ts';
import { type Outside, outsidePlaces, place, probeAll } from './outbound.io.ts';
import { portChecks } from './ports.io.ts';

export interface DoctorEngines {
  /** Rejects with what is wrong with the configuration. */
  examine(): Promise<Examination>;
}

/** One command of this room: its checks, and how it is told. */
interface Look {
  readonly words: string;
  readonly summary: string;
  readonly look: Check;
}

const LOOKS: readonly Look[] = [
  {
    words: 'verify dns',
    summary: 'Ask every name server, and for every name that the gateway needs',
    look: dnsChecks,
  },
  {
    words: 'verify ports',
    summary: 'Check that every port of the table answers, or could be opened',
    look: portChecks,
  },
  {
    words: 'verify egress',
    summary: 'Reach every place that feeds and upstreams are fetched from',
    look: egressChecks,
  },
  {
    words: 'verify ntp',
    summary: 'Compare the clock with servers outside and with what was recorded',
    look: clockChecks,
  },
];

export const doctorCommands: readonly Command<DoctorEngines>[] = [
  defineCommand<DoctorEngines>({
    words: 'doctor',
    summary: 'Look for what keeps the gateway from working; ends with 10 when something is found',
    positionals: [],
    options: {},
    role: 'read',
    where: 'here',
    remote: true,
    examples: ['doctor', 'doctor --json'],
    run: async (engines, _input, io) => answered(await allFindings(engines, io)),
  }),
  ...LOOKS.map(({ words, summary, look }) =>
    defineCommand<DoctorEngines>({
      words,
      summary,
      positionals: [],
      options: {},
      role: 'read',
      where: 'here',
      remote: true,
      run: async (engines) => {
        const examination = await examined(engines);
        return answered('config' in examination ? await look(examination) : [examination]);
      },
    }),
  ),
  defineCommand<DoctorEngines>({
    words: 'verify curl',
    summary: 'Reach one URL the way a feed would: guard, names, parents, TLS',
    positionals: [{ name: 'url', help: 'https://host/ or http://host/' }],
    options: {},
    role: 'read',
    where: 'here',
    remote: true,
    examples: ['verify curl https://lists.example/'],
    run: async (engines, { words }) => {
      const examination = await examined(engines);
      if (!('config' in examination)) return answered([examination]);
      const outside = place('this command', words['url'], undefined);
      if (outside === undefined) {
        return answered([
          problem(
            'url',
            `"${words['url'] ?? ''}" is no http or https URL`,
            'for example https://lists.example/',
          ),
        ]);
      }
      return answered(egressFindings(await probeAll(examination, [outside])));
    },
  }),
];

const EXAMINATION: readonly { readonly step: string; readonly look: Check }[] = [
  { step: 'machine', look: machineChecks },
  { step: 'data directory', look: dataDirChecks },
  { step: 'networks', look: networkChecks },
  { step: 'ports', look: portChecks },
  { step: 'gateway', look: gatewayChecks },
  { step: 'certificates', look: certificateChecks },
  { step: 'dns', look: dnsChecks },
  { step: 'outside', look: outsideChecks },
];

async function allFindings(
  engines: DoctorEngines,
  io: Pick<CommandIo, 'progress'>,
): Promise<readonly Finding[]> {
  const examination = await examined(engines);
  if (!('config' in examination)) return [nodeCheck(process.versions.node), examination];
  const findings: Finding[] = [ok('configuration', examination.config.file ?? 'no file: all defaults')];
  for (const [at, { step, look }] of EXAMINATION.entries()) {
    io.progress(step, at, EXAMINATION.length);
    findings.push(...(await safely(step, look, examination)));
  }
  return findings;
}

/** What `doctor --json` answers; for bundles. */
export async function doctorDocument(engines: DoctorEngines): Promise<unknown> {
  return answered(await allFindings(engines, { progress: () => undefined })).document;
}

async function outsideChecks(examination: Examination): Promise<readonly Finding[]> {
  const { findings, lastKnownMs } = await stateFindings(examination);
  const probes = await probeAll(examination, await outsidePlaces(examination));
  return [
    ...findings,
    ...egressFindings(probes),
    ...clockFindings({ nowMs: examination.now(), lastKnownMs, probes }),
  ];
}

async function egressChecks(examination: Examination): Promise<readonly Finding[]> {
  return egressFindings(await probeAll(examination, await outsidePlaces(examination)));
}

async function clockChecks(examination: Examination): Promise<readonly Finding[]> {
  const { lastKnownMs } = await stateFindings(examination);
  const places: readonly Outside[] = await outsidePlaces(examination);
  return clockFindings({
    nowMs: examination.now(),
    lastKnownMs,
    probes: await probeAll(examination, places),
  });
}

/** A check that fails itself is a finding: the others are still made. */
async function safely(step: string, look: Check, examination: Examination): Promise<readonly Finding[]> {
  try {
    return await look(examination);
  } catch (error) {
    return [
      problem(
        step,
        `it could not be looked at: ${messageOf(error)}`,
        'this is a bug of the doctor: report it',
      ),
    ];
  }
}

async function examined(engines: DoctorEngines): Promise<Examination | Finding> {
  try {
    return await engines.examine();
  } catch (error) {
    return problem(
      'configuration',
      messageOf(error),
      error instanceof GatewayError ? (error.hint ?? '') : '',
    );
  }
}

function answered(findings: readonly Finding[]): Result {
  const broken = findings.some(({ state }) => state === 'problem');
  return {
    document: { ok: !broken, checks: findings },
    view: findingsView(findings),
    ...(broken ? { exit: EXIT.found } : {}),
  };
}

import { startBenchOrigin, startContenders } from './support/contenders.ts';
import type { Lab, Question, Row } from './support/question.ts';
import { measure } from './support/rounds.ts';
import { runTunnels } from './support/tunnels.ts';

const MIB = 1024 * 1024;
const SIZES = [64 * 1024, MIB, 64 * MIB];
const CONCURRENCY = 8;

export const question: Question = {
  name: 'connect-bulk',
  title: 'Bytes through CONNECT tunnels',
  method:
    `${CONCURRENCY} kept tunnels, each moves one transfer after the other. The proxy on core 0, generator and origin on core 1: they move every ` +
    'byte as often as the proxy, so the ratio per processor second is the one to read.',
  run,
};

async function run(lab: Lab): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const origin = await startBenchOrigin(lab.scope, { cpus: '1' });
  const contenders = await startContenders(lab, { cpus: '0', workers: 1, origins: [origin] });
  for (const mode of ['download', 'upload'] as const) {
    for (const bytes of SIZES) {
      rows.push(
        await measure(lab, {
          what: `${mode}, ${bytes < MIB ? `${bytes / 1024} KiB` : `${bytes / MIB} MiB`} each, 1 edge, 1 worker`,
          unit: 'MB/s',
          target: '≥ 1.2',
          contenders,
          load: async (contender, seconds) => {
            const job = { contender, origin, seconds, cpus: '1', concurrency: CONCURRENCY };
            const result = await runTunnels(lab, { ...job, mode, bytes });
            return { ...result, rate: result.bytes / result.seconds / 1e6 };
          },
        }),
      );
    }
  }
  return rows;
}

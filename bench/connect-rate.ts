import { startBenchOrigin, startContenders } from './support/contenders.ts';
import type { Lab, Question, Row } from './support/question.ts';
import { measure } from './support/rounds.ts';
import { runTunnels } from './support/tunnels.ts';

const CONCURRENCY = 32;

export const question: Question = {
  name: 'connect-rate',
  title: 'New CONNECT tunnels a second',
  method:
    `${CONCURRENCY} at once: connect, CONNECT, 32 bytes echoed by the origin, close. One edge against one worker: the proxy on core 0, generator and ` +
    'origin on core 1, where they take more than a proxy: the ratio per processor second is the one to read. Two: all share both cores.',
  run,
};

async function run(lab: Lab): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const workers of [1, 2]) {
    const place = workers === 1 ? { proxy: '0', rest: '1' } : { proxy: '0,1', rest: '0,1' };
    const origin = await startBenchOrigin(lab.scope, { cpus: place.rest });
    const contenders = await startContenders(lab, { cpus: place.proxy, workers, origins: [origin] });
    rows.push(
      await measure(lab, {
        what: workers === 1 ? '1 edge, 1 worker' : '2 edges, 2 workers',
        unit: 'tunnels/s',
        target: '≥ 1.5',
        contenders,
        load: async (contender, seconds) => {
          const job = { contender, origin, seconds, cpus: place.rest, concurrency: CONCURRENCY };
          const result = await runTunnels(lab, { ...job, mode: 'rate', bytes: 0 });
          return { ...result, rate: result.count / result.seconds };
        },
      }),
    );
  }
  return rows;
}

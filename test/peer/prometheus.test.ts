/** Prometheus scrapes the gateway with a token over TLS; its rules and the dashboard's questions are good ones. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runChild, startChild } from '../support/child.ts';
import { filledIn, readDashboard, RULES_FILE } from '../support/dashboard.ts';
import { type Gateway, getHttps, startGateway } from '../support/gateway.ts';
import { missingPeer, peerPath } from '../support/peers.ts';
import { freePort, waitForPort } from '../support/ports.ts';
import { type Scope, scopeOf, tempDir } from '../support/scope.ts';

const WAIT_MS = 90_000;

interface Prometheus {
  readonly pid: number;
  /** What `/api/v1/{path}` answers as `data`; throws what Prometheus says is wrong. */
  ask(path: string): Promise<unknown>;
  /** Values of an expression now. */
  query(
    expression: string,
  ): Promise<readonly { readonly metric: Readonly<Record<string, string>>; readonly value: number }[]>;
}

async function startPrometheus(scope: Scope, gateway: Gateway): Promise<Prometheus> {
  const dir = await tempDir(scope, 'prometheus');
  const port = await freePort();
  const document = (await gateway.ask('token', 'create', '--name', 'prometheus', '--scope', 'read')) as {
    token: string;
  };
  await writeFile(join(dir, 'ca.pem'), (await getHttps(gateway.ports.https ?? 0, '/ca.crt')).body);
  await writeFile(join(dir, 'token'), document.token);
  const config = {
    // A scrape that takes too long counts as a gateway that is down.
    global: { scrape_interval: '5s', scrape_timeout: '5s', evaluation_interval: '1s' },
    rule_files: [resolve(RULES_FILE)],
    scrape_configs: [
      {
        job_name: 'sallyport',
        scheme: 'https',
        authorization: { credentials_file: join(dir, 'token') },
        tls_config: { ca_file: join(dir, 'ca.pem') },
        static_configs: [{ targets: [`127.0.0.1:${gateway.ports.https ?? 0}`] }],
      },
    ],
  };
  // JSON is YAML.
  const file = join(dir, 'prometheus.yml');
  await writeFile(file, JSON.stringify(config));
  const checked = await runChild(scope, peerPath('promtool'), ['check', 'config', file]);
  assert.equal(checked.code, 0, checked.stderr);
  const child = startChild(scope, peerPath('prometheus'), [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(dir, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ]);
  await waitForPort(port, WAIT_MS);
  const ask = async (path: string): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`);
    const answer = (await response.json()) as { status: string; data: unknown; error?: string };
    if (answer.status !== 'success') throw new Error(answer.error);
    return answer.data;
  };
  return {
    pid: child.pid,
    ask,
    async query(expression) {
      const data = (await ask(`query?query=${encodeURIComponent(expression)}`)) as {
        result: { metric: Record<string, string>; value: [number, string] }[];
      };
      return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
  };
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + WAIT_MS;
  while (!(await holds())) {
    if (Date.now() > end) assert.fail(`${what} does not come true`);
    await sleep(200);
  }
}

describe('prometheus', { skip: missingPeer('prometheus', 'promtool', 'curl') }, () => {
  test('promtool accepts the rules', async (t) => {
    const checked = await runChild(scopeOf(t), peerPath('promtool'), ['check', 'rules', RULES_FILE]);
    assert.equal(checked.code, 0, checked.stdout + checked.stderr);
    assert.match(checked.stdout, /SUCCESS: \d\d rules found/);
  });

  test('it scrapes, every question of the dashboard has an answer, and a dead gateway raises an alert', async (t) => {
    const scope = scopeOf(t);
    const gateway = await startGateway(scope);
    const prometheus = await startPrometheus(scope, gateway);
    await until('up', async () => (await prometheus.query('up{job="sallyport"} == 1')).length === 1);

    const text = await gateway.metrics();
    const file = join(await tempDir(scope), 'metrics');
    await writeFile(file, text);
    const checked = await runChild(scope, 'sh', [
      '-c',
      '"$0" check metrics < "$1"',
      peerPath('promtool'),
      file,
    ]);
    // Names of units are advice; what cannot be parsed ends with 1 and "error while linting".
    assert.doesNotMatch(checked.stderr, /error while linting|parsing error/i);

    const before = await prometheus.query('sum(sallyport_forward_proxy_requests_total)');
    const proxied = await runChild(scope, peerPath('curl'), [
      '-s',
      '-x',
      `http://127.0.0.1:${gateway.proxyPort}`,
      'http://127.0.0.1:9/',
    ]);
    assert.equal(proxied.code, 0, 'the gateway answers for an address that it refuses');
    await until('the request is counted', async () => {
      const now = await prometheus.query('sum(sallyport_forward_proxy_requests_total)');
      return (now[0]?.value ?? 0) > (before[0]?.value ?? 0);
    });
    await until('there is one edge', async () => {
      const counts = await prometheus.query('sallyport_process_count{role="edge"}');
      return counts.length === 1 && counts[0]?.value === 1;
    });

    for (const { title, targets } of readDashboard().panels) {
      for (const { expr } of targets) {
        await assert.doesNotReject(prometheus.query(filledIn(expr)), `${title}: ${expr}`);
      }
    }

    const firing = async (name: string): Promise<boolean> =>
      (await prometheus.query(`ALERTS{alertname="${name}"}`)).length > 0;
    await until('the gateway is up for the rules', async () => !(await firing('SallyportDown')));
    const { groups } = (await prometheus.ask('rules')) as {
      groups: { rules: { name: string; lastError?: string }[] }[];
    };
    assert.deepEqual(
      groups
        .flatMap((group) => group.rules)
        .filter(({ lastError }) => lastError !== undefined && lastError !== ''),
      [],
    );
    await gateway.child.stop();
    await until('SallyportDown is pending', () => firing('SallyportDown'));
  });
});

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { failureOf } from '../../../test/support/failure.ts';
import { openScope, tempDir } from '../../../test/support/scope.ts';
import { withSettings } from '../../engines/config/index.ts';
import { applianceCommands } from './commands.ts';
import { openMachine } from './machine.io.ts';
import { byHand, dnsPlan, endpointPlan, networkPlan, routePlan, type Plan } from './plan.ts';

const scope = openScope();
after(() => scope.close());

async function applianceRoot(): Promise<string> {
  const root = await tempDir(scope, 'appliance');
  await mkdir(join(root, 'etc/sallyport'), { recursive: true });
  await writeFile(join(root, 'etc/sallyport/appliance'), '');
  return root;
}

/** The files of a plan; its programs are those of a real appliance. */
function filesOf(plan: Plan): Plan {
  return { ...plan, steps: plan.steps.filter(({ kind }) => kind !== 'run') };
}

test('files are written and removed again on the appliance, and say where they come from', async () => {
  const root = await applianceRoot();
  const machine = openMachine(root);
  await machine.carryOut(filesOf(networkPlan('eth0', { cidr: '192.0.2.10/24', gateway: '192.0.2.1' })));
  const file = join(root, 'etc/systemd/network/50-sallyport-eth0.network');
  const text = await readFile(file, 'utf8');
  assert.match(text, /^# Written by/);
  assert.match(
    text,
    /\[Match\]\nName=eth0\n\n\[Network\]\nAddress=192\.0\.2\.10\/24\nGateway=192\.0\.2\.1\n$/,
  );
  const route = join(`${file}.d`, 'route-10.20.0.0_16.conf');
  await machine.carryOut(filesOf(routePlan('add', 'eth0', '10.20.0.0/16', '192.0.2.254')));
  assert.match(await readFile(route, 'utf8'), /Destination=10\.20\.0\.0\/16\nGateway=192\.0\.2\.254/);
  await machine.carryOut(filesOf(routePlan('remove', 'eth0', '10.20.0.0/16', '192.0.2.254')));
  assert.equal(existsSync(route), false);
});

test('a step that fails leaves every file as it was', async () => {
  const root = await applianceRoot();
  const machine = openMachine(root);
  await machine.carryOut(filesOf(dnsPlan(['192.0.2.53'])));
  const file = join(root, 'etc/systemd/resolved.conf.d/50-sallyport.conf');
  const before = await readFile(file, 'utf8');
  const broken: Plan = {
    what: 'the name servers',
    steps: [...filesOf(dnsPlan(['192.0.2.54'])).steps, { kind: 'run', program: 'false', args: [] }],
  };
  assert.equal((await failureOf(machine.carryOut(broken))).code, 'MACHINE_FAILED');
  assert.equal(await readFile(file, 'utf8'), before);
});

test('elsewhere nothing happens, and the hint says what to do by hand', async () => {
  const root = await tempDir(scope, 'machine');
  const refused = await failureOf(openMachine(root).carryOut(dnsPlan(['192.0.2.53'])));
  assert.equal(refused.code, 'NOT_THE_APPLIANCE');
  assert.match(
    refused.hint ?? '',
    /write \/etc\/systemd\/resolved\.conf\.d\/50-sallyport\.conf: .*DNS=192\.0\.2\.53/,
  );
  assert.match(refused.hint ?? '', /systemctl restart systemd-resolved/);
  assert.equal(existsSync(join(root, 'etc')), false);
  assert.equal(byHand(endpointPlan('gw.example.com')), 'hostnamectl set-hostname gw.example.com');
});

test('what is no name, address or interface reaches no file and no program', async () => {
  const machine = openMachine(await applianceRoot());
  const run = (words: string, given: Record<string, string>, rest: readonly string[] = []) => {
    const command = applianceCommands.find((each) => each.words === words)!;
    const input = { words: given, rest, options: {} };
    return failureOf(command.run({ machine } as never, input, { actor: 'local', progress: () => undefined }));
  };
  for (const name of ['-x', 'a b', 'a;id', '$(id)', '../x', 'a\nb', '']) {
    assert.equal((await run('configure endpoint', { name })).code, 'MACHINE_VALUE', name);
    assert.equal((await run('ping', { address: name })).code, 'MACHINE_VALUE', name);
    const network = { interface: name, address: '192.0.2.1/24' };
    assert.equal((await run('configure network', network)).code, 'MACHINE_VALUE', name);
  }
  assert.equal((await run('configure dns', {}, ['ns.example.com'])).code, 'MACHINE_VALUE');
  assert.equal((await run('reboot', {})).code, 'MACHINE_NOT_SURE');
});

test('a setting is changed in its file, and comments stay', () => {
  const text = '# ours\nlisteners:\n  icap: {enabled: true} # for Squid\n';
  assert.equal(
    withSettings(text, [['listeners.icap.enabled', false]]),
    '# ours\nlisteners:\n  icap: { enabled: false } # for Squid\n',
  );
  assert.equal(
    withSettings('', [['listeners.icap.enabled', false]]),
    'listeners:\n  icap:\n    enabled: false\n',
  );
});

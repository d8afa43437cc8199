import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command, Result } from '../kernel/index.ts';
import { defineErrors } from '../kernel/index.ts';
import { runCli } from './run.ts';
import { sampleCommands } from '../../test/support/sample-commands.ts';
import type { CliOptions } from './seam.ts';

interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  /** What was asked and opened, in order. */
  readonly trace: readonly string[];
}

interface Setting {
  readonly gateway?: Result | Error;
  readonly run?: Command['run'];
  readonly announce?: Result;
  readonly terminal?: number;
  readonly env?: CliOptions['env'];
}

async function cli(line: string, setting: Setting = {}): Promise<Ran> {
  const text = { out: '', err: '' };
  const trace: string[] = [];
  let now = 0;
  const output = (name: 'out' | 'err'): CliOptions['stdout'] => ({
    write: (more) => {
      text[name] += more;
    },
    isTerminal: setting.terminal !== undefined,
    columns: setting.terminal,
  });
  const exit = await runCli({
    argv: line.split(' ').filter(Boolean),
    env: setting.env ?? {},
    cwd: '/',
    stdout: output('out'),
    stderr: output('err'),
    clock: { now: () => 0, monotonic: () => (now += 1000) },
    commands: () => sampleCommands(setting.run),
    askGateway: (request) => {
      trace.push(`ask ${request.words}`);
      return setting.gateway instanceof Error
        ? Promise.reject(setting.gateway)
        : Promise.resolve(setting.gateway);
    },
    openLocal: (command, _, announce) => {
      trace.push(`open ${command.words}`);
      if (setting.announce !== undefined) announce(setting.announce);
      return { engines: undefined, close: () => void trace.push('close') };
    },
  });
  return { exit, ...text, trace };
}

test('a command goes where it belongs', async () => {
  const gateway = { document: 'gateway' };
  assert.deepEqual((await cli('show ports', { gateway })).trace, ['ask show ports']);
  assert.deepEqual((await cli('show config', { gateway })).trace, ['ask show config']);
  assert.deepEqual((await cli('show config')).trace, ['ask show config', 'open show config', 'close']);
  assert.deepEqual((await cli('start', { gateway })).trace, ['open start', 'close']);
  for (const line of ['help start', 'help --man', 'completion fish', 'start --help']) {
    const { exit, trace } = await cli(line, { gateway });
    assert.deepEqual([exit, trace], [0, []], line);
  }
});

test('a command that needs the gateway says how to start it, and ends with 5', async () => {
  const { exit, out, err } = await cli('show ports');
  assert.deepEqual([exit, out], [5, '']);
  assert.equal(err, 'error: the gateway is not running\nhint: start it with: sallyport start\n');
});

test('with --json the answer is one document, and an error one on standard error', async () => {
  const answer = await cli('show ports --json', { gateway: { document: { a: 1 }, exit: 10 } });
  assert.deepEqual([answer.exit, JSON.parse(answer.out), answer.err], [10, { a: 1 }, '']);
  const failure = await cli('show ports --json');
  assert.deepEqual([failure.exit, failure.out], [5, '']);
  assert.deepEqual(JSON.parse(failure.err), {
    code: 'CLI_NOT_RUNNING',
    message: 'the gateway is not running',
    hint: 'start it with: sallyport start',
  });
  const usage = await cli('--json shwo');
  assert.deepEqual([usage.exit, JSON.parse(usage.err).code], [2, 'CLI_UNKNOWN_COMMAND']);
});

test('the engines are closed when the command fails, and its code is the exit', async () => {
  const errors = defineErrors({
    X_TAKEN: { kind: 'config', message: 'port {port}', hint: 'see {port}', exit: 3 },
  });
  const { exit, err, trace } = await cli('start', {
    run: () => Promise.reject(errors.X_TAKEN({ port: 80 })),
  });
  assert.deepEqual([exit, err, trace], [3, 'error: port 80\nhint: see 80\n', ['open start', 'close']]);
});

test('what a command announces while it runs is its one answer', async () => {
  const ran = await cli('start --json', { announce: { document: 'ready' } });
  assert.deepEqual([ran.exit, ran.out], [0, '"ready"\n']);
});

test('an unexpected failure is a bug with exit 1; its stack is shown on request', async () => {
  const run = (): Promise<Result> => Promise.reject(new Error('kaputt'));
  const short = await cli('start', { run });
  assert.deepEqual([short.exit, short.err.split('\n')[0]], [1, 'error: kaputt']);
  assert.match(short.err, /SALLYPORT_DEBUG=1/);
  const long = await cli('start', { run, env: { SALLYPORT_DEBUG: '1' } });
  assert.match(long.err, /at (Object\.)?run .*run\.test\.ts/);
});

test('all problems of a configuration are shown at once, as a table and as JSON', async () => {
  const errors = defineErrors({
    CONFIG_INVALID: { kind: 'config', message: 'the configuration has 2 problems:\n{text}' },
  });
  const problems = [
    { path: 'listeners.ssh.prot', line: 3, message: 'unknown key', hint: 'did you mean port' },
    { path: 'edges', message: 'not a number', hint: 'for example 2' },
  ];
  const run = (): Promise<Result> => Promise.reject(errors.CONFIG_INVALID({ problems }));
  const text = await cli('start', { run });
  assert.equal(text.exit, 2);
  assert.equal(
    text.err,
    [
      'error: the configuration has 2 problems',
      '',
      'line  where               problem       hint',
      '   3  listeners.ssh.prot  unknown key   did you mean port',
      '      edges               not a number  for example 2',
      '',
      '',
    ].join('\n'),
  );
  const json = await cli('start --json', { run });
  assert.deepEqual(JSON.parse(json.err).problems, problems);
});

test('progress is drawn in a terminal only, and taken away before the answer', async () => {
  const run: Command['run'] = (_, __, io) => {
    io.progress('Reading', 0, 100);
    io.progress('Reading', 50, 100);
    return Promise.resolve({ document: 'done' });
  };
  const terminal = await cli('start', { run, terminal: 80 });
  assert.match(terminal.err, /\r\x1b\[KReading {2}━{12}─{12} {3}50 % {2}50 of 100 {2}50\/s {2}1 s left/);
  assert.ok(terminal.err.endsWith('\r\x1b[K'));
  assert.equal(terminal.out, 'done\n');
  assert.equal((await cli('start', { run })).err, '');
  assert.equal((await cli('start --json', { run, terminal: 80 })).err, '');
});

test('color follows the terminal and NO_COLOR', async () => {
  const gateway: Result = {
    document: null,
    view: [{ kind: 'facts', facts: [['state', { text: 'open', tone: 'good' }]] }],
  };
  const line = 'show ports';
  assert.match((await cli(line, { gateway, terminal: 80 })).out, /\x1b\[32mopen/);
  assert.equal((await cli(line, { gateway, terminal: 80, env: { NO_COLOR: '1' } })).out, 'state  open\n');
  assert.equal((await cli(line, { gateway })).out, 'state  open\n');
});

test('help comes in an overview, for a group, for one command, and as JSON', async () => {
  const all = (await cli('')).out;
  for (const part of ['The gateway', '  start ', '  show config versions', '--data-dir DIR', 'completion']) {
    assert.ok(all.includes(part), part);
  }
  const group = (await cli('show ?')).out;
  assert.match(group, /^sallyport show …\n {2}show ports {12}Show the port table\n/);
  const one = (await cli('help feed import')).out;
  assert.match(one, /usage {2}sallyport feed import FILE… \[options\]/);
  assert.match(one, /--format FORMAT {2}Format of the list \(one of: hosts, urls, csv\)/);
  assert.match(one, /Examples\n {2}sallyport feed import list\.txt --format hosts\n/);
  const [document] = JSON.parse((await cli('lookup --help --json')).out);
  assert.deepEqual([document.words, document.positionals[0].name], ['lookup', 'kind']);
  assert.equal((await cli('help nonsense')).exit, 2);
});

test('help on words that are a command and a group shows both', async () => {
  const { out } = await cli('help show config');
  assert.match(out, /^Show the configuration\n[\s\S]*sallyport show config …\n {2}show config versions/);
});

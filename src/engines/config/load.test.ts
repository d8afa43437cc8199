import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { GatewayError, PORT_TABLE, exitCodeOf } from '../../kernel/index.ts';
import type { ConfigProblem } from './errors.ts';
import { configJsonSchema, configReference, loadConfig, type Config, type ConfigFlags } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-config-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

function load(text: string | undefined, flags: ConfigFlags = {}, environment = {}): Config {
  const checkout = join(folder, `c${files++}`);
  mkdirSync(checkout);
  const file = text === undefined ? undefined : join(checkout, 'my.yaml');
  if (file !== undefined) writeFileSync(file, text ?? '');
  return loadConfig({ file, flags, environment, checkout, cores: 2 });
}

function failure(run: () => unknown): GatewayError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof GatewayError, String(error));
    return error;
  }
  assert.fail('nothing was thrown');
}

function problems(text: string, flags: ConfigFlags = {}): readonly ConfigProblem[] {
  const error = failure(() => load(text, flags));
  assert.equal(error.code, 'CONFIG_INVALID');
  assert.equal(exitCodeOf(error), 2);
  return error.details['problems'] as readonly ConfigProblem[];
}

/** The one problem of a file, as `path line message | hint`. */
function check(text: string, path: string, message: RegExp, hint?: RegExp, flags: ConfigFlags = {}): void {
  const found = problems(text, flags);
  assert.equal(found.length, 1, JSON.stringify(found));
  assert.equal(found[0]?.path, path);
  assert.match(found[0]?.message ?? '', message);
  if (hint !== undefined) assert.match(found[0]?.hint ?? '', hint);
}

test('another scanner: its address is taken apart, a wrong one and the gateway itself are refused', () => {
  const { icap } = load('scan: {icap: {url: "icaps://[2001:db8::5]/dlp"}}').scan;
  assert.deepEqual([icap?.host, icap?.port, icap?.isTls], ['2001:db8::5', 11_344, true]);
  assert.equal(load('').scan.icap, undefined);
  for (const url of ['http://av.test/x', 'icap://', 'icap://a@av.test/x', 'av.test:1344']) {
    check(`scan: {icap: {url: "${url}"}}`, 'scan.icap.url', /is no icap/);
  }
  const own = 'scan: {icap: {url: "icap://127.0.0.1:21344/avscan"}}';
  check(own, 'scan.icap.url', /this gateway itself/, /another scanner/, { portOffset: 20_000 });
  assert.equal(load(own).scan.icap?.port, 21_344);
});

test('nothing, an empty file, comments and empty sections all mean the defaults', () => {
  for (const text of [undefined, '', '# nothing\n', 'http:\nlisteners:\n  ssh:\n', '{}', '---\n']) {
    const config = load(text);
    assert.deepEqual(config.http, {
      headBytesMax: 65_536,
      targetBytesMax: 8192,
      fieldsMax: 200,
      chunkLineBytesMax: 256,
      trailerBytesMax: 8192,
    });
    assert.equal(config.edges, 2);
    assert.deepEqual(config.drain, { idleMs: 5000, maxMs: 600_000, generations: 3 });
    for (const row of PORT_TABLE) assert.equal(config.listeners[row.key].port, row.port);
    assert.equal(config.listeners.forwardProxy.idleMs, 120_000);
    assert.equal(config.egress.tunnelIdleMs, 1_800_000);
    assert.deepEqual(config.forwardProxy.connectPorts, [443, 8443]);
    assert.deepEqual(config.login, { failuresMax: 5, banMs: 300_000 });
  }
});

test('names of secret parameters are the default ones, these and more, or others; our own is always one', () => {
  const names = (text: string) => load(text).log.redactQuery;
  assert.ok(names('').includes('access_token'));
  assert.deepEqual(names('log: {redactQuery: [default, tan]}'), [...names(''), 'tan']);
  assert.deepEqual(names('log: {redactQuery: [tan]}'), ['key', 'tan']);
  assert.deepEqual(names('log: {redactQuery: []}'), ['key']);
  check('log: {redactQuery: ["a b"]}', 'log.redactQuery[0]', /no name of a parameter/);
});

test('the tree is plain data', () => {
  const config = load('tls: {names: [gw.example]}');
  assert.deepEqual(JSON.parse(JSON.stringify(config)), JSON.parse(JSON.stringify(structuredClone(config))));
});

test('every problem is found at once, in the order of the lines, with path, line and hint', () => {
  const found = problems(
    [
      'listenres:',
      '  http: {port: 80}',
      'listeners:',
      '  http:',
      '    prot: 8081',
      '  https:',
      '    port: 70000',
      'drain:',
      '  idle: 5',
      'egress:',
      '  dns: {ttlMin: 2h}',
      'tls:',
      '  certificateFile: cert.pem',
      'tunnelIdle: 5m',
    ].join('\n'),
  );
  assert.deepEqual(
    found.map(({ path, line }) => [path, line]),
    [
      ['listenres', 1],
      ['listeners.http.prot', 5],
      ['listeners.https.port', 7],
      ['drain.idle', 9],
      ['egress.dns.ttlMin', 11],
      ['tls.certificateFile', 13],
      ['tunnelIdle', 14],
    ],
  );
  assert.match(found[0]?.hint ?? '', /`listeners`/);
  assert.match(found[1]?.hint ?? '', /`listeners.http.port`/);
  assert.match(found[3]?.message ?? '', /with its unit/);
  assert.match(found[6]?.hint ?? '', /`egress.tunnelIdle`/);
});

test('the message shows file, line and hint to a person', () => {
  const error = failure(() => load('drain:\n  idel: 5s\n'));
  assert.match(error.message, /the configuration has a problem\b/);
  assert.match(error.message, /my\.yaml:2:3: drain\.idel unknown key\n {4}Did you mean `drain\.idle`\?/);
});

test('rules of single keys', () => {
  check('networks: {internal: [10.0.0.0/33]}', 'networks.internal[0]', /no network/);
  check('bind: [localhost]', 'bind[0]', /no IP address/);
  check('listeners: {http: {idleMs: 5s}}', 'listeners.http.idleMs', /unknown/, /listeners\.http\.idle`/);
  check('drain: {max: 2d}', 'drain.max', /from 1s to 1d/);
  check('accessLog: {fileBytesMax: 10}', 'accessLog.fileBytesMax', /64KiB/);
  check('log: {level: loud}', 'log.level', /debug, info, warn, error/);
  check('http: {fieldsMax: 1.5}', 'http.fieldsMax', /whole number/);
  check('http: 5', 'http', /section/);
  check('forwardProxy: {realm: "a\\"b"}', 'forwardProxy.realm', /without quotes/);
  check('forwardProxy: {connectPorts: [0]}', 'forwardProxy.connectPorts[0]', /1 to 65535/);
  check('forwardProxy: {connectPorts: 443}', 'forwardProxy.connectPorts', /list of ports/);
  check('pac: {proxy: proxy.example}', 'pac.proxy', /host:port/);
  check('egress: {parents: [{port: 3128}]}', 'egress.parents[0].host', /needs its host/);
  check('blockPage: {contact: "a\\nb"}', 'blockPage.contact', /one line/);
});

test('rules between keys', () => {
  check(
    'listeners: {http: {port: 443}}',
    'listeners.https.port',
    /already used by listeners\.http\.port/,
    /enabled: false/,
  );
  check('tls: {keyFile: k.pem}', 'tls.keyFile', /needs tls\.certificateFile/);
  check('tls: {keyFile: k, certificateFile: c, names: [a.b]}', 'tls.names', /no effect/);
  check(
    'http: {headBytesMax: 4KiB}',
    'http.targetBytesMax',
    /larger than headBytesMax/,
    /http\.headBytesMax/,
  );
  check('egress: {connect: 1m}', 'egress.connect', /larger than connectTotal/);
  check('forwardProxy: {mode: allow-list}', 'forwardProxy.mode', /refuses everything/);
  check('egress: {parents: [{host: p, user: u}]}', 'egress.parents[0].user', /needs passwordFile/);
  check('', 'listeners.icaps.port', /over 65535/, undefined, { portOffset: 55_000 });
});

test('two disabled or free ports do not collide', () => {
  const config = load('listeners: {http: {port: 443, enabled: false}, ssh: {port: 0}, icap: {port: 0}}');
  assert.equal(config.listeners.http.enabled, false);
});

test('allow list grammar', () => {
  const good = [
    '*.example.com',
    'www.example.com:443',
    'host:8000-8100',
    '10.0.0.0/8',
    '192.0.2.1:80',
    '::1',
    '[2001:db8::/32]:443',
    'bücher.example',
  ];
  assert.deepEqual(load(`forwardProxy: {allowList: ${JSON.stringify(good)}}`).forwardProxy.allowList, good);
  for (const bad of [
    '*',
    'a.*.b',
    'http://x/',
    'x:0',
    'x:9-1',
    'x:70000',
    '10.0.0.0/40',
    '-a.b',
    '[::1',
    '1.2.3',
    'a b',
    '*.',
    '*.10.0.0.1',
  ]) {
    check(
      `forwardProxy: {allowList: [${JSON.stringify(bad)}]}`,
      'forwardProxy.allowList[0]',
      /no destination/,
    );
  }
});

test('resolvers are addresses with an optional port', () => {
  const good = ['192.0.2.53', '192.0.2.53:5353', '[2001:db8::53]:53', '2001:db8::53'];
  assert.deepEqual(load(`egress: {resolvers: ${JSON.stringify(good)}}`).egress.resolvers, good);
  for (const bad of ['dns.example', '10.0.0.0/8', '10.0.0.1/32', '192.0.2.53:1-2']) {
    check(`egress: {resolvers: [${JSON.stringify(bad)}]}`, 'egress.resolvers[0]', /no DNS server/);
  }
});

test('options go before the file and are blamed by their own name', () => {
  const config = load('edges: 7\nportOffset: 1\nbind: ["::1"]\negress: {allowDestinations: [192.0.2.0/24]}', {
    edges: '0',
    portOffset: '20000',
    bind: '127.0.0.1',
    allowDestination: ['127.0.0.0/8'],
  });
  assert.equal(config.edges, 0);
  assert.equal(config.portOffset, 20_000);
  assert.deepEqual(config.bind, ['127.0.0.1']);
  assert.deepEqual(config.egress.allowDestinations, ['192.0.2.0/24', '127.0.0.0/8']);
  check('', '--edges', /whole number/, undefined, { edges: 'many' });
  check('', '--port-offset', /from 0 to 65534/, undefined, { portOffset: 70_000 });
  check('', '--bind', /no IP address/, undefined, { bind: 'eth0' });
  check('', 'egress.allowDestinations[0]', /no network/, undefined, { allowDestination: 'everything' });
});

test('the data directory comes from the option, the environment, the file, systemd, the checkout', () => {
  const environment = { SALLYPORT_DATA_DIR: '/from/env', STATE_DIRECTORY: '/from/systemd:/other' };
  const systemd = { STATE_DIRECTORY: '/from/systemd:/other' };
  assert.equal(load('dataDir: /from/file', { dataDir: '/from/flag' }, environment).dataDir, '/from/flag');
  assert.equal(load('dataDir: /from/file', {}, environment).dataDir, '/from/env');
  assert.equal(load('dataDir: /from/file', {}, systemd).dataDir, '/from/file');
  assert.equal(load('', {}, systemd).dataDir, '/from/systemd');
  assert.match(load('').dataDir, /^\/.*\/c\d+\/data$/);
  assert.match(load('dataDir: here').dataDir, /\/c\d+\/here$/);
  const installed = loadConfig({
    file: writtenEmpty(),
    flags: {},
    environment: {},
    checkout: undefined,
    cores: 1,
  });
  assert.equal(installed.dataDir, '/var/lib/sallyport');
});

test('paths in the file are relative to the file', () => {
  const config = load(
    'tls: {certificateFile: c.pem, keyFile: /k.pem}\negress: {parents: [{host: p, user: u, passwordFile: pw}]}',
  );
  assert.match(config.tls.certificateFile ?? '', /^\/.*\/c\d+\/c\.pem$/);
  assert.equal(config.tls.keyFile, '/k.pem');
  assert.match(config.egress.parents[0]?.passwordFile ?? '', /\/c\d+\/pw$/);
  assert.equal(config.egress.parents[0]?.port, 3128);
});

test('a file named but missing, a folder and a huge file are refused', () => {
  const options = { flags: {}, environment: {}, checkout: undefined, cores: 1 };
  const missing = failure(() => loadConfig({ ...options, file: join(folder, 'none.yaml') }));
  assert.equal(missing.code, 'CONFIG_FILE_MISSING');
  assert.equal(exitCodeOf(missing), 2);
  const unreadable = failure(() => loadConfig({ ...options, file: folder }));
  assert.equal(unreadable.code, 'CONFIG_FILE_UNREADABLE');
  assert.match(unreadable.message, /EISDIR/);
  const huge = join(folder, 'huge.yaml');
  writeFileSync(huge, '#'.repeat(1024 * 1024 + 1));
  assert.match(failure(() => loadConfig({ ...options, file: huge })).message, /larger than 1 MiB/);
});

test('YAML that is none is refused with its line, and nothing of it is quoted', () => {
  for (const [text, line] of [
    ['log: {level: info\n', 2],
    ['log:\n\tlevel: secret-word', 2],
    ['log: {}\nlog: {}', 2],
    ['- a\n- b', undefined],
    ['secret-word', undefined],
    ['a: 1\n---\nb: secret-word', 2],
    ['"secret-word', 1],
  ] as const) {
    const error = failure(() => load(text));
    assert.equal(error.code, 'CONFIG_INVALID', text);
    assert.equal((error.details['problems'] as readonly ConfigProblem[])[0]?.line, line, text);
    assert.ok(!JSON.stringify([error.message, error.details]).includes('secret-word'), error.message);
  }
});

test('a value under an unknown key is not quoted', () => {
  const error = failure(() => load('egress: {parents: [{host: p, password: hunter2-secret}]}'));
  assert.match(error.message, /passwordFile/);
  assert.ok(!JSON.stringify([error.message, error.details]).includes('hunter2'));
});

test('hostile YAML ends in a problem', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
  for (let i = 1; i < 10; i++)
    bomb.push(
      `k${i}: &b${i} [${Array.from({ length: 10 }, () => (i === 1 ? '*a' : `*b${i - 1}`)).join(',')}]`,
    );
  check(bomb.join('\n'), '(file)', /too many aliases/);
  check('__proto__: {polluted: 1}', '__proto__', /unknown key/);
  check('constructor: 1', 'constructor', /unknown key/);
  check('? [a, b]\n: 1', '[ a, b ]', /unknown key/);
});

test('the reference has every key once, with a description and a default', () => {
  const rows = configReference();
  const keys = rows.map((row) => row.key);
  assert.equal(new Set(keys).size, keys.length);
  for (const row of rows) {
    assert.ok(row.description.length > 8, row.key);
    assert.notEqual(row.default, 'undefined', row.key);
    assert.notEqual(row.type, '', row.key);
  }
  for (const key of [
    'dataDir',
    'edges',
    'listeners.ssh.idle',
    'egress.dns.ttlMax',
    'egress.parents[].passwordFile',
    'pac.direct',
  ]) {
    assert.ok(keys.includes(key), key);
  }
  assert.equal(rows.find((row) => row.key === 'listeners.http.port')?.live, false);
  assert.equal(rows.find((row) => row.key === 'http.fieldsMax')?.live, true);
  // 10 listeners of 6 keys are in it.
  assert.equal(keys.filter((key) => key.startsWith('listeners.')).length, 60);
  assert.ok(JSON.stringify(configJsonSchema()).includes('tunnelIdle'));
});

function writtenEmpty(): string {
  const file = join(folder, 'empty.yaml');
  writeFileSync(file, '');
  return file;
}

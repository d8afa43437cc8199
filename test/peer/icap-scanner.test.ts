/** c-icap as another scanner, with clamd behind it: what it finds is a finding of ours. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { IcapScannerConfig } from '../../src/engines/config/index.ts';
import { startChild } from '../support/child.ts';
import { freePort, startProgram } from '../support/clamd.ts';
import { missingPeer, peerPath } from '../support/peers.ts';
import { waitForPort } from '../support/ports.ts';
import { found, missed, scanLab } from '../support/scan.ts';
import { type Scope, scopeOf, tempDir } from '../support/scope.ts';

const VIRUS_SCAN = '../lib/x86_64-linux-gnu/c_icap/virus_scan.so';
const skip = missingPeer('c-icap', 'clamd', VIRUS_SCAN);
/** A text that only the signature of the test knows. */
const PATTERN = 'GATEWAY-TEST-MALWARE-PATTERN';
const WAIT_MS = 60_000;

async function startCicap(scope: Scope): Promise<number> {
  const dir = await tempDir(scope, 'c-icap');
  await mkdir(join(dir, 'db'));
  const hex = Buffer.from(PATTERN).toString('hex');
  await writeFile(join(dir, 'db', 'test.ndb'), `Test.Pattern.Malware:0:*:${hex}\n`);
  const clamd = await startProgram(scope, dir);
  const port = await freePort();
  const modules = dirname(peerPath(VIRUS_SCAN));
  const lines = [
    `PidFile ${dir}/c-icap.pid`,
    `CommandsSocket ${dir}/c-icap.ctl`,
    `ServerLog ${dir}/server.log`,
    `AccessLog ${dir}/access.log`,
    `TmpDir ${dir}`,
    `Port 127.0.0.1:${port}`,
    'KeepAliveTimeout 60',
    'MaxKeepAliveRequests -1',
    'StartServers 1',
    'MaxServers 1',
    'ThreadsPerChild 16',
    `ModulesDir ${modules}`,
    `ServicesDir ${modules}`,
    'LoadMagicFile /etc/c-icap/c-icap.magic',
    'Service echo srv_echo.so',
    'Module common clamd_mod.so',
    `clamd_mod.ClamdSocket ${clamd.socket}`,
    'Service antivirus_module virus_scan.so',
    'ServiceAlias avscan virus_scan?allow204=on&sizelimit=off&mode=simple',
    'virus_scan.DefaultEngine clamd',
    'virus_scan.ScanFileTypes TEXT DATA EXECUTABLE ARCHIVE GIF JPEG MSOFFICE',
    'virus_scan.MaxObjectSize 100M',
  ];
  await writeFile(join(dir, 'c-icap.conf'), `${lines.join('\n')}\n`);
  startChild(scope, peerPath('c-icap'), ['-N', '-f', join(dir, 'c-icap.conf')], { cwd: dir });
  await waitForPort(port, WAIT_MS);
  return port;
}

test('c-icap with clamd finds what only it knows, and echo finds nothing', { skip }, async (t) => {
  const scope = scopeOf(t);
  const port = await startCicap(scope);
  const scanOver = async (service: string) => {
    const icap: IcapScannerConfig = {
      url: `icap://127.0.0.1:${port}/${service}`,
      host: '127.0.0.1',
      port,
      isTls: false,
      caFile: undefined,
      connectMs: WAIT_MS,
      timeoutMs: WAIT_MS,
      connectionsMax: 4,
      bytesMax: 10_000_000,
      checkMs: 1000,
      fail: 'closed',
    };
    return scanLab(scope, (config) => ({ ...config, icap }));
  };
  const { scan, engine } = await scanOver('avscan');
  const bad = await scan(`xx ${PATTERN} xx`, 'a.txt');
  assert.equal(bad.verdict, 'malicious');
  assert.match(found(bad).join(), /^icap .*Test\.Pattern\.Malware/);
  for (const text of ['', 'a harmless text', 'x'.repeat(1024), 'y'.repeat(1025), 'z'.repeat(3_000_000)]) {
    const clean = await scan(text, 'b.txt');
    assert.deepEqual([clean.verdict, found(clean), missed(clean)], ['clean', [], []], `${text.length}`);
  }
  assert.match(bad.version, / icap:\S+ /);
  assert.deepEqual(engine.health(), { state: 'ok' });
  const echo = await scanOver('echo');
  assert.deepEqual(found(await echo.scan(`xx ${PATTERN} xx`, 'a.txt')), []);
});

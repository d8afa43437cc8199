// Scans 200 MiB and prints by how much the memory of the process grew, at its highest.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { scanLab } from './scan.ts';
import { openScope } from './scope.ts';

const SIZE = 200 * 1024 * 1024;
const PIECE = 64 * 1024;

/** Anonymous memory: pages of the spool file in the page cache are not ours. */
function residentBytes(): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
}

const scope = openScope();
const lab = await scanLab(scope);
const piece = Buffer.alloc(PIECE);
for (let at = 0; at < PIECE; at += 32) createHash('sha256').update(String(at)).digest().copy(piece, at);
// Everything that a first scan loads is loaded.
await lab.scan(piece, 'warm.bin');
const before = residentBytes();
let highest = before;
const timer = setInterval(() => (highest = Math.max(highest, residentBytes())), 5);
const scan = lab.engine.open({ name: 'large.bin', profile: 'full' });
const sent = createHash('sha256');
for (let at = 0; at < SIZE; at += PIECE) {
  piece.writeUInt32LE(at);
  sent.update(piece);
  await scan.write(piece);
}
const verdict = await scan.finish();
const replayed = createHash('sha256');
for await (const bytes of scan.replay()) replayed.update(bytes);
const digest = sent.digest('hex');
scan.close();
clearInterval(timer);
await scope.close();
process.stdout.write(
  JSON.stringify({
    grownBytes: highest - before,
    verdict: verdict.verdict,
    bytes: verdict.bytes,
    same: verdict.sha256 === digest && replayed.digest('hex') === digest,
  }),
);

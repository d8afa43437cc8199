import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { holderOfPort, processStart, socketsOn } from './proc.io.ts';

/** Lines as the kernel writes them (proc(5), tcp). */
const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:1F90 0100007F:C351 06 00000000:00000000 03:00000F38 00000000     0        0 0 3 0000000000000000
   3: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0000000000000000 100 0 0 10 0
`;

test('sockets of a port are found in the table of the kernel, without those that belong to nobody', () => {
  assert.deepEqual(socketsOn(TABLE, 8080), [
    { inode: '4711', listens: true },
    { inode: '4712', listens: false },
  ]);
  assert.deepEqual(socketsOn(TABLE, 22), [{ inode: '4713', listens: true }]);
  assert.deepEqual(socketsOn(TABLE, 80), []);
});

test('the holder of a port is named', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => void server.close());
  // It listens on an address with a port.
  const { port } = server.address() as AddressInfo;
  const holder = await holderOfPort(port);
  assert.equal(holder?.pid, process.pid);
  assert.match(holder.program, /^node/);
});

test('a process is known by its start, and one that is gone is not', () => {
  assert.match(processStart(process.pid) ?? '', /^\d+$/);
  assert.equal(processStart(999_999_999), undefined);
});

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineErrors, type Log } from '../../kernel/index.ts';
import type { Channel } from '../../platform/index.ts';
import { createControlLink, type EdgeControlLink } from './control-link.io.ts';
import { createEdgeLinks, type EdgeLinksServer } from './edge-links.io.ts';
import { connectMemory } from './memory-channel.io.ts';

const errors = defineErrors({
  NO_SUCH_USER: { kind: 'refused', message: 'no user {name}', hint: 'see {where}', exit: 6 },
});

/** Control and one edge, without a process between them; the test can take either away. */
function setUp(t: TestContext, ackMs?: number, topics?: readonly string[]) {
  const events: string[] = [];
  const log: Log = {
    debug: (event) => void events.push(event),
    info: (event) => void events.push(event),
    warn: (event) => void events.push(event),
    error: (event) => void events.push(event),
  };
  let control: EdgeLinksServer | undefined = createEdgeLinks(log, ackMs);
  const channels: Channel[] = [];
  const link = createControlLink({
    pid: 7,
    generation: 3,
    log,
    ...(topics === undefined ? {} : { topics }),
    connect: (own) => {
      if (control === undefined) return Promise.reject(new Error('nobody listens'));
      const server = control;
      const channel = connectMemory((far) => server.accept(far), own);
      channels.push(channel);
      return Promise.resolve(channel);
    },
    random: () => 0,
  });
  t.after(() => link.close());
  return {
    link,
    events,
    links: control,
    loseControl: () => {
      control = undefined;
      channels.at(-1)?.destroy();
    },
    newControl: () => (control = createEdgeLinks(log, ackMs)),
    cut: () => channels.at(-1)?.destroy(),
  };
}

async function connected(link: EdgeControlLink): Promise<void> {
  link.open();
  await until(() => link.connected);
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; !isTrue(); tries++) {
    assert.ok(tries < 10_000, 'waited in vain');
    await sleep(2);
  }
}

test('an edge asks control and gets the answer, or the error with its code, hint and exit', async (t) => {
  const { link, links } = setUp(t);
  links.handle('echo', (params, edge) => ({ params, edge }));
  links.handle('fail', () => {
    throw errors.NO_SUCH_USER({ name: '{x}', where: 'user list' });
  });
  await connected(link);
  assert.deepEqual(await link.call('echo', { a: 1 }), { params: { a: 1 }, edge: { pid: 7, generation: 3 } });
  await assert.rejects(link.call('fail', {}), {
    code: 'NO_SUCH_USER',
    kind: 'refused',
    message: 'no user {x}',
    hint: 'see user list',
  });
  await assert.rejects(link.call('nothing', {}), { code: 'BUS_METHOD' });
});

test('a call ends after its time, and at once when control goes away', async (t) => {
  const { link, links, loseControl } = setUp(t);
  links.handle('never', () => new Promise(() => undefined));
  await connected(link);
  await assert.rejects(link.call('never', {}, 5), { code: 'BUS_TIMEOUT' });
  const asked = link.call('never', {}, 60_000);
  loseControl();
  await assert.rejects(asked, { code: 'BUS_AWAY' });
  await assert.rejects(link.call('never', {}), { code: 'BUS_AWAY' });
});

test('publishing waits until every edge has taken it over; an edge that comes later gets it too', async (t) => {
  const { link, links } = setUp(t);
  await links.publish('identity', { version: 1 });
  const seen: unknown[] = [];
  const working = Promise.withResolvers<void>();
  link.subscribe('identity', async (data) => {
    if (seen.length === 1) await working.promise;
    seen.push(data);
  });
  await connected(link);
  await until(() => seen.length === 1);
  let done = false;
  const published = links.publish('identity', { version: 2 }).then(() => (done = true));
  await sleep(5);
  assert.equal(done, false, 'the edge is still at it');
  working.resolve();
  await published;
  assert.deepEqual(seen, [{ version: 1 }, { version: 2 }]);
});

test('publishing does not wait for an edge that is gone, hangs, or cannot take it over', async (t) => {
  const { link, links, events, cut } = setUp(t, 10);
  let mode: 'hang' | 'throw' = 'hang';
  link.subscribe('tls', () => {
    if (mode === 'throw') throw new Error('no certificate');
    return new Promise(() => undefined);
  });
  await connected(link);
  await until(() => links.edges.length === 1);
  await links.publish('tls', 1);
  assert.ok(events.includes('bus.edge-late'));
  mode = 'throw';
  await until(() => link.connected && links.edges.length === 1);
  await links.publish('tls', 2);
  await until(() => events.includes('bus.topic'));
  mode = 'hang';
  const published = links.publish('tls', 3);
  cut();
  await published;
});

test('an edge that lost control comes back by itself, to what the new control has', async (t) => {
  const { link, links, loseControl, newControl } = setUp(t);
  const seen: unknown[] = [];
  link.subscribe('indicators', (data) => void seen.push(data));
  const gone: unknown[] = [];
  links.onGone((edge) => gone.push(edge));
  await links.publish('indicators', 1);
  await connected(link);
  await until(() => seen.length === 1);
  loseControl();
  await until(() => !link.connected);
  assert.deepEqual(gone, [{ pid: 7, generation: 3 }]);
  const next = newControl();
  await next.publish('indicators', 2);
  await until(() => seen.length === 2);
  assert.deepEqual(seen, [1, 2]);
});

test('what is posted while control is away waits in a bounded queue; more is dropped and counted', async (t) => {
  const { link, links } = setUp(t);
  const got: unknown[] = [];
  let dropped = 0;
  link.onDropped(() => dropped++);
  links.onPost('events', (data) => got.push(data));
  const taken = Array.from({ length: 1200 }, (_, at) => link.post('events', at));
  assert.equal(taken.filter(Boolean).length, 1000);
  assert.equal(dropped, 200);
  await connected(link);
  await until(() => got.length === 1000);
  assert.ok(link.post('events', 'later'));
  await until(() => got.length === 1001);
  assert.deepEqual([got[0], got[999], got[1000]], [0, 999, 'later'], 'the first ones stay, in order');
});

test('control asks every edge and leaves out those that do not answer in time', async (t) => {
  const { link, links } = setUp(t);
  link.answer('status', () => ({ connections: 5 }));
  await connected(link);
  await until(() => links.edges.length === 1);
  assert.deepEqual([...(await links.collect('status', 30_000))], [[7, { connections: 5 }]]);
  // Connected, but nobody behind it.
  const deaf = links.accept({ send: () => true, close: () => undefined, destroy: () => undefined });
  deaf.onFrame({ t: 'hello', pid: 8, generation: 3 });
  assert.deepEqual([...(await links.collect('status', 1000)).keys()], [7]);
});

test('a handler that throws ends neither side, and what is no frame ends the connection', async (t) => {
  const { link, links, events } = setUp(t);
  links.onPost('events', () => {
    throw new Error('bug');
  });
  link.answer('status', () => {
    throw new Error('bug');
  });
  await connected(link);
  link.post('events', 1);
  await until(() => events.includes('bus.post'));
  assert.deepEqual([...(await links.collect('status', 30_000))], [[7, null]]);
  assert.ok(events.includes('bus.question'));

  let destroyed = false;
  const stranger = links.accept({
    send: () => true,
    close: () => undefined,
    destroy: () => {
      destroyed = true;
    },
  });
  stranger.onFrame({ t: 'call', method: 'identity.verifyPassword' });
  assert.ok(destroyed, 'a call without an id');
});

test('an acknowledgment goes to the control that asked, not to the one after it', async (t) => {
  const { link, links, loseControl, newControl } = setUp(t);
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  const turns = [first, second];
  link.subscribe('tls', () => turns.shift()?.promise);
  await links.publish('tls', 1);
  await connected(link);
  await until(() => turns.length === 1);
  loseControl();
  await until(() => !link.connected);
  const next = newControl();
  await until(() => next.edges.length === 1);
  // Both controls count from 1: this has the number of the one that the first control still waits for.
  let done = false;
  const published = next.publish('tls', 2).then(() => (done = true));
  await until(() => turns.length === 0);
  first.resolve();
  await sleep(5);
  assert.equal(done, false, 'only the late acknowledgment has come');
  second.resolve();
  await published;
});

test('a process that names its topics is told those, and nobody waits for it about others', async (t) => {
  const { link, links } = setUp(t, undefined, ['sessions']);
  const told: string[] = [];
  link.subscribe('sessions', () => void told.push('sessions'));
  link.subscribe('tls', () => void told.push('tls'));
  await links.publish('tls', { keyPem: 'secret' });
  await links.publish('sessions', {});
  await connected(link);
  await links.publish('tls', { keyPem: 'another' });
  await links.publish('sessions', {});
  assert.deepEqual(told, ['sessions', 'sessions']);
});

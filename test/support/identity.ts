import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  createIdentity,
  createIdentityReplica,
  tokensSection,
  usersSection,
  type AuthResult,
} from '../../src/engines/identity/index.ts';
import { openState } from '../../src/engines/state/index.ts';
import type { ControlLink, EdgeLinks, EdgeName, Log, LogFields } from '../../src/kernel/index.ts';
import { tempDir, type Scope } from './scope.ts';

export const PASSWORD = 'correct horse battery';
const EDGE: EdgeName = { pid: 1, generation: 1 };

/** Control and one edge, joined by function calls; every value passes through JSON as on the bus. */
export async function identityLab(scope: Scope, given?: string, withLinks = true) {
  const dataDir = given ?? join(await tempDir(scope, 'sallyport-identity'), 'data');
  const time = { now: Date.parse('2026-01-01T00:00:00Z') };
  const clock = { now: () => time.now, monotonic: () => time.now };
  const logged: [string, LogFields?][] = [];
  const add = (event: string, fields?: LogFields) => void logged.push([event, fields ?? {}]);
  const log: Log = { debug: add, info: add, warn: add, error: add };
  const handlers = new Map<string, (params: unknown, edge: EdgeName) => unknown>();
  const posts = new Map<string, (data: unknown, edge: EdgeName) => void>();
  const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  const published: unknown[] = [];
  const link: ControlLink = {
    connected: true,
    call: async (method, params) => json(await handlers.get(method)?.(json(params), EDGE)),
    post: (topic, data) => {
      posts.get(topic)?.(json(data), EDGE);
      return true;
    },
    subscribe: () => undefined,
    answer: () => undefined,
  };
  const replica = createIdentityReplica({ link, clock, random: randomBytes });
  const links: EdgeLinks = {
    handle: (method, handler) => void handlers.set(method, handler),
    onPost: (topic, handler) => void posts.set(topic, handler),
    onGone: () => undefined,
    publish: async (topic, data) => {
      assert.equal(topic, 'identity');
      await new Promise(setImmediate);
      published.push(json(data));
      replica.apply(json(data));
    },
    collect: () => assert.fail('not used'),
  };
  const state = await openState({
    dataDir,
    clock,
    log,
    sections: [usersSection, tokensSection],
    lockWaitMs: 0,
  });
  const login = { failuresMax: 3, banMs: 60_000 };
  const identity = createIdentity({
    state,
    links: withLinks ? links : undefined,
    clock,
    log,
    random: randomBytes,
    login: () => login,
  });
  await identity.start();
  return { dataDir, state, identity, replica, published, logged, time, login };
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** `ok`, or why not. */
export function reasonOf(result: AuthResult): string {
  return result.ok ? 'ok' : result.reason;
}

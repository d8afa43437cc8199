import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Who cleans up: a `TestContext` of node:test is one; `openScope` makes one for programs that are no test. */
export interface Scope {
  after(cleanUp: () => void | Promise<void>): void;
}

export interface OwnScope extends Scope {
  close(): Promise<void>;
}

/** Runs what was registered in reverse order: what was started last ends first. */
export function openScope(): OwnScope {
  const cleanUps: (() => void | Promise<void>)[] = [];
  return {
    after: (cleanUp) => void cleanUps.push(cleanUp),
    close: async () => {
      for (let cleanUp = cleanUps.pop(); cleanUp !== undefined; cleanUp = cleanUps.pop()) await cleanUp();
    },
  };
}

/** The scope of one test: node:test itself cleans up in the order of registration, folders before their users. */
export function scopeOf(test: Scope): Scope {
  const scope = openScope();
  test.after(() => scope.close());
  return scope;
}

/** A folder of its own under the system's temporary one; removed with the scope. */
export async function tempDir(scope: Scope, name = 'sallyport'): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), `${name}-`));
  scope.after(() => rm(dir, { recursive: true, force: true, maxRetries: 10 }));
  return dir;
}

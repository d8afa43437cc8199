import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from './child.ts';
import type { Child } from './child.ts';
import { freePort, waitForPort } from './ports.ts';
import { peerPath } from './peers.ts';
import { tempDir } from './scope.ts';
import type { Scope } from './scope.ts';

export interface SquidOptions {
  readonly workers?: number;
  readonly cpus?: string;
  /** `name:password`: Basic authentication is required. */
  readonly login?: string;
  /** `host:port` of a parent through which everything goes. */
  readonly parent?: string;
  /** Lines added to the configuration. */
  readonly lines?: readonly string[];
}

export interface Squid {
  readonly port: number;
  readonly child: Child;
  accessLog(): Promise<string>;
}

/**
 * Squid as a plain forward proxy without a cache. What differs from its defaults is there to be fair in a
 * comparison: no cache look-ups, buffered access log, no helper processes, enough descriptors, shutdown at once.
 */
export async function startSquid(scope: Scope, options: SquidOptions = {}): Promise<Squid> {
  const dir = await tempDir(scope, 'squid');
  const port = await freePort();
  const workers = options.workers ?? 1;
  await writeFile(join(dir, 'squid.conf'), await configuration(dir, port, options));
  await writeFile(join(dir, 'hosts'), '127.0.0.1 localhost\n');
  await handOver(dir);
  // The service name keeps the shared-memory names of several instances apart.
  const name = `t${port}`;
  const mode = workers === 1 ? ['-N'] : ['--foreground'];
  // Kids of a multi-worker Squid meet in sockets under this fixed path.
  if (workers > 1) await handOver('/run/squid');
  const child = startChild(scope, peerPath('squid'), [...mode, '-n', name, '-f', join(dir, 'squid.conf')], {
    cpus: options.cpus,
    cwd: dir,
  });
  await waitForPort(port, 60_000);
  return { port, child, accessLog: () => readFile(join(dir, 'access.log'), 'utf8') };
}

async function configuration(dir: string, port: number, options: SquidOptions): Promise<string> {
  const lines = [
    `http_port 127.0.0.1:${port}`,
    `workers ${options.workers ?? 1}`,
    'visible_hostname squid.example.test',
    `pid_filename ${dir}/squid.pid`,
    `cache_log ${dir}/cache.log`,
    `access_log stdio:${dir}/access.log`,
    'buffered_logs on',
    `coredump_dir ${dir}`,
    `hosts_file ${dir}/hosts`,
    'cache deny all',
    'cache_mem 8 MB',
    'memory_cache_shared off',
    'netdb_filename none',
    'pinger_enable off',
    'shutdown_lifetime 0 seconds',
    'max_filedescriptors 20000',
    'client_persistent_connections on',
    'server_persistent_connections on',
    'client_lifetime 1 day',
  ];
  if (process.getuid?.() === 0) lines.push('cache_effective_user proxy');
  if (options.login !== undefined) {
    const [user = '', password = ''] = options.login.split(':');
    // The helper reads "user password" and says OK or ERR: a script keeps the test free of password files.
    const helper = join(dir, 'login.sh');
    await writeFile(
      helper,
      `#!/bin/sh\nwhile read -r u p; do [ "$u $p" = "${user} ${password}" ] && echo OK || echo ERR; done\n`,
    );
    await chmod(helper, 0o755);
    lines.push(
      `auth_param basic program ${helper}`,
      'auth_param basic realm Test',
      'acl known proxy_auth REQUIRED',
    );
    lines.push('http_access deny !known');
  }
  if (options.parent !== undefined) {
    const [host, parentPort] = options.parent.split(':');
    lines.push(`cache_peer ${host} parent ${parentPort} 0 no-query default`, 'never_direct allow all');
  }
  lines.push(...(options.lines ?? []), 'http_access allow all', '');
  return lines.join('\n');
}

/** Started as root, Squid drops to `proxy`, which then must own its folder. */
async function handOver(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  await chmod(dir, 0o755);
  if (process.getuid?.() !== 0) return;
  const passwd = await readFile('/etc/passwd', 'utf8');
  const [, uid, gid] = /^proxy:[^:]*:(\d+):(\d+):/m.exec(passwd) ?? [];
  if (uid !== undefined && gid !== undefined) await chown(dir, Number(uid), Number(gid));
}

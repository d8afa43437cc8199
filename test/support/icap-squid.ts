import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Child, runChild, startChild } from './child.ts';
import { peerPath } from './peers.ts';
import { freePort, waitForPort } from './ports.ts';
import { type Scope, tempDir } from './scope.ts';

export interface IcapSquidOptions {
  /** `icap://host:port` or `icaps://…`; the services are `/reqmod` and `/respmod`. */
  readonly icap: string;
  readonly preview: boolean;
  /** Authority of the HTTPS origins. */
  readonly originCa: string;
  /** More lines of its configuration. */
  readonly lines?: readonly string[];
}

export interface IcapSquid {
  readonly port: number;
  /** Authority that signs what is bumped. */
  readonly caFile: string;
  readonly child: Child;
}

/** Squid that decrypts HTTPS and has every request and answer adapted, under names of `example.test`. */
export async function startIcapSquid(scope: Scope, options: IcapSquidOptions): Promise<IcapSquid> {
  const dir = await tempDir(scope, 'icap-squid');
  const port = await freePort();
  const run = async (program: string, ...args: readonly string[]): Promise<void> => {
    const result = await runChild(scope, program, args, { cwd: dir });
    if (result.code !== 0) throw new Error(`${program} ${args.join(' ')}: ${result.stderr}`);
  };
  const ca = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=Test Proxy CA'];
  const usage = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
  await run(peerPath('openssl'), 'req', ...ca, ...usage, '-keyout', 'ca.key', '-out', 'ca.pem');
  await run('/usr/lib/squid/security_file_certgen', '-c', '-s', join(dir, 'ssl_db'), '-M', '4MB');
  await writeFile(join(dir, 'hosts'), '127.0.0.1 localhost www.example.test blocked.example.test\n');
  await writeFile(join(dir, 'squid.conf'), configuration(dir, port, options));
  await handOver(dir);
  const child = startChild(
    scope,
    peerPath('squid'),
    ['-N', '-n', `t${port}`, '-f', join(dir, 'squid.conf')],
    {
      cwd: dir,
    },
  );
  await waitForPort(port, 60_000);
  return { port, caFile: join(dir, 'ca.pem'), child };
}

function configuration(
  dir: string,
  port: number,
  { icap, preview, originCa, lines = [] }: IcapSquidOptions,
): string {
  const service = `bypass=off${icap.startsWith('icaps:') ? ' tls-flags=DONT_VERIFY_PEER' : ''}`;
  const bump = 'generate-host-certificates=on dynamic_cert_mem_cache_size=4MB';
  return [
    `http_port 127.0.0.1:${port} ssl-bump tls-cert=${dir}/ca.pem tls-key=${dir}/ca.key ${bump}`,
    'visible_hostname squid.example.test',
    `pid_filename ${dir}/squid.pid`,
    `cache_log ${dir}/cache.log`,
    `access_log stdio:${dir}/access.log`,
    `coredump_dir ${dir}`,
    `hosts_file ${dir}/hosts`,
    'http_access allow all',
    'shutdown_lifetime 0 seconds',
    'netdb_filename none',
    'pinger_enable off',
    'cache deny all',
    ...lines,
    'memory_cache_shared off',
    `sslcrtd_program /usr/lib/squid/security_file_certgen -s ${dir}/ssl_db -M 4MB`,
    'sslcrtd_children 2 startup=1 idle=1',
    'acl hello at_step SslBump1',
    'ssl_bump peek hello',
    'ssl_bump bump all',
    `tls_outgoing_options cafile=${originCa}`,
    'icap_enable on',
    `icap_preview_enable ${preview ? 'on' : 'off'}`,
    'icap_persistent_connections on',
    'icap_service_failure_limit -1',
    'adaptation_send_client_ip on',
    'adaptation_send_username on',
    `icap_log ${dir}/icap.log icap_squid`,
    `icap_service requests reqmod_precache ${icap}/reqmod ${service}`,
    'adaptation_access requests allow all',
    `icap_service answers respmod_precache ${icap}/respmod ${service}`,
    'adaptation_access answers allow all',
    ...(process.getuid?.() === 0 ? ['cache_effective_user proxy'] : []),
    '',
  ].join('\n');
}

/** Started as root, Squid drops to `proxy`, which then must own its folder. */
async function handOver(dir: string): Promise<void> {
  await chmod(dir, 0o755);
  if (process.getuid?.() !== 0) return;
  const passwd = await readFile('/etc/passwd', 'utf8');
  const [, uid, gid] = /^proxy:[^:]*:(\d+):(\d+):/m.exec(passwd) ?? [];
  if (uid === undefined || gid === undefined) return;
  await mkdir(join(dir, 'ssl_db'), { recursive: true });
  for (const name of [
    '.',
    'ca.pem',
    'ca.key',
    'hosts',
    'squid.conf',
    'ssl_db',
    'ssl_db/certs',
    'ssl_db/index.txt',
    'ssl_db/size',
  ]) {
    await chown(join(dir, name), Number(uid), Number(gid)).catch(() => undefined);
  }
}

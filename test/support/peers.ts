import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Foreign programs that tests and benchmarks talk to, with the Debian package that brings each. */
const PEERS = {
  squid: 'squid-openssl',
  wrk: 'wrk',
  ab: 'apache2-utils',
  curl: 'curl',
  openssl: 'openssl',
  chromium: 'chromium',
  'firefox-esr': 'firefox-esr',
  nft: 'nftables',
  ip: 'iproute2',
  taskset: 'util-linux',
  'c-icap-client': 'c-icap',
  clamd: 'clamav-daemon',
  'c-icap': 'c-icap',
  '../lib/x86_64-linux-gnu/c_icap/virus_scan.so': 'libc-icap-mod-virus-scan',
  'named-checkzone': 'bind9-utils',
  rsyslogd: 'rsyslog-openssl',
  prometheus: 'prometheus',
  promtool: 'prometheus',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  sftp: 'openssh-client',
  scp: 'openssh-client',
  'ssh-audit': 'ssh-audit',
  tmux: 'tmux',
  faketime: 'faketime',
  bzip2: 'bzip2',
  lz4: 'lz4',
  xz: 'xz-utils',
  zstd: 'zstd',
  mksquashfs: 'squashfs-tools',
  mke2fs: 'e2fsprogs',
  'qemu-img': 'qemu-utils',
  rpmbuild: 'rpm',
  xorriso: 'xorriso',
  genisoimage: 'genisoimage',
  ansible: 'ansible-core',
  '../lib/python3/dist-packages/paramiko/__init__.py': 'python3-paramiko',
  '../lib/python3/dist-packages/netmiko/__init__.py': 'python3-netmiko',
} as const;

export type PeerName = keyof typeof PEERS;

export interface MissingPeer {
  readonly path: undefined;
  /** For `skip`: names the program and its package. */
  readonly reason: string;
}

export interface FoundPeer {
  readonly path: string;
  readonly reason: undefined;
}

/** Where a foreign program is. Missing: a reason to skip by; with `CI=true` a failure. */
export function findPeer(name: PeerName): FoundPeer | MissingPeer {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  for (const folder of folders) {
    const path = join(folder, name);
    if (isExecutable(path)) return { path, reason: undefined };
  }
  const reason = `${name} is not installed (Debian package ${PEERS[name]})`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  return { path: undefined, reason };
}

/** The reason to skip by when one of several programs is missing; `false` when all are there. */
export function missingPeer(...names: readonly PeerName[]): string | false {
  for (const name of names) {
    const peer = findPeer(name);
    if (peer.path === undefined) return peer.reason;
  }
  return false;
}

/** The path of a program that `missingPeer` has found before. */
export function peerPath(name: PeerName): string {
  const peer = findPeer(name);
  if (peer.path === undefined) throw new Error(peer.reason);
  return peer.path;
}

function isExecutable(path: string): boolean {
  try {
    // A library is a file to read, named from the folder of programs.
    accessSync(path, /\.(?:py|so)$/.test(path) ? constants.R_OK : constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

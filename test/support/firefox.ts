import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, startChild } from './child.ts';
import { peerPath } from './peers.ts';
import { type Scope, tempDir } from './scope.ts';

export interface FirefoxOptions {
  /** Base URL of the Safe Browsing server. */
  readonly server: string;
  readonly api: 'v4' | 'v5';
  /** Names that lead to loopback. */
  readonly hosts: readonly string[];
  readonly key?: string;
  /** Folder of an earlier one that has quit: it goes on with what that knew. */
  readonly home?: string;
}

export interface Firefox {
  /** What became of a page: loaded, or the kind of the warning that stands in its place. */
  visit(url: string): Promise<{ readonly title: string; readonly blocked: string | undefined }>;
  /** The kind of the warning; lists are in force a moment after their update, so it is visited again for a while. */
  warning(url: string): Promise<string | undefined>;
  /** Has updated its lists from the server. */
  updated(): Promise<void>;
  /** What its list manager and full-hash client say. */
  log(): string;
  readonly home: string;
  quit(): Promise<void>;
}

const VISITS_MAX = 60;

/** A headless Firefox that knows our server as its only Safe Browsing provider. */
export async function startFirefox(scope: Scope, options: FirefoxOptions): Promise<Firefox> {
  const home = options.home ?? (await tempDir(scope, 'firefox'));
  const profile = join(home, 'profile');
  await mkdir(profile, { recursive: true });
  await rm(join(profile, 'MarionetteActivePort'), { force: true });
  await writeFile(join(profile, 'user.js'), preferences(options));
  const child = startChild(
    scope,
    peerPath('firefox-esr'),
    ['--headless', '--no-remote', '--marionette', '--profile', profile, 'about:blank'],
    { env: { HOME: home, MOZ_CRASHREPORTER_DISABLE: '1' }, graceMs: 10_000 },
  );
  const marionette = await Marionette.open(scope, child, join(profile, 'MarionetteActivePort'));
  await marionette.command('WebDriver:NewSession', {});
  const visit: Firefox['visit'] = async (url) => {
    const failure = await marionette.command('WebDriver:Navigate', { url }).then(
      () => '',
      (error: unknown) => String(error),
    );
    // The address bar keeps the URL of the page; the document is about:blocked.
    const script = 'return [document.documentURI, document.title]';
    const [uri = '', title = ''] = await marionette.run(script);
    const blocked = /about:blocked\?e=(\w+)/.exec(failure + uri)?.[1];
    if (blocked === undefined && failure !== '') throw new Error(`${url}: ${failure}`);
    return { title, blocked };
  };
  return {
    home,
    log: () => child.stdout() + child.stderr(),
    quit: async () => {
      // It may be gone before its answer is here.
      void marionette.command('Marionette:Quit', { flags: ['eAttemptQuit'] }).catch(() => undefined);
      await child.exited;
    },
    updated: async () => void (await child.waitFor(/update success for/, 120_000)),
    visit,
    warning: async (url) => {
      for (let tries = 0; ; tries++) {
        const { blocked } = await visit(url);
        if (blocked !== undefined || tries === VISITS_MAX) return blocked;
        await sleep(500);
      }
    },
  };
}

function preferences({ server, api, hosts, key = 'test' }: FirefoxOptions): string {
  const isV5 = api === 'v5';
  const provider = `browser.safebrowsing.provider.google${isV5 ? '5' : '4'}`;
  const query = isV5 ? `key=${key}` : `$ct=application/x-protobuf&key=${key}&$httpMethod=POST`;
  const [update, hash] = isV5
    ? ['hashLists:batchGet', 'hashes:search']
    : ['threatListUpdates:fetch', 'fullHashes:find'];
  const others = ['google', 'google4', 'google5', 'mozilla'].filter((name) => !provider.endsWith(`.${name}`));
  const all: Readonly<Record<string, string | number | boolean>> = {
    'browser.safebrowsing.provider.google5.enabled': isV5,
    [`${provider}.updateURL`]: `${server}/${api}/${update}?${query}`,
    [`${provider}.gethashURL`]: `${server}/${api}/${hash}?${query}`,
    // Debian's build has no key of its own.
    [`${provider}.excludeFromGoogleSafeBrowsingKeyCheck`]: true,
    // Otherwise it waits up to a minute.
    [`${provider}.nextupdatetime`]: '1',
    ...Object.fromEntries(
      others.flatMap((name) => [
        [`browser.safebrowsing.provider.${name}.updateURL`, ''],
        [`browser.safebrowsing.provider.${name}.gethashURL`, ''],
      ]),
    ),
    // It shows a page whose hash nobody has answered for in this time: by default 5 s.
    'urlclassifier.gethash.timeout_ms': 60_000,
    // Its tables are those it comes with.
    'browser.safebrowsing.downloads.remote.enabled': false,
    'browser.safebrowsing.debug': true,
    'browser.dom.window.dump.enabled': true,
    'network.dns.localDomains': hosts.join(','),
    'network.proxy.type': 0,
    'marionette.port': 0,
    // A browser under remote control turns Safe Browsing off otherwise.
    'remote.prefs.recommended': false,
    // Nothing calls home.
    'services.settings.server': 'http://127.0.0.1:1',
    'app.normandy.enabled': false,
    'datareporting.policy.dataSubmissionEnabled': false,
    'toolkit.telemetry.enabled': false,
    'network.captive-portal-service.enabled': false,
    'network.connectivity-service.enabled': false,
    'extensions.systemAddon.update.enabled': false,
    'browser.shell.checkDefaultBrowser': false,
    'dom.security.https_first': false,
  };
  return Object.entries(all)
    .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
    .join('');
}

/** Messages are `<length>:<json>`: commands [0, id, name, parameters], answers [1, id, error, value]. */
class Marionette {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (answer: readonly unknown[]) => void>();
  #buffered: Buffer = Buffer.alloc(0);
  #id = 0;

  static async open(scope: Scope, child: Child, portFile: string): Promise<Marionette> {
    for (let turn = 0; turn < 900 && child.running; turn++) {
      const port = Number(await readFile(portFile, 'utf8').catch(() => '0'));
      const socket = port === 0 ? undefined : await connected(port);
      if (socket !== undefined) {
        scope.after(() => void socket.destroy());
        return new Marionette(socket);
      }
      await sleep(100);
    }
    throw new Error(`Firefox does not answer: ${child.stderr()}`);
  }

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => undefined);
  }

  command(name: string, parameters: object): Promise<unknown> {
    const id = ++this.#id;
    const text = JSON.stringify([0, id, name, parameters]);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ([, , error, value]) =>
        error === null ? resolve(value) : reject(new Error(JSON.stringify(error).slice(0, 500))),
      );
      this.#socket.write(`${Buffer.byteLength(text)}:${text}`);
    });
  }

  async run(script: string): Promise<readonly string[]> {
    const answer = await this.command('WebDriver:ExecuteScript', { script, args: [] });
    // Scripts here give lists of texts.
    return (answer as { readonly value: readonly string[] }).value;
  }

  #receive(chunk: Buffer): void {
    this.#buffered = Buffer.concat([this.#buffered, chunk]);
    for (let colon = this.#buffered.indexOf(':'); colon > 0; colon = this.#buffered.indexOf(':')) {
      const end = colon + 1 + Number(this.#buffered.toString('latin1', 0, colon));
      if (this.#buffered.length < end) return;
      const message: unknown = JSON.parse(this.#buffered.toString('utf8', colon + 1, end));
      this.#buffered = this.#buffered.subarray(end);
      // The greeting is an object.
      if (Array.isArray(message)) this.#waiting.get(Number(message[1]))?.(message);
    }
  }
}

function connected(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

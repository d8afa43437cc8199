import { promises as dns } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { type Check, type Finding, ok, problem, warning } from './finding.ts';
import { outsidePlaces } from './outbound.io.ts';

const ANSWER_MS = 2000;
/** RFC 6761 §6.4: no such name exists, so an address for it is a lie. */
const NO_SUCH_NAME = 'sallyport-doctor.invalid';

/** Every name server by itself, then the names that the gateway needs. */
export const dnsChecks: Check = async (examination) => {
  const configured = examination.config.egress.resolvers;
  const servers = configured.length > 0 ? configured : await systemServers();
  const where = configured.length > 0 ? 'egress.resolvers' : '/etc/resolv.conf';
  if (servers.length === 0) {
    return [
      warning('dns', `no name server is set (${where})`, 'set egress.resolvers, or: configure dns ADDRESS'),
    ];
  }
  const answers = await Promise.all(servers.map((server) => serverFinding(server, where)));
  const alive = servers.filter((_, at) => answers[at]?.state !== 'problem');
  const first = alive[0];
  if (first === undefined) return answers;
  const places = await outsidePlaces(examination);
  const names = [...new Set(places.map(({ url }) => url.hostname))].filter(
    (name) => isIP(name.replace(/^\[|\]$/g, '')) === 0 && name !== 'localhost',
  );
  return [...answers, ...(await Promise.all(names.map((name) => nameFinding(first, name))))];
};

async function systemServers(): Promise<readonly string[]> {
  const text = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1]!);
}

async function serverFinding(server: string, where: string): Promise<Finding> {
  const check = `dns ${server}`;
  const { code, addresses, ms } = await ask(server, NO_SUCH_NAME);
  if (addresses.length > 0) {
    return warning(
      check,
      `it answers ${addresses[0]} for a name that cannot exist (${NO_SUCH_NAME})`,
      'turn its search page off: a mistyped name must not become an address',
    );
  }
  if (code === 'ENOTFOUND' || code === 'ENODATA') return ok(check, `answers in ${ms} ms`);
  return problem(
    check,
    `it does not answer questions (${code})`,
    `look at that server and at port 53 on the way, or name another in ${where}`,
  );
}

async function nameFinding(server: string, name: string): Promise<Finding> {
  const { code, addresses } = await ask(server, name);
  return addresses.length > 0
    ? ok(`dns ${name}`, addresses.join(', '))
    : problem(
        `dns ${name}`,
        `${server} knows no address of it (${code})`,
        'check the name in its feed or upstream',
      );
}

async function ask(server: string, name: string) {
  const resolver = new dns.Resolver({ timeout: ANSWER_MS, tries: 1 });
  const started = performance.now();
  const ms = (): number => Math.round(performance.now() - started);
  try {
    resolver.setServers([server.split(':').length > 2 && !server.startsWith('[') ? `[${server}]` : server]);
    return { code: '', addresses: await resolver.resolve4(name), ms: ms() };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { code, addresses: [], ms: ms() };
  }
}

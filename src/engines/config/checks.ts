import { PORT_KEYS } from '../../kernel/index.ts';
import { icapAddress } from './icap-address.ts';
import type { FileTree } from './schema.ts';

/** A rule between keys that is broken. Paths are in steps, as in zod's issues. */
export interface Conflict {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
}

/**
 * Rules between keys. Gets the sections that are right in themselves; the others have their own problems
 * already, and a rule about them would only repeat those.
 */
export function conflictsOf(tree: Partial<FileTree>): readonly Conflict[] {
  return [
    ...portConflicts(tree),
    ...tlsConflicts(tree.tls),
    ...httpConflicts(tree.http),
    ...egressConflicts(tree.egress),
    ...proxyConflicts(tree.forwardProxy),
    ...lookAsideConflicts(tree.lookAside),
    ...icapConflicts(tree.icap),
    ...scannerConflicts(tree),
  ];
}

function portConflicts({ listeners, portOffset = 0 }: Partial<FileTree>): readonly Conflict[] {
  if (listeners === undefined) return [];
  const owners = new Map<number, string>();
  const found: Conflict[] = [];
  for (const key of PORT_KEYS) {
    const { enabled, port } = listeners[key];
    if (!enabled || port === 0) continue;
    const path = ['listeners', key, 'port'];
    const owner = owners.get(port);
    if (owner !== undefined) {
      found.push({
        path,
        message: `port ${port} is already used by listeners.${owner}.port`,
        hint: 'Give one of them another port, or set `enabled: false`',
      });
    }
    owners.set(port, owner ?? key);
    if (port + portOffset > 65_535) {
      found.push({ path, message: `port ${port} with portOffset ${portOffset} is over 65535` });
    }
  }
  return found;
}

/** A gateway that asks itself would scan for ever. */
function scannerConflicts({
  scan,
  listeners,
  bind = [],
  portOffset = 0,
}: Partial<FileTree>): readonly Conflict[] {
  const address = scan?.icap.url === undefined ? undefined : icapAddress(scan.icap.url);
  if (address === undefined || listeners === undefined) return [];
  const isHere =
    /^(?:localhost|(?:::ffff:)?127\.[\d.]+|::1?|0\.0\.0\.0)$/i.test(address.host) ||
    bind.includes(address.host);
  const own = (['icap', 'icaps'] as const).find(
    (key) => listeners[key].enabled && listeners[key].port + portOffset === address.port,
  );
  if (!isHere || own === undefined) return [];
  return [
    {
      path: ['scan', 'icap', 'url'],
      message: `is this gateway itself: port ${address.port} is listeners.${own}`,
      hint: 'Name another scanner, or give the listener another port',
    },
  ];
}

function tlsConflicts(tls: FileTree['tls'] | undefined): readonly Conflict[] {
  if (tls === undefined) return [];
  const { certificateFile, keyFile, names } = tls;
  if (certificateFile !== undefined && keyFile === undefined) {
    return [
      {
        path: ['tls', 'certificateFile'],
        message: 'needs tls.keyFile',
        hint: 'Name the file of its private key in tls.keyFile',
      },
    ];
  }
  if (certificateFile === undefined && keyFile !== undefined) {
    return [
      {
        path: ['tls', 'keyFile'],
        message: 'needs tls.certificateFile',
        hint: 'Name the file of the certificate in tls.certificateFile',
      },
    ];
  }
  if (certificateFile !== undefined && names.length > 0) {
    return [
      {
        path: ['tls', 'names'],
        message: 'has no effect beside tls.certificateFile',
        hint: 'Remove one of the two',
      },
    ];
  }
  return [];
}

function httpConflicts(http: FileTree['http'] | undefined): readonly Conflict[] {
  if (http === undefined) return [];
  return below(['http', 'targetBytesMax'], http.targetBytesMax, 'headBytesMax', http.headBytesMax);
}

function egressConflicts(egress: FileTree['egress'] | undefined): readonly Conflict[] {
  if (egress === undefined) return [];
  const { dns, parents } = egress;
  return [
    ...below(['egress', 'dns', 'ttlMin'], dns.ttlMin, 'ttlMax', dns.ttlMax),
    ...below(['egress', 'connect'], egress.connect, 'connectTotal', egress.connectTotal),
    ...parents.flatMap(({ user, passwordFile }, index) =>
      (user === undefined) === (passwordFile === undefined)
        ? []
        : [
            {
              path: ['egress', 'parents', index, user === undefined ? 'passwordFile' : 'user'],
              message: user === undefined ? 'needs user' : 'needs passwordFile',
              hint: 'A parent has both user and passwordFile, or neither',
            },
          ],
    ),
  ];
}

function proxyConflicts(proxy: FileTree['forwardProxy'] | undefined): readonly Conflict[] {
  if (proxy === undefined || proxy.mode === 'open' || proxy.allowList.length > 0) return [];
  return [
    {
      path: ['forwardProxy', 'mode'],
      message: 'allow-list with an empty forwardProxy.allowList refuses everything',
      hint: 'List the destinations in forwardProxy.allowList, or set `listeners.forwardProxy.enabled: false`',
    },
  ];
}

function lookAsideConflicts(lookAside: FileTree['lookAside'] | undefined): readonly Conflict[] {
  const names = new Set<string>();
  return (lookAside?.upstreams ?? []).flatMap(({ name, type, kinds }, index) => {
    const path = ['lookAside', 'upstreams', index];
    const found: Conflict[] = [];
    if (names.has(name)) {
      found.push({ path: [...path, 'name'], message: `${name} is already the name of another upstream` });
    }
    names.add(name);
    if (kinds.length === 0) {
      found.push({
        path: [...path, 'kinds'],
        message: 'is empty, so the upstream is never asked',
        hint: 'List what may leave the house: file, url, domain, ip',
      });
    }
    if (type === 'hashlookup' && kinds.some((kind) => kind !== 'file')) {
      found.push({
        path: [...path, 'kinds'],
        message: 'hashlookup knows only files',
        hint: 'Write kinds: [file]',
      });
    }
    return found;
  });
}

function icapConflicts(icap: FileTree['icap'] | undefined): readonly Conflict[] {
  if (icap === undefined) return [];
  const { clientCertificates, clientCaFile, heldBytes, heldTotal, services, partialContent, largeBodies } =
    icap;
  const found: Conflict[] = [...below(['icap', 'heldBytes'], heldBytes, 'heldTotal', heldTotal)];
  if (clientCertificates !== 'none' && clientCaFile === undefined) {
    found.push({
      path: ['icap', 'clientCertificates'],
      message: 'needs icap.clientCaFile',
      hint: 'Name the file of the authorities that sign certificates of ICAP clients in icap.clientCaFile',
    });
  }
  if (partialContent && largeBodies === 'hold') {
    found.push({
      path: ['icap', 'partialContent'],
      message:
        'cannot be true while icap.largeBodies is hold: clients that keep a body for a 206 would wait for ever',
      hint: 'Set it to false, or icap.largeBodies to stream',
    });
  }
  const paths = services.map(({ path }) => path);
  for (const [index, path] of paths.entries()) {
    if (paths.indexOf(path) === index) continue;
    found.push({
      path: ['icap', 'services', index, 'path'],
      message: `${path} is already the path of another service`,
    });
  }
  return found;
}

/**
 * `value` must not be over `other`, also where one of the two is the default: nothing is corrected silently.
 * Bounds that merely make another one pointless (sessions of one source over all sessions) are no conflict.
 */
function below(
  path: readonly (string | number)[],
  value: number,
  name: string,
  other: number,
): readonly Conflict[] {
  if (value <= other) return [];
  return [
    {
      path,
      message: `must not be larger than ${name}`,
      hint: `Lower it, or raise ${[...path.slice(0, -1), name].join('.')}`,
    },
  ];
}

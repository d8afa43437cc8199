import type { Config } from '../../engines/config/index.ts';
import {
  PORT_TABLE,
  type DoorName,
  type PortKey,
  type PortRow,
  type PortStatus,
} from '../../kernel/index.ts';
import type { BindFailure, ListeningHandle, PortHolder } from '../../platform/index.ts';
import { appErrors } from '../errors.ts';

export interface ListenerDeps {
  readonly doors: readonly DoorName[];
  bindPort(address: string, port: number): ListeningHandle | BindFailure;
  bindEverywhere(port: number): ListeningHandle | BindFailure;
  holderOf(port: number): Promise<PortHolder | undefined>;
  /** Tries again for a while: a gateway that was killed may still hold its ports for a moment. */
  patience(attempt: number): Promise<boolean>;
}

/** The sockets of one row of the port table: one, or one for each address of `bind`. */
export type OpenPorts = ReadonlyMap<PortKey, readonly ListeningHandle[]>;

/** One address and port as the configuration asks for it. */
interface Wanted {
  readonly key: PortKey;
  readonly address: string | undefined;
  readonly port: number;
}

export interface Listeners {
  readonly open: OpenPorts;
  /** What every row of the table is, joined with what is open. */
  status(): readonly PortStatus[];
  /** Opens what the configuration asks for and is not open yet. Nothing has changed until `commit`. */
  prepare(config: Config): Promise<Prepared>;
  close(): void;
}

export interface Prepared {
  readonly open: OpenPorts;
  readonly ports: readonly PortStatus[];
  /** The new set is the set from now on; sockets that are in it no more are closed. */
  commit(): void;
  /** Closes what was opened for it. */
  undo(): void;
}

/** Sockets by what asked for them, so that a reload that changes nothing keeps every one. */
type Held = ReadonlyMap<string, readonly [Wanted, ListeningHandle]>;

/** The listening sockets of the gateway. They belong to the supervisor and outlive every edge. */
export function createListeners(deps: ListenerDeps): Listeners {
  let held: Held = new Map();
  let config: Config | undefined;
  return {
    get open() {
      return byKey(held);
    },
    status: () => (config === undefined ? [] : portStatus(config, deps.doors, byKey(held))),
    prepare: async (next) => {
      const before = held;
      const after = await openAll(deps, wantedOf(next, deps.doors), before);
      const only = (one: Held, other: Held) => [...one].filter(([id]) => !other.has(id));
      return {
        open: byKey(after),
        ports: portStatus(next, deps.doors, byKey(after)),
        commit: () => {
          held = after;
          config = next;
          for (const [, [, handle]] of only(before, after)) handle.close();
        },
        undo: () => {
          for (const [, [, handle]] of only(after, before)) handle.close();
        },
      };
    },
    close: () => {
      for (const [, handle] of held.values()) handle.close();
      held = new Map();
    },
  };
}

/** All or nothing: at the first failure what was opened is closed again. */
async function openAll(deps: ListenerDeps, wanted: readonly Wanted[], before: Held): Promise<Held> {
  const held = new Map<string, readonly [Wanted, ListeningHandle]>();
  const opened: ListeningHandle[] = [];
  try {
    for (const each of wanted) {
      const id = `${each.key} ${each.address ?? '*'} ${each.port}`;
      const kept = before.get(id);
      const handle = kept === undefined ? await openOne(deps, each, held) : kept[1];
      if (kept === undefined) opened.push(handle);
      held.set(id, [each, handle]);
    }
  } catch (error) {
    for (const handle of opened) handle.close();
    throw error;
  }
  return held;
}

async function openOne(deps: ListenerDeps, wanted: Wanted, held: Held): Promise<ListeningHandle> {
  // With port 0 and several addresses, all addresses of a row have the port that the first one got.
  const sibling = [...held.values()].find(([each]) => each.key === wanted.key)?.[1];
  const port = wanted.port === 0 ? (sibling?.port ?? 0) : wanted.port;
  for (let attempt = 0; ; attempt++) {
    const result =
      wanted.address === undefined ? deps.bindEverywhere(port) : deps.bindPort(wanted.address, port);
    if (!('errno' in result)) return result;
    if (result.errno === 'EADDRINUSE' && (await deps.patience(attempt))) continue;
    throw await failureOf(deps, { ...wanted, port }, result);
  }
}

async function failureOf(deps: ListenerDeps, { key, port, address }: Wanted, { errno }: BindFailure) {
  const details = { port, key: `listeners.${key}.port`, address: address ?? '::', errno };
  if (errno === 'EACCES') return appErrors.PORT_DENIED(details);
  if (errno !== 'EADDRINUSE') return appErrors.BIND_ADDRESS(details);
  return portTaken(key, port, await deps.holderOf(port));
}

export function portTaken(key: PortKey, port: number, holder: PortHolder | undefined) {
  return appErrors.PORT_TAKEN({
    port,
    key: `listeners.${key}.port`,
    holder: holder === undefined ? '' : ` by process ${holder.pid} (${holder.program})`,
  });
}

function wantedOf(config: Config, doors: readonly DoorName[]): readonly Wanted[] {
  const addresses = config.bind.length === 0 ? [undefined] : config.bind;
  return PORT_TABLE.filter((row) => stateOf(row, config, doors) === 'open').flatMap(({ key }) =>
    addresses.map((address) => ({ key, address, port: listenPortOf(config, key) })),
  );
}

/** The port that is opened: 0 stays 0, which lets the system choose. */
export function listenPortOf(config: Config, key: PortKey): number {
  const { port } = config.listeners[key];
  return port === 0 ? 0 : port + config.portOffset;
}

function stateOf(row: PortRow, config: Config, doors: readonly DoorName[]): PortStatus['state'] {
  if (!doors.includes(row.door)) return 'planned';
  return config.listeners[row.key].enabled ? 'open' : 'disabled';
}

/**
 * `show ports`: the table with what is open. Without open ports (a stopped gateway), what the configuration
 * says: `planned` stands for everything that is not listening.
 */
export function portStatus(
  config: Config,
  doors: readonly DoorName[],
  open: OpenPorts,
): readonly PortStatus[] {
  return PORT_TABLE.map((row) => {
    const { purpose, ...facts } = row;
    const handles = open.get(row.key) ?? [];
    const state = stateOf(row, config, doors);
    return {
      port: facts.port,
      listenPort: handles[0]?.port ?? listenPortOf(config, row.key),
      addresses: handles.map((handle) => handle.address),
      transport: facts.transport,
      protocol: facts.protocol,
      tls: facts.tls,
      door: facts.door,
      state: state === 'open' && handles.length === 0 ? 'planned' : state,
      purpose,
    };
  });
}

function byKey(held: Held): OpenPorts {
  const open = new Map<PortKey, ListeningHandle[]>();
  for (const [{ key }, handle] of held.values()) open.set(key, [...(open.get(key) ?? []), handle]);
  return open;
}

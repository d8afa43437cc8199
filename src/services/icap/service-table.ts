import type { IcapConfig, IcapProfile } from '../../engines/config/index.ts';
import type { ServiceAddress } from '../../protocols/icap/index.ts';

/** What stands behind a path of the door. */
export interface IcapService {
  readonly path: string;
  readonly methods: readonly ('REQMOD' | 'RESPMOD')[];
  readonly profile: Profile;
}

export interface Profile {
  readonly name: IcapProfile;
  /** Profile of the scan, where no rule names one. */
  readonly scan: string;
  /** Policy and lists are asked. */
  readonly judges: boolean;
  /** What they say is told and not done. */
  readonly monitors: boolean;
}

const PROFILES: Readonly<Record<IcapProfile, Profile>> = {
  block: { name: 'block', scan: 'full', judges: true, monitors: false },
  monitor: { name: 'monitor', scan: 'full', judges: true, monitors: true },
  hashes: { name: 'hashes', scan: 'hashes', judges: true, monitors: false },
  echo: { name: 'echo', scan: 'off', judges: false, monitors: false },
};

const BOTH = ['REQMOD', 'RESPMOD'] as const;
const METHODS = { both: BOTH, reqmod: ['REQMOD'], respmod: ['RESPMOD'] } as const;

/** Names that ICAP servers have had: clients have them as their defaults, and people have them in their configurations. */
const BUILT_IN: readonly IcapService[] = [
  { path: '/reqmod', methods: METHODS.reqmod, profile: PROFILES.block },
  { path: '/respmod', methods: METHODS.respmod, profile: PROFILES.block },
  { path: '/request', methods: METHODS.reqmod, profile: PROFILES.block },
  { path: '/response', methods: METHODS.respmod, profile: PROFILES.block },
  { path: '/avscan', methods: BOTH, profile: PROFILES.block },
  { path: '/srv_clamav', methods: BOTH, profile: PROFILES.block },
  { path: '/virus_scan', methods: BOTH, profile: PROFILES.block },
  { path: '/squidclamav', methods: BOTH, profile: PROFILES.block },
  { path: '/echo', methods: BOTH, profile: PROFILES.echo },
];

export interface ServiceTable {
  /** `undefined`: there is no such service. */
  find(address: ServiceAddress): IcapService | undefined;
}

export function createServiceTable({ services, profileQuery }: IcapConfig): ServiceTable {
  const table = new Map<string, IcapService>();
  for (const service of BUILT_IN) table.set(service.path, service);
  for (const { path, methods, profile, scan } of services) {
    const base = PROFILES[profile];
    table.set(path, {
      path,
      methods: METHODS[methods],
      profile: scan === undefined ? base : { ...base, scan },
    });
  }
  return {
    find({ path, query }) {
      const found = table.get(path) ?? table.get(tidy(path));
      if (found === undefined || query === undefined || !profileQuery) return found;
      const named = profileIn(query);
      return named === undefined ? found : { ...found, profile: named };
    },
  };
}

/** As people write it: with a slash at the end, in capitals. */
function tidy(path: string): string {
  const lower = path.toLowerCase();
  return lower.length > 1 && lower.endsWith('/') ? lower.slice(0, -1) : lower;
}

/** Other parameters are those of other servers (`allow204=on&sizelimit=off&mode=simple`) and mean nothing here. */
function profileIn(query: string): Profile | undefined {
  for (const parameter of query.split('&')) {
    if (parameter.startsWith('profile=')) {
      const name = parameter.slice('profile='.length);
      return Object.hasOwn(PROFILES, name) ? PROFILES[name as IcapProfile] : undefined;
    }
  }
  return undefined;
}

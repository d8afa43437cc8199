/**
 * The port table of the service gateway, as data. Listeners, firewall rules, documents, console and
 * tests come from it; nobody writes a port number anywhere else.
 */
export interface PortRow {
  /** Name of the listener in the configuration: `listeners.<key>`. */
  readonly key: PortKey;
  readonly port: number;
  readonly transport: 'tcp';
  readonly protocol: 'ssh' | 'http' | 'https' | 'icap' | 'icaps';
  readonly tls: boolean;
  /** The service that answers there. */
  readonly door: DoorName;
  readonly purpose: string;
}

export type DoorName =
  | 'ssh'
  | 'api'
  | 'web-reputation'
  | 'forward-proxy'
  | 'access-gateway'
  | 'auth-portal'
  | 'icap';

export const PORT_KEYS = [
  'ssh',
  'http',
  'https',
  'webReputation',
  'webReputationTls',
  'forwardProxy',
  'accessGateway',
  'authPortal',
  'icap',
  'icaps',
] as const;

export type PortKey = (typeof PORT_KEYS)[number];

export const PORT_TABLE: readonly PortRow[] = [
  row('ssh', 22, 'ssh', 'ssh', 'SSH: users remotely access the gateway and execute commands'),
  row(
    'http',
    80,
    'http',
    'api',
    'Queries for on-premises directories, connected products, Predictive Machine Learning, File Reputation and Third-Party Integration',
  ),
  row('https', 443, 'https', 'api', 'The same as port 80 over TLS, with the management API and console'),
  row('webReputation', 5274, 'http', 'web-reputation', 'Web Reputation and Web Inspection queries'),
  row(
    'webReputationTls',
    5275,
    'https',
    'web-reputation',
    'Web Reputation and Web Inspection queries over TLS',
  ),
  row('forwardProxy', 8080, 'http', 'forward-proxy', 'Forward Proxy Service'),
  row('accessGateway', 8088, 'http', 'access-gateway', 'Zero Trust Secure Access On-Premises Gateway'),
  row('authPortal', 8089, 'http', 'auth-portal', 'User authentication of the Zero Trust gateway'),
  row('icap', 1344, 'icap', 'icap', 'ICAP of the Zero Trust gateway'),
  row('icaps', 11344, 'icaps', 'icap', 'ICAP over TLS of the Zero Trust gateway'),
];

/** The only outbound port that the gateway itself uses for what it fetches. */
export const OUTBOUND_PORT = 443;

function row(
  key: PortKey,
  port: number,
  protocol: PortRow['protocol'],
  door: DoorName,
  purpose: string,
): PortRow {
  return {
    key,
    port,
    transport: 'tcp',
    protocol,
    tls: protocol === 'https' || protocol === 'icaps',
    door,
    purpose,
  };
}

/** One row of `show ports`: the table joined with what runs. `port` is the one of the table, `listenPort` the real one. */
export interface PortStatus {
  readonly port: number;
  readonly listenPort: number;
  readonly addresses: readonly string[];
  readonly transport: 'tcp';
  readonly protocol: PortRow['protocol'];
  readonly tls: boolean;
  readonly door: DoorName;
  readonly state: 'open' | 'planned' | 'disabled' | 'failed';
  readonly purpose: string;
}

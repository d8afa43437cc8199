import { randomUUID } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Alerts, createAlerts, type SendFailure } from '../../engines/alerts/index.ts';
import type { Config } from '../../engines/config/index.ts';
import { Egress, readParents } from '../../engines/egress/index.ts';
import type { EventStore } from '../../engines/events/index.ts';
import type { Feeds } from '../../engines/feeds/index.ts';
import { identityErrors, openSealing } from '../../engines/identity/index.ts';
import type { LogTargets } from '../../engines/log-targets/index.ts';
import type { Pki } from '../../engines/pki/index.ts';
import type { State } from '../../engines/state/index.ts';
import type { GatewayEvent } from '../../engines/telemetry/index.ts';
import { messageOf, type Metrics } from '../../kernel/index.ts';
import { machineAddresses, ownSockets } from '../own-sockets.ts';
import { VERSION } from '../version.ts';
import type { Foundation } from './foundation.ts';
import type { Gateway } from './gateway.ts';

export interface AlertSeam {
  readonly state: State;
  readonly metrics: Metrics;
  readonly gateway: Gateway;
  readonly feeds: Feeds;
  readonly pki: Pki;
  readonly events: EventStore;
  readonly logTargets: LogTargets;
  config(): Config;
}

/** The alert rules over everything that control knows about the gateway. */
export function openAlertEngine(base: Foundation, seam: AlertSeam): Alerts {
  const { clock, log, dataDir } = base;
  const { state, metrics, gateway, feeds, pki, events, logTargets } = seam;
  return createAlerts({
    state,
    clock,
    log,
    metrics,
    newId: randomUUID,
    host: hostname(),
    version: VERSION,
    sealing: openSealing(dataDir, ({ problem, cause }) =>
      identityErrors.IDENTITY_MASTER_KEY({ file: join(dataDir, 'master.key'), problem }, { cause }),
    ),
    settings: () => seam.config().alerts,
    look: async () => ({
      // Feeds and the disk have rules of their own, and channels that fail would tell of themselves.
      parts: (await gateway.health().catch(() => undefined))?.filter(
        ({ part }) => !part.startsWith('feed ') && part !== 'alerts' && part !== 'disk',
      ),
      feeds: feeds.health(),
      certificates: pki.certificates(),
      disk: await diskOf(dataDir),
    }),
    egress: (channel) => {
      const { egress } = seam.config();
      return new Egress({
        config: egress,
        // Proxies carry calls of webhooks; a mail server is inside.
        parents: channel === 'mail' ? [] : readParents(egress.parents),
        clock,
        log,
        metrics,
        own: ownSockets(gateway.ports()),
        machine: machineAddresses(),
      });
    },
    toTarget: (name, event) => toTarget(logTargets, name, event),
    event: (event) => events.add([event]),
  });
}

function toTarget(logTargets: LogTargets, name: string, event: GatewayEvent): SendFailure {
  const { timeMs, type, severity, target, reason, details } = event;
  try {
    logTargets.deliver(name, {
      id: randomUUID(),
      time: new Date(timeMs).toISOString(),
      type,
      severity,
      ...(target === undefined ? {} : { target }),
      ...(reason === undefined ? {} : { reason }),
      count: 1,
      details,
    });
    return undefined;
  } catch (error) {
    return { permanent: true, reason: messageOf(error) };
  }
}

async function diskOf(dir: string): Promise<{ freeBytes: number; totalBytes: number } | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(dir);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    // The folder is away: other parts of the gateway say so louder.
    return undefined;
  }
}

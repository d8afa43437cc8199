import { readFileSync } from 'node:fs';

/** What this project relies on of a Grafana dashboard (schema version 39). */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat: string;
  }[];
}

export const DASHBOARD_FILE = 'deploy/grafana/sallyport.json';
export const RULES_FILE = 'deploy/prometheus/sallyport.rules.yml';

export function readDashboard(): Dashboard {
  // The test of the deploy files looks at every member that is named above.
  return JSON.parse(readFileSync(DASHBOARD_FILE, 'utf8')) as Dashboard;
}

/** An expression as Grafana sends it, its variables filled in. */
export function filledIn(expression: string): string {
  return expression.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*');
}

/** What is deployed beside the gateway speaks of metrics and labels that the gateway has. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { METRICS } from '../../src/app/metrics.ts';
import { parseYaml } from '../../src/engines/config/index.ts';
import { type Panel, readDashboard, RULES_FILE } from '../support/dashboard.ts';

const DECLARED = new Map(METRICS.map((metric) => [`sallyport_${metric.name}`, metric]));
/** Labels that Prometheus itself adds. */
const ADDED = ['instance', 'job', 'le'];

/** Metrics and labels of an expression that the gateway does not have. */
function unknownIn(expression: string): readonly string[] {
  const texts = /"[^"]*"/g;
  const code = expression.replace(texts, '""');
  const named = [...code.matchAll(/\bsallyport_\w+/g)].map(([name]) => name);
  const metrics = named.map(
    (name) => DECLARED.get(name) ?? DECLARED.get(name.replace(/_(?:bucket|count|sum)$/, '')),
  );
  const labels = new Set([...ADDED, ...metrics.flatMap((metric) => metric?.labels ?? [])]);
  const used = [
    ...[...code.matchAll(/\{([^}]*)\}/g)].flatMap(([, inside = '']) =>
      [...inside.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => label),
    ),
    ...[...code.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)].flatMap(([, inside = '']) =>
      inside.split(',').map((label) => label.trim()),
    ),
  ];
  return [
    ...named.filter((_, at) => metrics[at] === undefined),
    ...used.filter((label) => !labels.has(label)).map((label) => `label ${label}`),
  ];
}

interface Rules {
  readonly groups: readonly {
    readonly name: string;
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly labels: { readonly severity: string };
      readonly annotations: { readonly summary: string; readonly description: string };
    }[];
  }[];
}

// `promtool check rules` looks at the shape, in the peer suite.
const rules = parseYaml(readFileSync(RULES_FILE, 'utf8')) as { readonly value: Rules };
const allRules = rules.value.groups.flatMap((group) => group.rules);

test('alerts for Prometheus speak of metrics and labels that there are', () => {
  assert.ok(allRules.length > 10);
  assert.deepEqual(
    allRules.flatMap(({ alert, expr }) => unknownIn(expr).map((what) => `${alert}: ${what}`)),
    [],
  );
});

test('every alert is explained in the documentation', () => {
  const page = readFileSync('docs/operations/alerts.md', 'utf8');
  assert.deepEqual(
    allRules.map(({ alert }) => alert).filter((alert) => !page.includes(`\`${alert}\``)),
    [],
  );
});

test('the dashboard speaks of metrics and labels that there are', () => {
  const found = readDashboard().panels.flatMap(({ title, targets }) =>
    targets.flatMap(({ expr }) => unknownIn(expr).map((what) => `${title}: ${what}`)),
  );
  assert.deepEqual(found, []);
});

/** Grafana's grid has 24 columns (its documentation, "Dashboard JSON model"). */
test('panels of the dashboard have a place of their own and say what they show', () => {
  const { uid, title, schemaVersion, panels, templating } = readDashboard();
  assert.match(uid, /^[a-z-]{1,40}$/);
  assert.ok(title !== '' && schemaVersion === 39);
  assert.deepEqual(
    templating.list.map(({ name }) => name),
    ['datasource', 'instance'],
  );
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  for (const panel of panels) {
    const { x, y, w, h } = panel.gridPos;
    assert.ok(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= 24, panel.title);
    assert.ok(panel.targets.length > 0 && panel.title !== '', panel.title);
    assert.deepEqual(
      panels.filter((other) => other !== panel && overlap(other, panel)).map((each) => each.title),
      [],
    );
    for (const { refId, legendFormat } of panel.targets) {
      assert.match(refId, /^[A-Z]$/);
      // Labels in a legend are those by which the expression groups.
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
        assert.ok(
          panel.targets.some(
            ({ expr }) => new RegExp(`\\bby \\([^)]*\\b${label}\\b`).test(expr) || !/\bby\b/.test(expr),
          ),
          panel.title,
        );
      }
    }
  }
});

test('rule: an unknown metric or label is found', () => {
  assert.deepEqual(unknownIn('sum by (colour) (rate(sallyport_nothing_total{taste="x"}[1m]))'), [
    'sallyport_nothing_total',
    'label taste',
    'label colour',
  ]);
});

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

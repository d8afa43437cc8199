import type { Model } from '../../../../client/index.ts';
import { gateway, session } from '../../lib/api.ts';
import { formatBytes, formatCount, formatDecimal, formatFixed } from '../../lib/format.ts';
import { settingsInForce } from '../../lib/open-answers.ts';
import type { PredictionMode } from '../../lib/types.ts';
import { useResource } from '../../lib/use-resource.ts';
import {
  Badge,
  Button,
  Facts,
  Panel,
  Table,
  toast,
  type Tone,
  useInPassing,
  View,
  words,
} from '../../ui/index.ts';
import { texts } from './texts.ts';

export function Models() {
  const t = texts();
  const models = useResource('models', (signal) => gateway.call('GET /api/v1/models', { signal }));
  const run = useInPassing();
  const activate = ({ kind, version }: Model) =>
    run(async () => {
      await gateway.call('PUT /api/v1/models/{kind}/active', { params: { kind }, body: { version } });
      toast(t.activated(t[kind], version));
      models.reload();
    });
  return (
    <Panel title={t.models} flush>
      <View of={models}>
        {(rows) => <Rows rows={rows} onUse={session.value?.role === 'admin' ? activate : undefined} />}
      </View>
      <p class="panel-note dim small">{t.train}</p>
    </Panel>
  );
}

function Rows({ rows, onUse }: { rows: readonly Model[]; onUse: ((model: Model) => void) | undefined }) {
  const t = texts();
  return (
    <Table
      caption={t.models}
      rows={rows}
      keyOf={({ kind, version }) => `${kind} ${version}`}
      columns={[
        { title: t.what, cell: ({ kind }) => <strong class="nowrap">{t[kind]}</strong> },
        { title: t.version, cell: ({ version }) => <code>{version}</code> },
        {
          title: t.origin,
          wide: true,
          cell: ({ origin }) => <span class="dim nowrap">{t[`origin_${origin}`]}</span>,
        },
        { title: t.bytes, right: true, wide: true, cell: ({ bytes }) => formatBytes(bytes) },
        {
          title: t.inForce,
          cell: ({ active, refused }) =>
            active ? (
              <Badge tone="good">{t.active}</Badge>
            ) : refused === '' ? null : (
              <>
                <Badge tone="bad">{t.problem}</Badge>
                <p class="dim small">{refused}</p>
              </>
            ),
        },
        {
          title: words().change,
          quiet: true,
          cell: (model) =>
            onUse === undefined || model.active || model.refused !== '' ? null : (
              <span class="actions">
                <Button
                  small
                  label={`${t.activate}: ${t[model.kind]} ${model.version}`}
                  onClick={() => onUse(model)}
                >
                  {t.activate}
                </Button>
              </span>
            ),
        },
      ]}
    />
  );
}

const MODE_TONE: Readonly<Record<PredictionMode, Tone>> = { off: 'note', monitor: 'note', block: 'good' };

export function Modes() {
  const t = texts();
  const settings = useResource('config', settingsInForce);
  return (
    <Panel title={t.modes}>
      <View of={settings}>
        {({ prediction }) => (
          <div class="stack-s">
            <Facts
              facts={[
                [t.files, <Mode mode={prediction.files} />],
                [`${t.urls}, ${t.domains}`, <Mode mode={prediction.urls} />],
                [t.suspiciousFrom, thresholdOf(prediction.suspiciousFrom)],
                [t.maliciousFrom, thresholdOf(prediction.maliciousFrom)],
              ]}
            />
            <p class="dim small">{t.modesHint}</p>
          </div>
        )}
      </View>
    </Panel>
  );
}

/** 0: the model brings its own. */
function thresholdOf(score: number): string {
  return score === 0 ? texts().modelThreshold : formatDecimal(score);
}

function Mode({ mode }: { mode: PredictionMode }) {
  const t = texts();
  return (
    <>
      <Badge tone={MODE_TONE[mode]}>{t[`mode_${mode}`]}</Badge>
      <p class="dim small">{t[`mode_${mode}Text`]}</p>
    </>
  );
}

/** What the card of the model says: how it did on data that it had not seen. */
export function Reached() {
  const t = texts();
  const evaluation = useResource('evaluation', (signal) =>
    gateway.call('GET /api/v1/models/files/evaluation', { signal }),
  );
  const percent = (share: number) => `${formatFixed(share * 100, 1)} %`;
  return (
    <Panel title={t.evaluation} flush>
      <View of={evaluation}>
        {({ curves }) => (
          <Table
            caption={t.evaluation}
            rows={curves}
            keyOf={({ split }) => split}
            columns={[
              { title: t.split, cell: ({ split }) => split },
              { title: t.bad, right: true, wide: true, cell: ({ bad }) => formatCount(bad) },
              { title: t.good, right: true, wide: true, cell: ({ good }) => formatCount(good) },
              { title: t.auc, right: true, cell: ({ auc }) => formatFixed(auc, 3) },
              { title: t.at1, right: true, cell: ({ at1 }) => percent(at1) },
              { title: t.at01, right: true, cell: ({ at01 }) => percent(at01) },
            ]}
          />
        )}
      </View>
      <p class="panel-note dim small">{t.evaluationText}</p>
    </Panel>
  );
}

import { useState } from 'preact/hooks';
import type { Prediction } from '../../../../client/index.ts';
import { gateway } from '../../lib/api.ts';
import { formatDecimal } from '../../lib/format.ts';
import {
  Badge,
  Button,
  ErrorNotice,
  Form,
  Notice,
  Panel,
  Segmented,
  TextArea,
  TextField,
  type Tone,
  useAction,
} from '../../ui/index.ts';
import { texts } from './texts.ts';

type Kind = 'url' | 'domain' | 'pe-features';
type Answer = Prediction | { readonly error: string };

const EXAMPLE: Readonly<Record<Kind, string>> = {
  url: 'https://account-verify.micros0ft-support.example/login',
  domain: 'xkqjwpzvbn.example',
  'pe-features': `{
  "Magic": 267,
  "NumberOfSections": 3,
  "SizeOfCode": 720896,
  "SizeOfInitializedData": 8192,
  "DllCharacteristics": 0,
  "filesize": 729600,
  "E_file": 7.92
}`,
};
const TONE: Readonly<Record<Prediction['verdict'], Tone>> = {
  clean: 'good',
  suspicious: 'warn',
  malicious: 'bad',
};

/** One thing, judged by the model of its kind. */
export function TryModel() {
  const t = texts();
  const [kind, setKind] = useState<Kind>('url');
  const [value, setValue] = useState(EXAMPLE.url);
  const [answer, setAnswer] = useState<Answer | undefined>(undefined);
  const { busy, error, run, setError } = useAction();
  const judge = async () => {
    setAnswer(undefined);
    const item = kind === 'pe-features' ? (JSON.parse(value) as { [name: string]: unknown }) : value.trim();
    const { items } = await gateway.call('POST /api/v1/predict', { body: { kind, items: [item] } });
    setAnswer(items[0]);
  };
  const choose = (chosen: Kind) => {
    setKind(chosen);
    setValue(EXAMPLE[chosen]);
    setAnswer(undefined);
    setError(undefined);
  };
  return (
    <Panel title={t.try}>
      <div class="columns">
        <Form onSubmit={() => run(judge)}>
          <Segmented<Kind>
            label={t.kind}
            value={kind}
            options={[
              ['url', t.url],
              ['domain', t.domain],
              ['pe-features', t.files],
            ]}
            onChange={choose}
          />
          {kind === 'pe-features' ? (
            <TextArea label={t.columns} hint={t.columnsHint} rows={9} value={value} onInput={setValue} />
          ) : (
            <TextField
              key={kind}
              label={kind === 'url' ? t.url : t.domain}
              value={value}
              onInput={setValue}
              required
              mono
              maxLength={8192}
            />
          )}
          <div class="row">
            <Button type="submit" icon="play" kind="primary" busy={busy}>
              {t.judge}
            </Button>
          </div>
        </Form>
        <div aria-live="polite" class="stack-s">
          {error === undefined ? null : <ErrorNotice error={error} />}
          {answer === undefined ? null : <Judged answer={answer} />}
        </div>
      </div>
    </Panel>
  );
}

function Judged({ answer }: { answer: Answer }) {
  const t = texts();
  if ('error' in answer) return <Notice tone="warn">{t.unreadable(answer.error)}</Notice>;
  const { score, probability, verdict, reasons } = answer;
  const most = Math.max(...reasons.map(({ weight }) => Math.abs(weight)), 0.01);
  return (
    <>
      <div class="row">
        <Badge tone={TONE[verdict]}>{t[`score_${verdict}`]}</Badge>
        <strong>
          {t.score} {formatDecimal(score, 2)}
        </strong>
        <span class="dim small">{t.probability(formatDecimal(probability * 100, 2))}</span>
      </div>
      {reasons.length === 0 ? null : (
        <>
          <h3>{t.reasons}</h3>
          <ol class="weights">
            {reasons.map(({ feature, text, weight }) => (
              <li key={feature} class={weight > 0 ? 'against' : 'for'}>
                <span class="weight" aria-hidden="true">
                  <i style={{ width: `${(100 * Math.abs(weight)) / most}%` }} />
                </span>
                <span>
                  {text}{' '}
                  <span class="dim small nowrap">
                    {weight > 0 ? t.against : t.for} ({weight > 0 ? '+' : '−'}
                    {formatDecimal(Math.abs(weight), 2)})
                  </span>
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
    </>
  );
}

import type { Prediction } from '../../../client/index.ts';
import { gateway } from '../lib/api.ts';
import { formatDecimal } from '../lib/format.ts';
import { defineTexts } from '../lib/language.ts';
import { useResource } from '../lib/use-resource.ts';
import { Badge, Notice, type Tone } from './basics.tsx';
import './judged.css';
import { View } from './view.tsx';

const texts = defineTexts(
  {
    against: 'speaks against it',
    for: 'speaks for it',
    probability: (value: string) => `${value} % likely to be bad, where half of all are`,
    reasons: 'Reasons, the strongest first',
    says: 'What the model thinks of it',
    score: 'Score',
    score_clean: 'clean',
    score_malicious: 'malicious',
    score_suspicious: 'suspicious',
    unreadable: (why: string) => `It could not be judged: ${why}`,
  },
  {
    against: 'spricht dagegen',
    for: 'spricht dafür',
    probability: (value) => `zu ${value} % schädlich, wo es die Hälfte von allen ist`,
    reasons: 'Gründe, der stärkste zuerst',
    says: 'Was das Modell davon hält',
    score: 'Wert',
    score_clean: 'harmlos',
    score_malicious: 'schädlich',
    score_suspicious: 'verdächtig',
    unreadable: (why) => `Es ließ sich nicht beurteilen: ${why}`,
  },
);

/** What a model says of one thing, or why it says nothing. */
export type Judgment = Prediction | { readonly error: string };

const TONE: Readonly<Record<Prediction['verdict'], Tone>> = {
  clean: 'good',
  suspicious: 'warn',
  malicious: 'bad',
};

/** Verdict and score of a model, with what moved it. */
export function Judged({ of }: { of: Judgment }) {
  const t = texts();
  if ('error' in of) return <Notice tone="warn">{t.unreadable(of.error)}</Notice>;
  const { score, probability, verdict, reasons } = of;
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
          <p class="label">{t.reasons}</p>
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

/** Asks the model of URLs or domains, beside what lists and rules say. */
export function ModelSays({ kind, value }: { kind: 'url' | 'domain'; value: string }) {
  const said = useResource(`predict ${kind} ${value}`, (signal) =>
    gateway.call('POST /api/v1/predict', { body: { kind, items: [value] }, signal }),
  );
  return (
    <section class="stack-s">
      <h3>{texts().says}</h3>
      <View of={said}>{({ items: [first] }) => (first === undefined ? null : <Judged of={first} />)}</View>
    </section>
  );
}

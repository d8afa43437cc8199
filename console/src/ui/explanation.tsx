import { defineTexts } from '../lib/language.ts';
import type { Explanation as Explained } from '../lib/types.ts';
import { formatRelative, withTimes } from '../lib/format.ts';
import { Badge, Facts } from './basics.tsx';
import { Icon } from './icon.tsx';
import './explanation.css';

const texts = defineTexts(
  {
    allow: 'allowed',
    block: 'blocked',
    entry: 'Entry',
    fits: 'fits',
    fitsNot: 'does not fit',
    line: (line: number) => `line ${line}`,
    list: 'List',
    reasons: 'Why',
    rule: 'Rule',
    since: 'Since',
    tried: 'Every rule that was tried, in order',
    warn: 'warned about',
  },
  {
    allow: 'erlaubt',
    block: 'blockiert',
    entry: 'Eintrag',
    fits: 'trifft zu',
    fitsNot: 'trifft nicht zu',
    line: (line) => `Zeile ${line}`,
    list: 'Liste',
    reasons: 'Warum',
    rule: 'Regel',
    since: 'Seit',
    tried: 'Jede Regel, die versucht wurde, der Reihe nach',
    warn: 'mit Warnung',
  },
);

const TONE = { allow: 'good', block: 'bad', warn: 'warn' } as const;

/** What the gateway would do with a request, by which list and rule, and what it tried on the way: `isWhole` at once. */
export function Explanation({ of, isWhole = false }: { of: Explained; isWhole?: boolean }) {
  const t = texts();
  const { match } = of;
  return (
    <div class="stack-s">
      <div>
        <Badge tone={TONE[of.decision]}>{t[of.decision]}</Badge>
      </div>
      <Facts
        facts={[
          [t.reasons, withTimes(of.reasons.slice(1).join(' ') || (of.reasons[0] ?? ''))],
          [t.rule, <code>{of.rule}</code>],
          [t.list, match?.feed],
          [t.entry, match === undefined ? undefined : <code>{match.entry}</code>],
          [t.since, match === undefined ? undefined : formatRelative(match.addedAt)],
        ]}
      />
      <details open={isWhole}>
        <summary>{t.tried}</summary>
        <ol class="tried">
          {of.tried.map(({ rule, matched, why, line }, at) => (
            <li key={at} class={rule === of.rule && matched ? 'decided' : undefined}>
              <Icon name={matched ? 'check' : 'minus'} />
              <span>
                <code>{rule}</code>
                {line === undefined ? null : <span class="dim small"> {t.line(line)}</span>}
                <span class="visually-hidden"> {matched ? t.fits : t.fitsNot}</span>
                <span class="dim small wrap-anywhere"> {withTimes(why)}</span>
              </span>
            </li>
          ))}
        </ol>
      </details>
    </div>
  );
}

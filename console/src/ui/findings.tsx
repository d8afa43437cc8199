import { withTimes } from '../lib/format.ts';
import { Badge, type Tone } from './basics.tsx';

export interface Found {
  readonly tone: Tone;
  /** What the tone says in a word. */
  readonly state: string;
  /** Stable name of what was looked at. */
  readonly check: string;
  readonly text: string;
  /** What mends it. */
  readonly hint?: string | undefined;
}

/** What an examination found, one thing after the other. */
export function Findings({ of }: { of: readonly Found[] }) {
  return (
    <ul class="findings">
      {of.map(({ tone, state, check, text, hint }) => (
        <li key={check + text}>
          <span>
            <Badge tone={tone}>{state}</Badge>
          </span>
          <div class="wrap-anywhere">
            <strong>{check}</strong> <span class="dim">{withTimes(text)}</span>
            {hint === undefined || hint === '' ? null : <p>{hint}</p>}
          </div>
        </li>
      ))}
    </ul>
  );
}

import { useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { formatRelative } from '../../lib/format.ts';
import type { Lookup, Verdict } from '../../lib/types.ts';
import {
  Badge,
  Button,
  ErrorNotice,
  Form,
  Panel,
  Table,
  TextField,
  type Tone,
  useAction,
} from '../../ui/index.ts';
import { ModelSays } from '../../ui/judged.tsx';
import { texts } from './texts.ts';

const TONE: Readonly<Record<Verdict, Tone>> = {
  clean: 'good',
  suspicious: 'warn',
  malicious: 'bad',
  unknown: 'note',
};

/** What is known about one thing, whatever kind of thing it is. */
export function LookupBox() {
  const t = texts();
  const [value, setValue] = useState('');
  const [found, setFound] = useState<{ kind: Kind; value: string; answer: Lookup } | undefined>(undefined);
  const { busy, error, run } = useAction();
  const look = async () => {
    const query = { kind: kindOf(value.trim()), value: value.trim() };
    setFound(undefined);
    setFound({ ...query, answer: await gateway.call('GET /api/v1/lookup', { query }) });
  };
  return (
    <Panel title={t.lookup}>
      <div class="stack-s">
        <Form onSubmit={() => run(look)}>
          <div class="row lookup">
            <div class="grow">
              <TextField
                label={t.value}
                placeholder={t.lookupHint}
                value={value}
                onInput={setValue}
                mono
                required
              />
            </div>
            <Button type="submit" icon="search" busy={busy}>
              {t.lookup}
            </Button>
          </div>
        </Form>
        <div aria-live="polite" class="stack-s">
          {error === undefined ? null : <ErrorNotice error={error} />}
          {found === undefined ? null : <Found of={found.answer} />}
          {found?.kind === 'url' || found?.kind === 'domain' ? (
            <ModelSays kind={found.kind} value={found.value} />
          ) : null}
        </div>
      </div>
    </Panel>
  );
}

function Found({ of: { verdict, matches } }: { of: Lookup }) {
  const t = texts();
  return (
    <>
      <div class="row">
        <Badge tone={TONE[verdict]}>{t[`verdict_${verdict}`]}</Badge>
        {matches.length === 0 ? <span class="dim">{t.lookupNothing}</span> : null}
      </div>
      {matches.length === 0 ? null : (
        <Table
          caption={t.entries}
          rows={matches}
          keyOf={({ feed, entry, kind }) => `${feed} ${kind} ${entry}`}
          columns={[
            { title: t.feed, cell: ({ feed }) => <strong>{feed}</strong> },
            { title: t.value, cell: ({ entry }) => <code>{entry}</code> },
            { title: t.action, cell: ({ action }) => action },
            { title: t.category, cell: ({ category }) => category },
            { title: t.addedAt, cell: ({ addedAt }) => formatRelative(addedAt) },
          ]}
        />
      )}
    </>
  );
}

type Kind = 'file' | 'url' | 'email' | 'ip' | 'domain';

function kindOf(value: string): Kind {
  if (/^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/i.test(value)) return 'file';
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value) || /^[^\s@]+\/\S*$/.test(value)) return 'url';
  if (/^\S+@\S+$/.test(value)) return 'email';
  return /^[\d.]+$|^\[?[\da-f]*:[\da-f:.]*\]?$/i.test(value) ? 'ip' : 'domain';
}

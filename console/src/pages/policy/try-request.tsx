import { useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { testPolicy } from '../../lib/open-answers.ts';
import type { Explanation as Explained } from '../../lib/types.ts';
import { Badge, Button, ErrorNotice, Form, Panel, TextField, useAction } from '../../ui/index.ts';
import { Explanation } from '../../ui/explanation.tsx';
import { ModelSays } from '../../ui/judged.tsx';
import { texts } from './texts.ts';

type Outcome =
  | { readonly kind: 'explained'; readonly explanation: Explained; readonly url: string }
  | {
      readonly kind: 'tested';
      readonly decision: string;
      readonly rule: string;
      readonly line: number | undefined;
    };

/** One request against the text: in full where it is in force, else what a test of the text says. */
export function TryRequest({ text, isChanged }: { text: string; isChanged: boolean }) {
  const t = texts();
  const [url, setUrl] = useState('');
  const [source, setSource] = useState('');
  const [user, setUser] = useState('');
  const [outcome, setOutcome] = useState<Outcome | undefined>(undefined);
  const { busy, error, run } = useAction();
  const attempt = async () => {
    setOutcome(undefined);
    const request = {
      url: url.includes('://') ? url : `http://${url}`,
      ...(source === '' ? {} : { source }),
      ...(user === '' ? {} : { user }),
    };
    if (!isChanged) {
      const explanation = await gateway.call('GET /api/v1/explain', { query: request });
      return setOutcome({ kind: 'explained', explanation, url: request.url });
    }
    // JSON is YAML; the expectation is there because a test has one.
    const tests = JSON.stringify({ tests: [{ name: 'console', request, expect: { decision: 'allow' } }] });
    const results = await testPolicy(tests, text);
    const [first] = results;
    if (first !== undefined)
      setOutcome({
        kind: 'tested',
        decision: first.decision,
        rule: first.rule,
        line: first.line ?? undefined,
      });
  };
  return (
    <Panel title={t.request}>
      <div class="stack-s">
        <Form onSubmit={() => run(attempt)}>
          <TextField
            label={t.url}
            value={url}
            onInput={setUrl}
            placeholder="www.example.com/path"
            required
            mono
          />
          <div class="form-row">
            <TextField label={t.source} value={source} onInput={setSource} placeholder="10.1.2.3" mono />
            <TextField label={t.user} value={user} onInput={setUser} />
          </div>
          <div class="row apart">
            <span class="dim small grow">{t.requestHint}</span>
            <Button type="submit" icon="play" busy={busy}>
              {t.try}
            </Button>
          </div>
        </Form>
        <div aria-live="polite" class="stack-s">
          {error === undefined ? null : <ErrorNotice error={error} />}
          {outcome?.kind === 'explained' ? (
            <>
              <Explanation of={outcome.explanation} isWhole />
              <ModelSays kind="url" value={outcome.url} />
            </>
          ) : null}
          {outcome?.kind === 'tested' ? (
            <p>
              <Badge
                tone={outcome.decision === 'allow' ? 'good' : outcome.decision === 'warn' ? 'warn' : 'bad'}
              >
                {outcome.decision}
              </Badge>{' '}
              {t.decided(outcome.rule)}
            </p>
          ) : null}
        </div>
      </div>
    </Panel>
  );
}

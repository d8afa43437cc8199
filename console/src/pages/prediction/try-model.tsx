import { useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import {
  Button,
  ErrorNotice,
  Form,
  Panel,
  Segmented,
  TextArea,
  TextField,
  useAction,
} from '../../ui/index.ts';
import { Judged, type Judgment } from '../../ui/judged.tsx';
import { texts } from './texts.ts';

type Kind = 'url' | 'domain' | 'pe-features';

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
/** One thing, judged by the model of its kind. */
export function TryModel() {
  const t = texts();
  const [kind, setKind] = useState<Kind>('url');
  const [value, setValue] = useState(EXAMPLE.url);
  const [answer, setAnswer] = useState<{ kind: Kind; first: Judgment } | undefined>(undefined);
  const { busy, error, run, setError } = useAction();
  const judge = async () => {
    setAnswer(undefined);
    const item = kind === 'pe-features' ? (JSON.parse(value) as { [name: string]: unknown }) : value.trim();
    const { items } = await gateway.call('POST /api/v1/predict', { body: { kind, items: [item] } });
    const [first] = items;
    if (first !== undefined) setAnswer({ kind, first });
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
          {/* Another kind may have been chosen while it was judged. */}
          {answer?.kind === kind ? <Judged of={answer.first} /> : null}
        </div>
      </div>
    </Panel>
  );
}

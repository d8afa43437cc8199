import { useEffect, useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { hostOf, textDetail, urlOf } from '../../lib/events.ts';
import { checkPolicy } from '../../lib/open-answers.ts';
import { withException } from '../../lib/exception.ts';
import type { Explanation, StoredEvent } from '../../lib/types.ts';
import { useResource } from '../../lib/use-resource.ts';
import {
  Button,
  Dialog,
  Diff,
  ErrorNotice,
  Form,
  Notice,
  SelectField,
  TextField,
  toast,
  useAction,
  View,
  words,
} from '../../ui/index.ts';
import { texts } from './texts.ts';

/** Settings of the proxy decided: no list and no rule gets past them. */
const GUARDS = new Set([
  'source-networks',
  'connect-ports',
  'http-ports',
  'destination-address',
  'allow-list',
]);
/** Lists and files decided: an entry of the local list goes before them. */
const BY_LISTS = new Set(['feed-block', 'local-block', 'file-malicious', 'file-incomplete', 'default-block']);

type Expires = '12h' | '7d' | '30d' | 'never';

interface Props {
  readonly event: StoredEvent;
  readonly explanation: Explanation | undefined;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export function AllowDialog(props: Props) {
  const t = texts();
  const { event, explanation } = props;
  const rule = explanation?.rule ?? event.rule ?? 'feed-block';
  return (
    <Dialog title={t.allowTitle} onClose={props.onClose}>
      {GUARDS.has(rule) ? (
        <Notice tone="warn">{t.guard(rule)}</Notice>
      ) : BY_LISTS.has(rule) ? (
        <AllowByList {...props} />
      ) : (
        <AllowByPolicy {...props} />
      )}
    </Dialog>
  );
}

function AllowByList({ event, explanation, onDone, onClose }: Props) {
  const t = texts();
  const choices = choicesFor(event, explanation);
  const [value, setValue] = useState(choices[0]?.[0] ?? '');
  const [expires, setExpires] = useState<Expires>('never');
  const [note, setNote] = useState('');
  const { busy, error, run } = useAction();
  const allow = async () => {
    await gateway.call('POST /api/v1/indicators/local', {
      body: {
        value,
        action: 'allow',
        ...(expires === 'never' ? {} : { expires }),
        ...(note.trim() === '' ? {} : { note: note.trim() }),
      },
    });
    toast(t.allowDone(value.replace(/^=/, '')));
    onDone();
  };
  const line = ['+ allow', value, expires === 'never' ? '' : `(${expires})`, note === '' ? '' : `# ${note}`];
  return (
    <Form onSubmit={() => run(allow, onClose)}>
      <p>
        <strong>{t.list}.</strong> {t.listText}
      </p>
      <SelectField label={t.what} value={value} options={choices} onChange={setValue} />
      <SelectField<Expires>
        label={t.expires}
        value={expires}
        options={[
          ['never', t.expiresNever],
          ['12h', t.expires12h],
          ['7d', t.expires7d],
          ['30d', t.expires30d],
        ]}
        onChange={setExpires}
      />
      <TextField label={words().note} hint={t.noteHint} value={note} onInput={setNote} maxLength={500} />
      <span class="label">{t.change}</span>
      <Diff label={t.change} lines={['  local:', line.filter((part) => part !== '').join(' ')]} />
      {error === undefined ? null : <ErrorNotice error={error} />}
      <Actions busy={busy} onClose={onClose} />
    </Form>
  );
}

function AllowByPolicy({ event, onDone, onClose }: Props) {
  const t = texts();
  const host = hostOf(event.target) ?? '';
  const [note, setNote] = useState('');
  const { busy, error, run } = useAction();
  const policy = useResource('policy', (signal) => gateway.call('GET /api/v1/policies', { signal }));
  const text =
    policy.data === undefined ? undefined : withException(policy.data.text, { host, note: note.trim() });
  const check = useDryRun(text);
  const allow = async () => {
    if (text === undefined) return;
    await gateway.call('POST /api/v1/policies', { body: { text } });
    toast(t.allowDone(host));
    onDone();
  };
  return (
    <Form onSubmit={() => run(allow, onClose)}>
      <p>
        <strong>{t.policy}.</strong> {t.policyText}
      </p>
      <TextField label={words().note} hint={t.noteHint} value={note} onInput={setNote} maxLength={500} />
      <span class="label">{t.change}</span>
      <View of={check}>{({ diff }) => <Diff label={t.change} lines={diff} />}</View>
      {error === undefined ? null : <ErrorNotice error={error} />}
      <Actions busy={busy} onClose={onClose} />
    </Form>
  );
}

/** The gateway says what would change, and whether it would take it. */
function useDryRun(text: string | undefined) {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 300);
    return () => clearTimeout(timer);
  }, [text]);
  const wanted = settled ?? text;
  return useResource(`dry run ${wanted}`, (signal) => checkPolicy(wanted ?? '', signal), {
    enabled: wanted !== undefined,
  });
}

function Actions({ busy, onClose }: { busy: boolean; onClose: () => void }) {
  return (
    <div class="dialog-actions">
      <Button onClick={onClose}>{words().cancel}</Button>
      <Button type="submit" kind="primary" icon="check" busy={busy}>
        {texts().allowNow}
      </Button>
    </div>
  );
}

/** From the widest that makes sense to the narrowest: what the list named comes first. */
function choicesFor(
  event: StoredEvent,
  explanation: Explanation | undefined,
): readonly (readonly [value: string, text: string])[] {
  const t = texts();
  const sha256 = textDetail(event, 'sha256');
  const host = hostOf(event.target);
  const url = urlOf(event);
  const match = explanation?.match;
  const listed =
    match !== undefined && match.kind !== 'hash' && match.entry !== host ? match.entry : undefined;
  const isName = host !== undefined && !/^[\d.]+$|:/.test(host);
  return [
    ...(sha256 === undefined ? [] : [[sha256, t.onlyFile] as const]),
    ...(host === undefined
      ? []
      : isName
        ? ([
            [host, t.wholeDomain(host)],
            [`=${host}`, t.onlyHost(host)],
          ] as const)
        : [[host, t.onlyHost(host)] as const]),
    ...(url === undefined || url.startsWith('https://') ? [] : [[url, t.onlyUrl] as const]),
    ...(listed === undefined || listed === url ? [] : [[listed, listed] as const]),
  ];
}

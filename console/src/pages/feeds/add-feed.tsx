import { useState } from 'preact/hooks';
import type { FeedSubscription } from '../../../../client/index.ts';
import { gateway } from '../../lib/api.ts';
import {
  Button,
  Dialog,
  ErrorNotice,
  Form,
  SelectField,
  TextField,
  toast,
  useAction,
  words,
} from '../../ui/index.ts';
import { texts } from './texts.ts';

type Type = 'list' | 'taxii' | 'misp' | 'ut1';
type Action = 'block' | 'allow' | 'label' | 'suppress';
type Auth = 'none' | 'basic' | 'bearer' | 'header';

const EMPTY = {
  name: '',
  url: '',
  type: 'list' as Type,
  action: 'block' as Action,
  category: '',
  every: '',
  auth: 'none' as Auth,
  user: '',
  header: '',
  secret: '',
};

export function AddFeed({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  return (
    <Dialog title={texts().add} onClose={onClose}>
      <FeedForm
        onDone={() => {
          onDone();
          onClose();
        }}
        onCancel={onClose}
      />
    </Dialog>
  );
}

/** What a subscription needs; the gateway fetches it at once and says how it went in the state of the feed. */
export function FeedForm({ onDone, onCancel }: { onDone: () => void; onCancel?: () => void }) {
  const t = texts();
  const [feed, setFeed] = useState(EMPTY);
  const set = (change: Partial<typeof EMPTY>) => setFeed({ ...feed, ...change });
  const { busy, error, run } = useAction();
  const add = async () => {
    await gateway.call('POST /api/v1/feeds', { body: givenOf(feed) });
    toast(t.added(feed.name));
    onDone();
  };
  return (
    <Form onSubmit={() => run(add)}>
      <div class="form-row">
        <TextField
          label={t.name}
          hint={t.nameHint}
          value={feed.name}
          onInput={(name) => set({ name })}
          pattern="[a-z0-9][a-z0-9._\-]{0,63}"
          required
        />
        <SelectField<Type>
          label={t.type}
          value={feed.type}
          options={[
            ['list', t.typeList],
            ['taxii', t.typeTaxii],
            ['misp', t.typeMisp],
            ['ut1', t.typeUt1],
          ]}
          onChange={(type) => set({ type })}
        />
      </div>
      <TextField
        label={t.url}
        placeholder={t.urlHint}
        value={feed.url}
        onInput={(url) => set({ url })}
        mono
        required
      />
      <div class="form-row">
        <SelectField<Action>
          label={t.action}
          value={feed.action}
          options={[
            ['block', t.actionBlock],
            ['allow', t.actionAllow],
            ['label', t.actionLabel],
            ['suppress', t.actionSuppress],
          ]}
          onChange={(action) => set({ action })}
        />
        <TextField
          label={t.category}
          hint={t.categoryHint}
          value={feed.category}
          onInput={(category) => set({ category })}
        />
        <TextField
          label={t.every}
          hint={t.everyHint}
          value={feed.every}
          onInput={(every) => set({ every })}
          pattern="\d+[smhd]"
        />
      </div>
      <SelectField<Auth>
        label={t.auth}
        value={feed.auth}
        options={[
          ['none', t.authNone],
          ['basic', t.authBasic],
          ['bearer', t.authBearer],
          ['header', t.authHeader],
        ]}
        onChange={(auth) => set({ auth })}
      />
      {feed.auth === 'none' ? null : (
        <div class="form-row">
          {feed.auth === 'basic' ? (
            <TextField label={t.user} value={feed.user} onInput={(user) => set({ user })} required />
          ) : null}
          {feed.auth === 'header' ? (
            <TextField label={t.header} value={feed.header} onInput={(header) => set({ header })} required />
          ) : null}
          <TextField
            label={t.secret}
            hint={t.secretHint}
            type="password"
            autoComplete="off"
            value={feed.secret}
            onInput={(secret) => set({ secret })}
            required
          />
        </div>
      )}
      {error === undefined ? null : <ErrorNotice error={error} />}
      <div class="dialog-actions">
        {onCancel === undefined ? null : <Button onClick={onCancel}>{words().cancel}</Button>}
        <Button type="submit" kind="primary" busy={busy}>
          {words().add}
        </Button>
      </div>
    </Form>
  );
}

/** What was filled in; what is empty keeps its default. */
function givenOf(feed: typeof EMPTY): FeedSubscription {
  const isOther = (name: string) =>
    (name === 'user' && feed.auth !== 'basic') ||
    (name === 'header' && feed.auth !== 'header') ||
    (name === 'secret' && feed.auth === 'none') ||
    (name === 'auth' && feed.auth === 'none');
  const given = Object.fromEntries(
    Object.entries(feed).flatMap(([name, value]) =>
      value.trim() === '' || isOther(name) ? [] : [[name, value.trim()] as const],
    ),
  );
  // Name and URL are required, and nothing is taken away but what is empty.
  return given as unknown as FeedSubscription;
}

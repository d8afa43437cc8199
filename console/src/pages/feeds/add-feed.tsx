import { useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { Dialog, Form, FormEnd, SelectField, TextField, toast, useAction, words } from '../../ui/index.ts';
import { type Draft, EMPTY, type FeedType, givenOf, ofType } from './feed-draft.ts';
import { EntryFields, SafeBrowsingFields, SignInFields } from './feed-fields.tsx';
import { texts } from './texts.ts';

export function AddFeed({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  return (
    <Dialog title={texts().add} onClose={onClose}>
      <FeedForm onDone={onDone} onClose={onClose} />
    </Dialog>
  );
}

/** What a subscription needs; the gateway fetches it at once and says how it went in the state of the feed. */
export function FeedForm({ onDone, onClose }: { onDone: () => void; onClose?: () => void }) {
  const t = texts();
  const [feed, setFeed] = useState(EMPTY);
  const set = (change: Partial<Draft>) => setFeed({ ...feed, ...change });
  const { busy, error, run } = useAction();
  const add = async () => {
    await gateway.call('POST /api/v1/feeds', { body: givenOf(feed) });
    toast(t.added(feed.name));
    onDone();
  };
  return (
    <Form onSubmit={() => run(add, onClose)}>
      <div class="form-row">
        <TextField
          label={t.name}
          hint={t.nameHint}
          value={feed.name}
          onInput={(name) => set({ name })}
          pattern="[a-z0-9][a-z0-9._\-]{0,63}"
          required
        />
        <SelectField<FeedType>
          label={t.type}
          value={feed.type}
          options={[
            ['list', t.typeList],
            ['taxii', t.typeTaxii],
            ['misp', t.typeMisp],
            ['ut1', t.typeUt1],
            ['yara', t.typeYara],
            ['safe-browsing', t.typeSafeBrowsing],
          ]}
          onChange={(type) => setFeed(ofType(feed, type))}
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
      {feed.type === 'safe-browsing' ? (
        <SafeBrowsingFields feed={feed} onChange={set} />
      ) : (
        <>
          <EntryFields feed={feed} onChange={set} />
          <SignInFields feed={feed} onChange={set} />
        </>
      )}
      <FormEnd action={words().add} busy={busy} error={error} onClose={onClose} />
    </Form>
  );
}

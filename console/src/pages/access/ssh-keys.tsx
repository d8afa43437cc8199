import { useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { useResource } from '../../lib/use-resource.ts';
import {
  Button,
  Dialog,
  ErrorNotice,
  Form,
  TextField,
  toast,
  useAction,
  View,
  words,
} from '../../ui/index.ts';
import { texts } from './texts.ts';

/** The public keys that sign a user in over SSH. */
export function SshKeysDialog({ user, onClose }: { user: string; onClose: () => void }) {
  const t = texts();
  const params = { name: user };
  const [key, setKey] = useState('');
  const { busy, error, run } = useAction();
  const keys = useResource(`keys ${user}`, (signal) =>
    gateway.call('GET /api/v1/users/{name}/keys', { params, signal }),
  );
  const add = async () => {
    await gateway.call('POST /api/v1/users/{name}/keys', { params, body: { key: key.trim() } });
    setKey('');
    keys.reload();
  };
  const drop = async (fingerprint: string) => {
    await gateway.call('DELETE /api/v1/users/{name}/keys', { params, query: { key: fingerprint } });
    toast(t.removed(fingerprint));
    keys.reload();
  };
  return (
    <Dialog title={t.keysTitle(user)} onClose={onClose}>
      <View of={keys}>
        {(rows) =>
          rows.length === 0 ? (
            <p class="dim">{t.keysNone}</p>
          ) : (
            <ul class="stack-s">
              {rows.map(({ fingerprint, type, comment }) => (
                <li key={fingerprint} class="row tight">
                  <span class="grow wrap-anywhere">
                    <strong>{comment || type}</strong>
                    <br />
                    <code class="dim">{fingerprint}</code>
                  </span>
                  <Button
                    kind="plain"
                    small
                    icon="trash"
                    label={`${words().remove}: ${comment || fingerprint}`}
                    onClick={() => run(() => drop(fingerprint))}
                  />
                </li>
              ))}
            </ul>
          )
        }
      </View>
      <Form onSubmit={() => run(add)}>
        <TextField label={t.keyNew} hint={t.keyHint} value={key} onInput={setKey} mono required />
        {error === undefined ? null : <ErrorNotice error={error} />}
        <div class="dialog-actions">
          <Button onClick={onClose}>{words().close}</Button>
          <Button type="submit" kind="primary" busy={busy}>
            {words().add}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}

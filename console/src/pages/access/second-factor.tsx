import { useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import {
  Button,
  CopyButton,
  Dialog,
  ErrorNotice,
  Form,
  TextField,
  toast,
  useAction,
  words,
} from '../../ui/index.ts';
import { texts } from './texts.ts';

/** A second factor for an account: the secret for the authenticator, then its first code. Or none any more. */
export function SecondFactorDialog({ user, onClose }: { user: string; onClose: () => void }) {
  const t = texts();
  const [made, setMade] = useState<{ secret: string; uri: string } | undefined>(undefined);
  const [code, setCode] = useState('');
  const { busy, error, run } = useAction();
  const params = { name: user };
  const make = async () => {
    const { secret = '', uri = '' } = await gateway.call('POST /api/v1/users/{name}/totp', {
      params,
      body: {},
    });
    setMade({ secret, uri });
  };
  const use = async () => {
    await gateway.call('PUT /api/v1/users/{name}/totp', { params, body: { code } });
    toast(t.factorUsed(user));
  };
  const drop = async () => {
    await gateway.call('DELETE /api/v1/users/{name}/totp', { params });
    toast(t.factorDropped(user));
  };
  return (
    <Dialog title={t.factorTitle(user)} onClose={onClose}>
      <p>{t.factorLead}</p>
      {made === undefined ? null : (
        <Form onSubmit={() => run(use, onClose)}>
          <span class="label">{t.factorSecret}</span>
          <div class="row tight">
            <pre class="block grow" tabIndex={0} aria-label={t.factorSecret}>
              {made.secret}
            </pre>
            <CopyButton text={made.secret} />
          </div>
          <p>
            <a href={made.uri}>{t.factorOpen}</a>
          </p>
          <TextField
            label={t.factorCode}
            value={code}
            onInput={setCode}
            autoComplete="one-time-code"
            pattern="\d{6}"
            mono
            required
          />
          <div class="dialog-actions">
            <Button type="submit" kind="primary" busy={busy}>
              {t.factorUse}
            </Button>
          </div>
        </Form>
      )}
      {error === undefined ? null : <ErrorNotice error={error} />}
      {made === undefined ? (
        <div class="dialog-actions">
          <Button onClick={onClose}>{words().cancel}</Button>
          <Button kind="danger" busy={busy} onClick={() => run(drop, onClose)}>
            {t.factorDrop}
          </Button>
          <Button kind="primary" busy={busy} onClick={() => run(make)}>
            {t.factorMake}
          </Button>
        </div>
      ) : null}
    </Dialog>
  );
}

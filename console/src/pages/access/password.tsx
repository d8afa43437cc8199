import { useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import {
  Dialog,
  Form,
  FormEnd,
  NewSecretFields,
  NO_SECRET,
  secretsDiffer,
  toast,
  useAction,
} from '../../ui/index.ts';
import { texts } from './texts.ts';

export function PasswordDialog(props: { user: string; onClose: () => void; onDone: () => void }) {
  return (
    <Dialog title={texts().passwordTitle(props.user)} onClose={props.onClose}>
      <PasswordForm user={props.user} onClose={props.onClose} onDone={props.onDone} />
    </Dialog>
  );
}

/** A new password, typed twice; the session that asks stays. */
export function PasswordForm(props: { user: string; onDone: () => void; onClose?: () => void }) {
  const t = texts();
  const [secret, setSecret] = useState(NO_SECRET);
  const { busy, error, run } = useAction();
  const save = async () => {
    if (secretsDiffer(secret)) return;
    await gateway.call('PUT /api/v1/users/{name}/password', {
      params: { name: props.user },
      body: { password: secret.text },
    });
    toast(t.passwordDone(props.user));
    props.onDone();
  };
  return (
    <Form onSubmit={() => run(save, props.onClose)}>
      {/* Tells password managers whose password it is. */}
      <input
        class="visually-hidden"
        autocomplete="username"
        value={props.user}
        readOnly
        tabIndex={-1}
        aria-hidden
      />
      <NewSecretFields
        label={t.password}
        hint={t.passwordHint}
        labelAgain={t.passwordRepeat}
        value={secret}
        onInput={setSecret}
      />
      <FormEnd
        action={t.passwordSet}
        disabled={secretsDiffer(secret)}
        busy={busy}
        error={error}
        onClose={props.onClose}
      />
    </Form>
  );
}

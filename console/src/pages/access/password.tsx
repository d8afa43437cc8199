import { useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { Button, Dialog, ErrorNotice, Form, TextField, toast, useAction, words } from '../../ui/index.ts';
import { texts } from './texts.ts';

export function PasswordDialog(props: { user: string; onClose: () => void; onDone: () => void }) {
  return (
    <Dialog title={texts().passwordTitle(props.user)} onClose={props.onClose}>
      <PasswordForm
        user={props.user}
        onCancel={props.onClose}
        onDone={() => {
          props.onDone();
          props.onClose();
        }}
      />
    </Dialog>
  );
}

/** A new password, typed twice; the session that asks stays. */
export function PasswordForm(props: { user: string; onDone: () => void; onCancel?: () => void }) {
  const t = texts();
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const { busy, error, run } = useAction();
  const differs = again !== '' && again !== password;
  const save = async () => {
    if (again !== password) return;
    await gateway.call('PUT /api/v1/users/{name}/password', {
      params: { name: props.user },
      body: { password },
    });
    toast(t.passwordDone(props.user));
    props.onDone();
  };
  return (
    <Form onSubmit={() => run(save)}>
      {/* Tells password managers whose password it is. */}
      <input
        class="visually-hidden"
        autocomplete="username"
        value={props.user}
        readOnly
        tabIndex={-1}
        aria-hidden
      />
      <TextField
        label={t.password}
        hint={t.passwordHint}
        type="password"
        autoComplete="new-password"
        minLength={12}
        value={password}
        onInput={setPassword}
        required
      />
      <TextField
        label={t.passwordRepeat}
        fault={differs ? t.passwordsDiffer : undefined}
        type="password"
        autoComplete="new-password"
        value={again}
        onInput={setAgain}
        required
      />
      {error === undefined ? null : <ErrorNotice error={error} />}
      <div class="dialog-actions">
        {props.onCancel === undefined ? null : <Button onClick={props.onCancel}>{words().cancel}</Button>}
        <Button type="submit" kind="primary" busy={busy} disabled={differs}>
          {t.passwordSet}
        </Button>
      </div>
    </Form>
  );
}

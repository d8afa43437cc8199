import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ApiProblem, gateway, session } from '../lib/api.ts';
import { Button, ErrorNotice, Notice } from '../ui/basics.tsx';
import { useAction } from '../ui/dialog.tsx';
import { Form, TextField } from '../ui/form.tsx';
import { Brand } from '../ui/icon.tsx';
import { Preferences } from './preferences.tsx';
import { texts } from './texts.ts';

/** Name, password, and the code of the second factor once the gateway asks for it. */
export function Login() {
  const t = texts();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [needsCode, setNeedsCode] = useState(false);
  const { busy, error, run, setError } = useAction();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    document.title = `${t.signIn} · Sallyport`;
  }, [t]);
  // Before the browser draws: what is typed as soon as the fields are seen is meant for them.
  useLayoutEffect(() => panel.current?.querySelector('input')?.focus(), []);
  useLayoutEffect(() => {
    if (needsCode)
      panel.current?.querySelector<HTMLInputElement>('input[autocomplete="one-time-code"]')?.focus();
  }, [needsCode]);

  const signIn = async () => {
    try {
      session.value = await gateway.call('POST /api/v1/session', {
        body: {
          user,
          password,
          ...(needsCode ? { code } : {}),
        },
      });
    } catch (thrown) {
      if (!(thrown instanceof ApiProblem) || thrown.code !== 'totp-required') throw thrown;
      setNeedsCode(true);
    }
  };
  const isWrong = error instanceof ApiProblem && error.code === 'login-wrong';
  const typed = (set: (value: string) => void) => (value: string) => {
    setError(undefined);
    set(value);
  };
  return (
    <main class="gate">
      <section class="panel stack" ref={panel}>
        <div>
          <div class="brand">
            <Brand />
            Sallyport
          </div>
          <h1 tabIndex={-1}>{t.signIn}</h1>
          <p class="dim">{t.signInLead}</p>
        </div>
        <Form onSubmit={() => run(signIn)}>
          <TextField label={t.user} value={user} onInput={typed(setUser)} autoComplete="username" required />
          <TextField
            label={t.password}
            type="password"
            value={password}
            onInput={typed(setPassword)}
            autoComplete="current-password"
            required
          />
          {needsCode ? (
            <TextField
              label={t.code}
              hint={t.codeHint}
              value={code}
              onInput={typed(setCode)}
              autoComplete="one-time-code"
              mono
              required
            />
          ) : null}
          {error === undefined ? null : isWrong ? (
            <Notice tone="bad">{t.badPassword}</Notice>
          ) : (
            <ErrorNotice error={error} />
          )}
          <Button type="submit" kind="primary" busy={busy}>
            {t.signIn}
          </Button>
        </Form>
        <Preferences />
      </section>
    </main>
  );
}

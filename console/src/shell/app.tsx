import { useEffect, useState } from 'preact/hooks';
import { ApiProblem, gateway, session } from '../lib/api.ts';
import { go, hrefOf, pagePath } from '../lib/router.ts';
import { Button, ErrorNotice, Loading } from '../ui/basics.tsx';
import { Toasts } from '../ui/toast.tsx';
import { Login } from './login.tsx';
import { PageView } from './page-view.tsx';
import { BrandLink, Side } from './side.tsx';
import { texts } from './texts.ts';

const AGAIN_MS = 3000;

/** Who is here decides what is shown: nobody, the sign-in; somebody, the pages. */
export function App() {
  const [error, setError] = useState<Error | undefined>(undefined);
  useEffect(() => {
    let timer: number | undefined;
    const ask = async (): Promise<void> => {
      try {
        session.value = await gateway.call('GET /api/v1/session');
      } catch (thrown) {
        if (thrown instanceof ApiProblem && thrown.status === 401) session.value = null;
        else {
          setError(thrown as Error);
          timer = setTimeout(() => void ask(), AGAIN_MS);
        }
      }
    };
    void ask();
    return () => clearTimeout(timer);
  }, []);
  const who = session.value;
  return (
    <>
      {who === undefined ? (
        <main class="gate">{error === undefined ? <Loading /> : <ErrorNotice error={error} />}</main>
      ) : who === null ? (
        <Login />
      ) : (
        <Shell />
      )}
      <Toasts />
    </>
  );
}

function Shell() {
  const t = texts();
  const [isOpen, setIsOpen] = useState(false);
  const path = pagePath.value;
  useEffect(() => setIsOpen(false), [path]);
  const isDecided = useFirstRun();
  return (
    <div class="shell">
      <a class="skip" href="#content">
        {t.skip}
      </a>
      <header class="top">
        <BrandLink />
        <Button
          kind="plain"
          icon={isOpen ? 'cross' : 'menu'}
          label={t.menu}
          expanded={isOpen}
          controls="side"
          onClick={() => setIsOpen(!isOpen)}
        />
      </header>
      <Side isOpen={isOpen} />
      <main class="main" id="content" tabIndex={-1}>
        {isDecided ? <PageView /> : <Loading />}
      </main>
    </div>
  );
}

/** A new gateway is set up first; whoever leaves the set-up may come back to it. False until that is decided. */
function useFirstRun(): boolean {
  const isAsked = session.value?.role === 'admin' && pagePath.value === '';
  const [isDecided, setIsDecided] = useState(!isAsked);
  useEffect(() => {
    if (!isAsked) return;
    void gateway
      .call('GET /api/v1/setup')
      // Without an answer there is nothing to set up.
      .catch(() => ({ needed: false }))
      .then(({ needed }) => {
        // Whoever went to another page meanwhile stays there.
        if (needed && pagePath.value === '') go(hrefOf('setup'), { replace: true });
        setIsDecided(true);
      });
  }, []);
  return isDecided;
}

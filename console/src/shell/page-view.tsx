import type { ComponentType } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { pagePath } from '../lib/router.ts';
import { currentPage, pageTitle } from '../lib/title.ts';
import { Empty, ErrorNotice, Loading, PageHead } from '../ui/basics.tsx';
import { texts } from './texts.ts';

interface Shown {
  readonly path: string;
  readonly Page?: ComponentType;
  readonly error?: Error;
}

/** Loads the page of the address and shows it; the focus goes to its heading, so that readers read it out. */
export function PageView() {
  const t = texts();
  const path = pagePath.value;
  const entry = currentPage.value;
  const [shown, setShown] = useState<Shown | undefined>(undefined);
  const isFirst = useRef(true);

  useEffect(() => {
    let isCurrent = true;
    entry?.load().then(
      ({ Page }) => isCurrent && setShown({ path, Page }),
      (error: Error) => isCurrent && setShown({ path, error }),
    );
    return () => {
      isCurrent = false;
    };
  }, [path, entry]);

  useLayoutEffect(() => {
    if (shown?.path !== path) return;
    if (!isFirst.current) {
      document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    isFirst.current = false;
  }, [shown, path]);

  const title = entry === undefined ? t.noPage : pageTitle.value;
  useEffect(() => {
    document.title = `${title} · Sallyport`;
  }, [title]);

  if (entry === undefined)
    return (
      <>
        <PageHead title={t.noPage} />
        <Empty title={t.noPageText} />
      </>
    );
  if (shown?.path !== path) return <Loading />;
  if (shown.Page === undefined) return <ErrorNotice error={shown.error ?? new Error(t.noPage)} />;
  return <shown.Page />;
}

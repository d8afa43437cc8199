import type { ComponentChildren } from 'preact';
import type { Resource } from '../lib/use-resource.ts';
import { ErrorNotice, Loading } from './basics.tsx';

/** What came, what went wrong, or that it is on its way. */
export function View<T>({ of, children }: { of: Resource<T>; children: (data: T) => ComponentChildren }) {
  const { data, error, reload } = of;
  if (data === undefined)
    return error === undefined ? <Loading /> : <ErrorNotice error={error} onAgain={reload} />;
  return (
    <>
      {error === undefined ? null : <ErrorNotice error={error} onAgain={reload} />}
      {children(data)}
    </>
  );
}

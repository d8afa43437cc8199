import type { FeedSubscription } from '../../../../client/index.ts';

export type FeedType = 'list' | 'taxii' | 'misp' | 'ut1' | 'yara' | 'safe-browsing';
export type Action = 'block' | 'allow' | 'label' | 'suppress';
export type Auth = 'none' | 'basic' | 'bearer' | 'header' | 'url';
export type Api = 'v5' | 'v4';

/** Where Google's servers are, and the field that takes the key. */
const GOOGLE = { url: 'https://safebrowsing.googleapis.com/', header: 'X-Goog-Api-Key' } as const;

export const EMPTY = {
  name: '',
  url: '',
  type: 'list' as FeedType,
  action: 'block' as Action,
  category: '',
  every: '',
  auth: 'none' as Auth,
  user: '',
  header: '',
  secret: '',
  api: 'v5' as Api,
  only: '',
};

/** What is being filled in; all of it text. */
export type Draft = typeof EMPTY;

/** What a form has of a draft, and how it changes it. */
export interface DraftProps {
  readonly feed: Draft;
  readonly onChange: (change: Partial<Draft>) => void;
}

/** Another kind begins with what most of its kind have. */
export function ofType(feed: Draft, type: FeedType): Draft {
  if (type === 'safe-browsing')
    return { ...feed, type, url: feed.url || GOOGLE.url, action: 'block', auth: 'none', secret: '' };
  const { url } = feed;
  return { ...feed, type, url: url === GOOGLE.url ? '' : url, auth: 'none', secret: '' };
}

/** Which of the fields belong to the kind and the way to sign in. */
function belongs(name: string, { type, auth, secret }: Draft): boolean {
  const isSafeBrowsing = type === 'safe-browsing';
  switch (name) {
    case 'user':
      return auth === 'basic';
    case 'header':
      return auth === 'header' || (isSafeBrowsing && secret !== '');
    case 'auth':
      return auth !== 'none' || (isSafeBrowsing && secret !== '');
    case 'secret':
      return auth !== 'none' || isSafeBrowsing;
    case 'api':
    case 'only':
      return isSafeBrowsing;
    case 'category':
      return !isSafeBrowsing;
    default:
      return true;
  }
}

/** What was filled in; what is empty keeps its default. */
export function givenOf(feed: Draft): FeedSubscription {
  const whole: Draft =
    feed.type === 'safe-browsing' ? { ...feed, auth: 'header', header: GOOGLE.header } : feed;
  const given = Object.entries(whole).flatMap(([name, value]) =>
    value.trim() === '' || !belongs(name, feed) ? [] : [[name, value.trim()] as const],
  );
  const lists = feed.only.split(/[\s,]+/).filter((list) => list !== '');
  const only = belongs('only', feed) && lists.length > 0 ? { only: lists } : {};
  // Name and URL are required, and nothing is taken away but what is empty.
  return { ...Object.fromEntries(given), ...only } as unknown as FeedSubscription;
}

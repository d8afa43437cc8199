import { defineErrors } from '../../kernel/index.ts';

export const feedErrors = defineErrors({
  FEEDS_UNKNOWN: {
    kind: 'config',
    message: 'There is no subscription "{name}"',
    hint: 'See: feed show; a feed that was only imported is not fetched',
    exit: 7,
  },
  FEEDS_EXISTS: {
    kind: 'refused',
    message: 'The subscription "{name}" exists already',
    hint: 'Change it with: feed edit {name}',
  },
  FEEDS_FIELDS: {
    kind: 'config',
    message: 'The subscription cannot be as it is written: {text}',
    hint: 'See: feed add --help',
  },
  FEEDS_RUNNING: {
    kind: 'refused',
    message: 'The feed "{name}" is being fetched already',
    hint: 'See how far it is with: feed show {name}',
  },
  FEEDS_SECRET_FILE: {
    kind: 'config',
    message: 'The secret in {file} cannot be read ({problem})',
    hint: 'Its first line is the secret; the user that runs the gateway must be able to read it',
  },
  FEEDS_SECRET_MISSING: {
    kind: 'config',
    message: 'The feed "{name}" signs in with {auth}, and its secret is not here',
    hint: 'Versions and exports hold no secrets. Set it: feed edit {name} --secret-file FILE',
    exit: 7,
  },
  FEEDS_SECRETS_DAMAGED: {
    kind: 'unavailable',
    message: 'The secrets of the feeds in {file} cannot be opened ({problem})',
    hint: 'Restore it and master.key from the same backup, or delete it and set each secret with feed edit',
  },
  FEEDS_FILE: {
    kind: 'config',
    message: '{field}: {file} cannot be used ({problem})',
    hint: 'The user that runs the gateway must be able to read it; change the subscription with feed edit',
    exit: 7,
  },
  FEEDS_PLAIN_HTTP: {
    kind: 'refused',
    message: '{url} is plain HTTP, where everybody on the way can change the list',
    hint: 'Use https, or take it all the same: feed edit NAME --allow-plain-http',
  },
  FEEDS_CONNECT: {
    kind: 'unavailable',
    message: 'No connection to {host}: {reason}',
    hint: 'Try from the machine: verify egress; a private proxy is set with --parent',
  },
  FEEDS_PROHIBITED: {
    kind: 'refused',
    message: 'The gateway does not connect there: {reason}',
    hint: 'Open the network with egress.allowDestinations when the feed is meant to be there',
  },
  FEEDS_TLS: {
    kind: 'unavailable',
    message: 'No TLS with {host}: {reason}',
    hint: 'For a private authority set --ca-file; for mutual TLS --certificate-file and --key-file',
  },
  FEEDS_TIMEOUT: {
    kind: 'unavailable',
    message: '{host} took too long: {phase} ({setting})',
    hint: 'It is tried again by itself; raise {setting} when the server is always so slow',
  },
  FEEDS_STATUS: {
    kind: 'unavailable',
    message: '{url} answered {status}',
    hint: '{advice}',
  },
  FEEDS_CREDENTIALS: {
    kind: 'config',
    message: '{url} answered {status}: it does not accept who we are',
    hint: 'Check auth, user and secret: feed edit NAME --auth KIND --secret-file FILE. {advice}',
    exit: 7,
  },
  FEEDS_NOT_ACCEPTABLE: {
    kind: 'config',
    message: '{url} answered {status}: it does not speak the version that was asked for',
    hint: 'TAXII 2.1 is needed (application/taxii+json;version=2.1); a TAXII 1 or 2.0 server will not do',
    exit: 7,
  },
  FEEDS_SLOW_DOWN: {
    kind: 'unavailable',
    message: '{url} answered {status}: it asks for fewer requests',
    hint: 'Retry-After is kept; raise --every when this goes on',
  },
  FEEDS_REDIRECT: {
    kind: 'unavailable',
    message: '{url} leads on to a place that is not followed: {reason}',
    hint: 'Open the URL by hand and subscribe to the place where it ends',
  },
  FEEDS_HTTP: {
    kind: 'unavailable',
    message: '{host} sent no HTTP answer that can be read: {reason}',
    hint: 'See what is there: verify curl {url}',
  },
  FEEDS_CUT: {
    kind: 'unavailable',
    message: 'The answer of {url} ended early; it was not used',
    hint: 'It is tried again by itself; when it goes on, look at the proxy in between',
  },
  FEEDS_TOO_LARGE: {
    kind: 'limit',
    message: '{url} sent more than {setting} allows ({max} bytes)',
    hint: 'Check that the URL is a list, then raise {setting}',
  },
  FEEDS_EXPANSION: {
    kind: 'limit',
    message: '{url} unpacks to more than {max} times its size (feeds.expansionMax)',
    hint: 'A list does not do that; check what the server sends',
  },
  FEEDS_ENCODING: {
    kind: 'unavailable',
    message: '{url} sent what cannot be unpacked: {reason}',
    hint: 'It is tried again by itself; when it goes on, tell whoever runs the server',
  },
  FEEDS_HTML: {
    kind: 'unavailable',
    message: '{url} sent a web page, not a list',
    hint: 'Usually a page to sign in, or an error page with status 200: open the URL by hand, and see --auth',
  },
  FEEDS_EMPTY: {
    kind: 'unavailable',
    message: '{url} sent nothing; the last good list stays',
    hint: 'Check the URL; when the feed has really ended: feed remove NAME',
  },
  FEEDS_CHECKSUM: {
    kind: 'unavailable',
    message: 'The list is not what {url} says: {reason}',
    hint: 'Checksum and list may be from two different moments: it is tried again by itself',
  },
  FEEDS_SIGNATURE: {
    kind: 'unavailable',
    message: 'The signature does not fit: {reason}',
    hint: 'The list is not from whoever holds the key, or --public-key-file is another key; it was not used',
  },
  FEEDS_TAXII: {
    kind: 'unavailable',
    message: '{url} does not answer as TAXII 2.1: {reason}',
    hint: 'The URL is that of the discovery (…/taxii2/) or of an API root; see --collection',
  },
  FEEDS_SAFE_BROWSING: {
    kind: 'unavailable',
    message: '{url} does not answer as Safe Browsing {version}: {reason}',
    hint: 'The URL is that of the server without /v4 or /v5; see --api, --encoding and --only',
  },
  FEEDS_MISP: {
    kind: 'unavailable',
    message: '{url} is no MISP feed: {reason}',
    hint: 'The URL is the folder with manifest.json',
  },
  FEEDS_JSON: {
    kind: 'unavailable',
    message: '{url} is no JSON: {reason}',
    hint: 'See what is there: verify curl {url}',
  },
  FEEDS_ENDED: {
    kind: 'refused',
    message: 'The subscription "{name}" ended while it was fetched',
  },
  FEEDS_STOPPED: {
    kind: 'unavailable',
    message: 'The gateway stops; the feed is fetched at the next start',
  },
});

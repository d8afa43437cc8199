import { canonicalUrl, type HostParts, hostParts } from '../../protocols/url/index.ts';
import { type BrandMention, brandIn, domainsShown, isOwnDomain } from './brands.ts';
import { hostingOf } from './hosting.ts';
import { isIdentityProvider, isInstalledProduct } from './known-places.ts';
import type { PageFacts, PageForm, ScriptSign } from './page-facts.ts';
import type { SiteScore } from './site-score.ts';

/** A sign that a page gives, and what it counts. */
export interface PageSign {
  /** Stable name. */
  readonly code: string;
  readonly text: string;
  readonly points: number;
  readonly category: 'phishing' | 'malware' | 'redirect';
}

export interface PageContext {
  /** Where the page was found in the end. */
  readonly url: string;
  /** What the models say of that address. */
  readonly site: SiteScore | undefined;
  readonly generated: SiteScore | undefined;
  /** Whether lists of popular sites know its domain. */
  readonly isPopular: boolean;
  /** Whether this gateway met the domain within the last day for the first time. */
  readonly isNew: boolean;
}

export interface PageVerdict {
  readonly verdict: 'clean' | 'suspicious' | 'malicious';
  /** The points of the signs, at most 100. */
  readonly score: number;
  readonly categories: readonly string[];
  readonly signs: readonly PageSign[];
}

/** One strong sign is worth a warning, two are an accusation. */
const SUSPICIOUS_FROM = 40;
const MALICIOUS_FROM = 75;

/**
 * Points by sign; `extra` are signs from how the page was got. Of a popular site only the strongest count: it has frames
 * and scripts of many others.
 */
export function judgePage(
  facts: PageFacts,
  context: PageContext,
  extra: readonly PageSign[] = [],
): PageVerdict {
  const page = hostParts(canonicalUrl(context.url)?.host ?? '');
  const asks = facts.hasPassword || facts.forms.some(asksForSecrets);
  const signs: PageSign[] = [
    ...extra,
    ...credentialSigns(facts, context.url, page, asks),
    ...brandSigns(facts, page, asks, context.isPopular),
    ...(context.isPopular ? [] : quietSigns(facts, page)),
  ];
  if (facts.dataDocuments > 0) {
    signs.push(
      sign(
        'data-document',
        `${facts.dataDocuments} documents or scripts stand inside data: URIs`,
        25,
        'phishing',
      ),
    );
  }
  if (facts.dataForms > 0) {
    signs.push(sign('data-form', 'a data: URI holds a form, where no address can be seen', 30, 'phishing'));
  }
  signs.push(...siteSigns(context, signs.length > 0 || asks, namesItself(facts, page)));
  const score = Math.min(
    100,
    signs.reduce((sum, { points }) => sum + points, 0),
  );
  const verdict = score >= MALICIOUS_FROM ? 'malicious' : score >= SUSPICIOUS_FROM ? 'suspicious' : 'clean';
  const isBad = verdict !== 'clean';
  const sorted = signs.toSorted((a, b) => b.points - a.points);
  return {
    verdict,
    score,
    categories: isBad ? [...new Set(sorted.map(({ category }) => category))] : [],
    signs: sorted,
  };
}

function credentialSigns(facts: PageFacts, url: string, page: HostParts, asks: boolean): PageSign[] {
  const signs: PageSign[] = [];
  const isPlain = url.startsWith('http:') && !isPrivatePlace(page.host);
  if (facts.hasPassword && isPlain) {
    signs.push(sign('password-in-clear', 'it asks for a password over plain HTTP', 20, 'phishing'));
  }
  for (const form of facts.forms) {
    if (!form.hasPassword && !asksForSecrets(form)) continue;
    const to = canonicalUrl(form.action);
    if (to === undefined) {
      if (/^(?:mailto|data|javascript):/i.test(form.action) && !form.action.startsWith('javascript:')) {
        signs.push(
          sign(
            'form-odd-target',
            `a form sends what is typed to ${form.action.slice(0, 40)}`,
            35,
            'phishing',
          ),
        );
      }
      continue;
    }
    const target = hostParts(to.host);
    if (target.domain !== page.domain && !isIdentityProvider(to.host)) {
      const text = `a form that asks for credentials sends them to another site, ${target.domain}`;
      signs.push(sign('form-elsewhere', text, target.isAddress ? 50 : 40, 'phishing'));
    }
    if (url.startsWith('https:') && to.scheme === 'http') {
      signs.push(sign('form-in-clear', 'a form sends credentials over plain HTTP', 20, 'phishing'));
    }
    if (form.fields.filter((name) => SEED.test(name)).length > 0) {
      signs.push(sign('seed-phrase', 'a form asks for the recovery phrase of a wallet', 40, 'phishing'));
    }
    break;
  }
  if (asks && facts.scriptSigns.includes('blocks-inspection')) {
    signs.push(
      sign(
        'blocks-inspection',
        'it asks for credentials and keeps people from looking at its source',
        20,
        'phishing',
      ),
    );
  }
  return signs;
}

/** The brand that a page shows, where another one is at home. */
function brandSigns(facts: PageFacts, page: HostParts, asks: boolean, isPopular: boolean): PageSign[] {
  const shown = brandShown([facts.title, ...facts.siteNames, ...facts.headings.slice(0, 4)]);
  const signs: PageSign[] = [];
  const inHost = page.isAddress ? undefined : (brandIn(page.name) ?? brandIn(page.subdomain));
  const isElsewhere = (mention: BrandMention): boolean =>
    !isOwnDomain(mention.brand, page.domain) && !ownsName(mention, page);
  if (shown !== undefined && isElsewhere(shown)) {
    const { name } = shown.brand;
    if (asks) {
      const points = isPopular ? 0 : brandPoints(shown, page, inHost);
      signs.push(
        sign(
          'brand-asks',
          `it calls itself ${name}, asks for credentials, and is not at home (${domainsShown(shown.brand)}) but at ${page.host}`,
          points,
          'phishing',
        ),
      );
    } else if (inHost?.brand === shown.brand && inHost.spelling !== 'plain') {
      signs.push(
        sign('brand-imitated', `it calls itself ${name} and imitates that name in its host`, 35, 'phishing'),
      );
    }
    const borrowed = [...facts.icons, ...facts.images].find((place) =>
      isOwnDomain(shown.brand, domainOf(place)),
    );
    if (asks && !isPopular && borrowed !== undefined) {
      signs.push(
        sign('brand-borrowed', `it shows pictures of ${name} from ${domainOf(borrowed)}`, 15, 'phishing'),
      );
    }
  }
  const icon = facts.icons.map(domainOf).find((domain) => domain !== '' && domain !== page.domain);
  if (icon !== undefined && asks && shown === undefined && !isPopular) {
    const owner = brandIn(hostParts(icon).name);
    if (owner !== undefined && isOwnDomain(owner.brand, icon)) {
      signs.push(
        sign(
          'icon-borrowed',
          `it asks for credentials under the icon of ${owner.brand.name}`,
          40,
          'phishing',
        ),
      );
    }
  }
  return signs.filter(({ points }) => points > 0);
}

const SCRIPT_POINTS: Readonly<Record<ScriptSign, readonly [number, string]>> = {
  'decode-and-run': [25, 'a script decodes text and runs it'],
  'written-unescaped': [25, 'a script writes a page that it decodes first'],
  renamed: [15, 'the names of a script are made unreadable'],
  escaped: [10, 'a script holds long runs of escaped letters'],
  'hides-form': [40, 'a script holds a form, in a coding that hides it'],
  // Counts beside credentials only.
  'blocks-inspection': [0, ''],
};

function quietSigns(facts: PageFacts, page: HostParts): PageSign[] {
  const signs: PageSign[] = [];
  for (const name of facts.scriptSigns) {
    const [points, text] = SCRIPT_POINTS[name];
    const category = name === 'hides-form' ? 'phishing' : 'malware';
    if (points > 0) signs.push(sign(`script-${name}`, text, points, category));
  }
  const foreign = facts.hiddenFrames.filter((place) => domainOf(place) !== page.domain);
  if (foreign.length > 0) {
    const text = `hidden frames hold pages of ${[...new Set(foreign.map(domainOf))].slice(0, 3).join(', ')}`;
    signs.push(sign('hidden-frame', text, Math.min(20, 10 * foreign.length), 'malware'));
  }
  const away = facts.redirects.find(({ to }) => to.startsWith('data:') || domainOf(to) !== page.domain);
  if (away !== undefined) {
    const isBare = facts.links === 0 && facts.forms.length === 0;
    const how = away.by === 'meta' ? 'at once by its head' : 'by a script';
    signs.push(
      sign(
        'redirect',
        `it leads on ${how} to ${domainOf(away.to) || 'a data: URI'}`,
        isBare ? 20 : 10,
        'redirect',
      ),
    );
  }
  return signs;
}

const SITE_POINTS: Readonly<Record<SiteScore['verdict'], number>> = {
  clean: 0,
  suspicious: 25,
  malicious: 40,
};

/** An address alone is no accusation of a page that bears the name of its domain. */
const NAMED_ADDRESS_POINTS = 25;

function siteSigns(
  { site, generated, isPopular, isNew }: PageContext,
  hasOther: boolean,
  isNamed: boolean,
): PageSign[] {
  const signs: PageSign[] = [];
  const full = site === undefined || isPopular ? 0 : SITE_POINTS[site.verdict];
  const points = isNamed ? Math.min(full, NAMED_ADDRESS_POINTS) : full;
  if (points > 0) {
    const why = site!.reasons[0] === undefined ? '' : `: ${site!.reasons[0].text}`;
    signs.push(
      sign(
        'address',
        `its address is like those of bad pages (score ${Math.round(site!.score)})${why}`,
        points,
        'phishing',
      ),
    );
  }
  if (generated !== undefined && generated.verdict !== 'clean' && !isPopular) {
    signs.push(
      sign(
        'generated-name',
        'its name looks made up by a program',
        generated.verdict === 'malicious' ? 20 : 10,
        'malware',
      ),
    );
  }
  if (isNew && !isPopular && hasOther) {
    signs.push(
      sign('new-domain', 'this gateway met its domain within the last day for the first time', 5, 'phishing'),
    );
  }
  return signs;
}

const SEED = /seed|mnemonic|recovery.?phrase|secret.?phrase|word.?(?:1[0-2]|[1-9])$/i;
const SECRETS =
  /card.?(?:num|no)|cc.?num|cvv|cvc|\bssn\b|passw|passcode|\bpin\b|\botp\b|iban|seed|mnemonic|recovery.?phrase/i;

function asksForSecrets({ fields, hasPassword }: PageForm): boolean {
  return hasPassword || fields.some((name) => SECRETS.test(name));
}

/** Words of a name, alone (`PayPal Europe`) and with what is done there (`Log in to your PayPal account`). */
const NAME_WORDS_MAX = 2;
const WORDS_MAX = 6;
const ENTRY =
  /^(?:log|login|sign|signin|anmeld|einlogg|konto|account|verif|secur|connexion|identif|acces|iniciar|bank|wallet|web|portal)/;
const JOINING = new Set([
  'with',
  'via',
  'using',
  'by',
  'for',
  'vs',
  'and',
  'mit',
  'über',
  'con',
  'avec',
  'par',
]);

/** A brand that a title or heading names as its own: among its first words, or behind its last separator. */
function brandShown(texts: readonly string[]): BrandMention | undefined {
  for (const text of texts) {
    const parts = text.toLowerCase().split(/\s[-–—|·:]\s|[|–—·]/);
    for (const part of [parts.at(-1) ?? '', parts[0] ?? '']) {
      const words = part
        .trim()
        .split(/[^\p{L}\p{N}-]+/u)
        .filter(Boolean);
      // A sentence about a brand, or a way in by another's account, is no name of the page.
      if (words.some((word) => JOINING.has(word))) continue;
      if (words.length > (words.some((word) => ENTRY.test(word)) ? WORDS_MAX : NAME_WORDS_MAX)) continue;
      const found = brandIn(words.join('-')) ?? brandIn(words.join(''));
      if (found !== undefined && found.spelling !== 'near') return found;
    }
  }
  return undefined;
}

/** `paypal.example` may be a shop of PayPal; `paypal.de` and `paypal` under a suffix of a country are likely its own. */
function ownsName({ brand }: BrandMention, page: HostParts): boolean {
  return (
    page.name === brand.name && /^(?:com|net|org|[a-z]{2}|(?:co|com|org|net)\.[a-z]{2})$/.test(page.suffix)
  );
}

/** Short words of a name say nothing. */
const NAME_WORD_MIN = 3;

/**
 * Whether the page calls itself what its domain is called, with every word of it: `volksbank-musterstadt.de` is "Volksbank
 * Musterstadt". Who imitates a brand adds words to its name (`…-login-secure`) that the page does not show.
 */
function namesItself({ title, siteNames, headings }: PageFacts, { name, isAddress }: HostParts): boolean {
  if (isAddress) return false;
  const words = name.split('-').filter((word) => word.length >= NAME_WORD_MIN);
  const shown = [title, ...siteNames, ...headings.slice(0, 4)].join(' ').toLowerCase();
  return words.length > 0 && words.every((word) => shown.includes(word));
}

/** Whoever runs a product in a house of his own shows its name; on a place that anybody gets, he does not. */
function brandPoints({ brand }: BrandMention, page: HostParts, inHost: BrandMention | undefined): number {
  if (isLetFree(page)) return 60;
  if (isInstalledProduct(brand.name)) return 10;
  return inHost?.brand === brand ? 60 : 45;
}

function isLetFree(page: HostParts): boolean {
  const kind = hostingOf(page.host);
  return kind === 'pages' || kind === 'dynamic' || kind === 'tunnel';
}

function domainOf(place: string): string {
  const host = canonicalUrl(place)?.host;
  return host === undefined ? '' : hostParts(host).domain;
}

function isPrivatePlace(host: string): boolean {
  return (
    /^(?:localhost|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[(?:::1|f[cd]))/.test(host) ||
    !host.includes('.')
  );
}

function sign(code: string, text: string, points: number, category: PageSign['category']): PageSign {
  return { code, text, points, category };
}

import type { HostParts } from '../../protocols/url/index.ts';
import type { Bloom } from './bloom.ts';
import { brandIn, type BrandMention, isOwnDomain } from './brands.ts';
import { type Hosting, hostingOf } from './hosting.ts';
import type { Language } from './language.ts';
import { TextShape } from './text-shape.ts';
import type { Words } from './words.ts';

/** What a URL is compared with; part of the model. */
export interface UrlKnowledge {
  readonly language: Language;
  readonly words: Words;
  /** Domains that many people visit, by lists of today and of years ago. */
  readonly popular: Bloom;
  readonly established: Bloom;
}

/** Columns of the trees, in their order. A column that is new comes last: a model names how many it knows. */
export const URL_FEATURES = [
  'placeTokens',
  'nameTokens',
  'subTokens',
  'pathTokens',
  'hostLength',
  'labels',
  'nameLength',
  'nameDigits',
  'nameHyphens',
  'nameEntropy',
  'nameVowels',
  'nameConsonantRun',
  'nameDigitRun',
  'nameSwitches',
  'nameSurprise',
  'namePeak',
  'nameCovered',
  'nameWords',
  'subLength',
  'subLabels',
  'subDigits',
  'subHyphens',
  'subEntropy',
  'subSurprise',
  'subCovered',
  'isAddress',
  'hasPort',
  'domainPopular',
  'siteEstablished',
  'hostPopular',
  'parentPopular',
  'isPrivateSuffix',
  'suffixLabels',
  'suffixLength',
  'hosting',
  'isPuny',
  'brandInName',
  'brandInSub',
  'brandSpelling',
  'brandOwn',
  'pathLength',
  'pathDepth',
  'pathDigits',
  'pathUpper',
  'pathEntropy',
  'pathHyphens',
  'pathLongest',
  'pathSurprise',
  'pathWords',
  'pathEnding',
  'lures',
  'hostLures',
  'queryLength',
  'queryParameters',
  'queryDigits',
  'queryEntropy',
  'escapes',
  'mailInQuery',
] as const;

export type UrlFeature = (typeof URL_FEATURES)[number];
export const URL_FEATURE_AT = Object.fromEntries(URL_FEATURES.map((name, at) => [name, at])) as Readonly<
  Record<UrlFeature, number>
>;
const F = URL_FEATURE_AT;

const HOSTINGS: Readonly<Record<Hosting, number>> = {
  files: 1,
  shortener: 2,
  pages: 3,
  dynamic: 4,
  tunnel: 5,
};
const SPELLINGS: Readonly<Record<BrandMention['spelling'], number>> = { plain: 1, near: 2, 'look-alike': 3 };

/** Words that ask for trust or for haste. */
const LURES =
  /log-?in|sign-?in|verif|secur|account|update|confirm|wallet|password|bank|billing|invoice|recover|unlock|suspend|auth|claim|airdrop|reward|bonus|gift|refund|track|deliver|parcel|support|webmail|kyc|connect|swap|token|validat/g;
const STATIC = /\.(?:css|js|mjs|png|jpe?g|gif|svg|ico|webp|woff2?|ttf|mp[34]|webm)$/;
const PAGE = /\.(?:html?|php\d?|aspx?|jsp|cgi|do)$/;
const PROGRAM =
  /\.(?:exe|msi|scr|bat|cmd|ps1|vbs|hta|lnk|apk|dmg|jar|sh|bin|elf|mips|mpsl|arm\d?|x86(?:_64)?|i[56]86|zip|rar|7z|iso|img|dll)$/;

/** Fills `row` for one URL; the first columns, of `TOKEN_GROUPS`, are the caller's. Reuses its working space. */
export class UrlFeatures {
  readonly row = new Float64Array(URL_FEATURES.length);
  /** What the last URL names, for its reasons. */
  brand: BrandMention | undefined;
  hosting: Hosting | undefined;
  readonly #knowledge: UrlKnowledge;
  readonly #shape = new TextShape();

  constructor(knowledge: UrlKnowledge) {
    this.#knowledge = knowledge;
  }

  fill(parts: HostParts, port: number, path: string, query: string): Float64Array {
    this.row.fill(0);
    this.brand = undefined;
    this.#host(parts, port);
    this.#name(parts.name);
    this.#subdomain(parts.subdomain);
    this.#place(parts);
    this.#brands(parts);
    this.#path(path);
    this.#query(query);
    return this.row;
  }

  #host({ host, isAddress, suffix, isPrivate }: HostParts, port: number): void {
    const { row } = this;
    row[F.isAddress] = isAddress ? 1 : 0;
    row[F.hasPort] = port !== 0 && port !== 80 && port !== 443 ? 1 : 0;
    if (isAddress) return;
    row[F.hostLength] = host.startsWith('www.') ? host.length - 4 : host.length;
    row[F.labels] = count(host, 0x2e) + (host.startsWith('www.') ? 0 : 1);
    row[F.isPrivateSuffix] = isPrivate ? 1 : 0;
    row[F.suffixLabels] = count(suffix, 0x2e) + 1;
    row[F.suffixLength] = suffix.length;
    row[F.isPuny] = host.includes('xn--') ? 1 : 0;
    row[F.hostLures] = matches(host);
  }

  #name(name: string): void {
    if (name === '') return;
    const { row } = this;
    const { language, words } = this.#knowledge;
    const shape = this.#shape.measure(name);
    row[F.nameLength] = shape.length;
    row[F.nameDigits] = shape.digits / shape.length;
    row[F.nameHyphens] = shape.hyphens;
    row[F.nameEntropy] = shape.entropy;
    row[F.nameVowels] = shape.letters === 0 ? 0 : shape.vowels / shape.letters;
    row[F.nameConsonantRun] = shape.consonantRun;
    row[F.nameDigitRun] = shape.digitRun;
    row[F.nameSwitches] = shape.switches;
    row[F.nameSurprise] = language.surprise(name);
    row[F.namePeak] = language.peak(name);
    const wording = words.read(name);
    row[F.nameCovered] = wording.covered;
    row[F.nameWords] = wording.words;
  }

  #subdomain(subdomain: string): void {
    if (subdomain === '') return;
    const { row } = this;
    const { language, words } = this.#knowledge;
    const shape = this.#shape.measure(subdomain);
    row[F.subLength] = shape.length;
    row[F.subLabels] = count(subdomain, 0x2e) + 1;
    row[F.subDigits] = shape.digits / shape.length;
    row[F.subHyphens] = shape.hyphens;
    row[F.subEntropy] = shape.entropy;
    row[F.subSurprise] = language.surprise(subdomain);
    row[F.subCovered] = words.read(subdomain).covered;
  }

  #place({ host, domain, suffix, isPrivate, isAddress }: HostParts): void {
    this.hosting = undefined;
    if (isAddress) return;
    const { row } = this;
    const { popular, established } = this.#knowledge;
    const bare = host.startsWith('www.') ? host.slice(4) : host;
    row[F.domainPopular] = popular.has(domain) ? 1 : 0;
    row[F.siteEstablished] = established.has(domain) ? 1 : 0;
    row[F.hostPopular] = bare !== domain && popular.has(bare) ? 1 : 0;
    row[F.parentPopular] = isPrivate && popular.has(suffix) ? 1 : 0;
    this.hosting = hostingOf(host);
    row[F.hosting] = this.hosting === undefined ? 0 : HOSTINGS[this.hosting];
  }

  #brands({ domain, name, subdomain, isAddress }: HostParts): void {
    const { row } = this;
    const inName = isAddress ? undefined : brandIn(name);
    const inSub = subdomain === '' ? undefined : brandIn(subdomain);
    if (inName !== undefined && isOwnDomain(inName.brand, domain)) row[F.brandOwn] = 1;
    else if (inName !== undefined && row[F.domainPopular] === 0) {
      row[F.brandInName] = 1;
      row[F.brandSpelling] = SPELLINGS[inName.spelling];
      this.brand = inName;
    }
    if (inSub !== undefined && !isOwnDomain(inSub.brand, domain)) {
      row[F.brandInSub] = 1;
      row[F.brandSpelling] = Math.max(row[F.brandSpelling]!, SPELLINGS[inSub.spelling]);
      this.brand ??= inSub;
    }
  }

  #path(whole: string): void {
    const path = whole.endsWith('/') ? whole.slice(0, -1) : whole;
    if (path.length === 0) return;
    const { row } = this;
    const { language, words } = this.#knowledge;
    const shape = this.#shape.measure(path);
    row[F.pathLength] = shape.length;
    row[F.pathDigits] = shape.digits / shape.length;
    row[F.pathUpper] = shape.letters === 0 ? 0 : shape.upper / shape.letters;
    row[F.pathEntropy] = shape.entropy;
    row[F.pathHyphens] = shape.hyphens;
    const lower = path.slice(0, 200).toLowerCase();
    let longest = 0;
    let pieces = 0;
    let known = 0;
    let depth = 0;
    let start = 1;
    for (let at = 1; at <= lower.length; at++) {
      const code = at === lower.length ? 0x2f : lower.charCodeAt(at);
      if (code >= 97 && code <= 122) continue;
      if (at - start >= 3) {
        pieces++;
        if (words.has(lower.slice(start, at))) known++;
      }
      start = at + 1;
    }
    for (let at = 0, segment = 0; at <= path.length; at++) {
      if (at < path.length && path.charCodeAt(at) !== 0x2f) continue;
      if (at - segment > longest) longest = at - segment;
      if (at < path.length) depth++;
      segment = at + 1;
    }
    row[F.pathDepth] = depth;
    row[F.pathLongest] = longest;
    row[F.pathSurprise] = language.surprise(lower.slice(1, 64));
    row[F.pathWords] = pieces === 0 ? -1 : known / pieces;
    row[F.pathEnding] = ending(lower);
    row[F.lures] = matches(lower);
    row[F.escapes] = count(path, 0x25);
  }

  #query(query: string): void {
    if (query === '') return;
    const { row } = this;
    const shape = this.#shape.measure(query.length > 512 ? query.slice(0, 512) : query);
    row[F.queryLength] = query.length;
    row[F.queryParameters] = count(query, 0x26) + 1;
    row[F.queryDigits] = shape.digits / shape.length;
    row[F.queryEntropy] = shape.entropy;
    row[F.escapes]! += count(query, 0x25);
    row[F.mailInQuery] = query.includes('@') || query.includes('%40') ? 1 : 0;
  }
}

function ending(path: string): number {
  const dot = path.lastIndexOf('.');
  if (dot <= path.lastIndexOf('/')) return 0;
  const tail = path.slice(dot);
  if (PAGE.test(tail)) return 1;
  if (PROGRAM.test(tail)) return 3;
  return STATIC.test(tail) ? 2 : 4;
}

function matches(text: string): number {
  LURES.lastIndex = 0;
  let found = 0;
  while (LURES.test(text)) found++;
  return found;
}

function count(text: string, code: number): number {
  let found = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) === code) found++;
  return found;
}

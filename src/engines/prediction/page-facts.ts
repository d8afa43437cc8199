import { dataDocumentIn, hidesForm } from './hidden-text.ts';
import { htmlTokens, type HtmlLimits, type HtmlToken } from '../../protocols/html/index.ts';

/** A form of a page. */
export interface PageForm {
  /** Absolute; the page itself when the form names no place. */
  readonly action: string;
  readonly method: 'get' | 'post';
  readonly fields: readonly string[];
  readonly hasPassword: boolean;
}

/** What stands in a page, as far as it is judged by. Bounded by `PAGE_LIMITS` and `LIST_MAX`. */
export interface PageFacts {
  readonly title: string;
  /** `og:site_name`, `og:title`, `application-name`. */
  readonly siteNames: readonly string[];
  readonly headings: readonly string[];
  /** Absolute URLs. */
  readonly icons: readonly string[];
  readonly images: readonly string[];
  readonly forms: readonly PageForm[];
  readonly hasPassword: boolean;
  /** Frames that nobody sees. */
  readonly hiddenFrames: readonly string[];
  readonly frames: readonly string[];
  /** Where `meta refresh` and scripts that run at once lead. */
  readonly redirects: readonly { readonly by: 'meta' | 'script'; readonly to: string }[];
  /** Documents and scripts inside the page's own text: `data:text/html` and the like. */
  readonly dataDocuments: number;
  /** Of them, those that hold a form or a field for a password. */
  readonly dataForms: number;
  /** Signs of scripts that hide what they do, by name. */
  readonly scriptSigns: readonly ScriptSign[];
  readonly links: number;
  readonly foreignLinks: number;
  readonly text: string;
}

export type ScriptSign =
  | 'decode-and-run'
  | 'renamed'
  | 'escaped'
  | 'written-unescaped'
  | 'blocks-inspection'
  | 'hides-form';

export const PAGE_LIMITS: HtmlLimits = {
  tokensMax: 200_000,
  attributesMax: 48,
  valueMax: 2048,
  textMax: 262_144,
};
const LIST_MAX = 64;
const FIELDS_MAX = 64;
const TEXT_MAX = 8192;
/** Characters of all scripts together that are searched for signs. */
const SCRIPT_MAX = 1_048_576;

/** Reads a page. `base` is where it was found. */
export function pageFacts(html: string, base: string, limits: HtmlLimits = PAGE_LIMITS): PageFacts {
  const reader = new PageReader(base);
  for (const token of htmlTokens(html, limits)) reader.take(token);
  return reader.facts();
}

interface OpenForm {
  action: string;
  method: 'get' | 'post';
  fields: string[];
  hasPassword: boolean;
}

class PageReader {
  #base: string;
  readonly #host: string;
  #title = '';
  #text = '';
  #heading = false;
  #form: OpenForm | undefined;
  #hasPassword = false;
  #noscript = false;
  #scriptLeft = SCRIPT_MAX;
  #dataDocuments = 0;
  #dataForms = 0;
  #links = 0;
  #foreignLinks = 0;
  readonly #forms: OpenForm[] = [];
  readonly #siteNames: string[] = [];
  readonly #headings: string[] = [];
  readonly #icons: string[] = [];
  readonly #images: string[] = [];
  readonly #frames: string[] = [];
  readonly #hiddenFrames: string[] = [];
  readonly #redirects: { by: 'meta' | 'script'; to: string }[] = [];
  readonly #signs = new Set<ScriptSign>();

  constructor(base: string) {
    this.#base = base;
    this.#host = URL.parse(base)?.hostname ?? '';
  }

  take(token: HtmlToken): void {
    if (token.kind === 'text') this.#takeText(token.text, token.inside);
    else if (token.kind === 'end') this.#takeEnd(token.name);
    else this.#takeStart(token.name, token.attributes);
  }

  facts(): PageFacts {
    return {
      title: this.#title.replace(/\s+/g, ' ').trim().slice(0, 300),
      siteNames: this.#siteNames,
      headings: this.#headings,
      icons: this.#icons,
      images: this.#images,
      forms: this.#forms,
      hasPassword: this.#hasPassword,
      hiddenFrames: this.#hiddenFrames,
      frames: this.#frames,
      redirects: this.#redirects,
      dataDocuments: this.#dataDocuments,
      dataForms: this.#dataForms,
      scriptSigns: [...this.#signs],
      links: this.#links,
      foreignLinks: this.#foreignLinks,
      text: this.#text,
    };
  }

  #takeText(text: string, inside: string): void {
    if (inside === 'title') this.#title ||= text.slice(0, 1024);
    else if (inside === 'script') this.#script(text);
    else if (inside === '') {
      if (this.#text.length < TEXT_MAX) this.#text += ` ${text.slice(0, 512).replace(/\s+/g, ' ').trim()}`;
      if (this.#heading) keep(this.#headings, text.replace(/\s+/g, ' ').trim().slice(0, 200));
    }
  }

  #takeEnd(name: string): void {
    if (name === 'form') this.#form = undefined;
    else if (name === 'h1') this.#heading = false;
    else if (name === 'noscript') this.#noscript = false;
  }

  #takeStart(name: string, attributes: ReadonlyMap<string, string>): void {
    const value = (key: string): string => attributes.get(key) ?? '';
    switch (name) {
      case 'base': {
        if (value('href') !== '') this.#base = this.#absolute(value('href')) || this.#base;
        return;
      }
      case 'meta':
        return this.#meta(value);
      case 'link': {
        if (/\bicon\b/i.test(value('rel'))) keep(this.#icons, this.#absolute(value('href')));
        return;
      }
      case 'form':
        return this.#openForm(value);
      case 'input':
      case 'select':
      case 'textarea':
        return this.#field(value);
      case 'iframe':
      case 'frame':
      case 'embed':
      case 'object':
        return this.#frame(attributes);
      case 'img': {
        keep(this.#images, this.#absolute(value('src')));
        return;
      }
      case 'a': {
        this.#link(value('href'));
        return;
      }
      case 'h1': {
        this.#heading = true;
        return;
      }
      case 'noscript': {
        this.#noscript = true;
        return;
      }
      case 'script': {
        this.#dataUri(value('src'));
        return;
      }
      default: {
        if (/return false|preventDefault/.test(value('oncontextmenu'))) this.#signs.add('blocks-inspection');
      }
    }
  }

  #meta(value: (key: string) => string): void {
    const content = value('content');
    if (value('http-equiv').toLowerCase() === 'refresh') {
      const target =
        /^\s*\d*(?:\.\d*)?\s*[;,]?\s*(?:url\s*=)?\s*['"]?([^'"]*)/i.exec(content)?.[1]?.trim() ?? '';
      if (target !== '') this.#redirect('meta', target);
      return;
    }
    const name = (value('property') || value('name')).toLowerCase();
    if (['og:site_name', 'og:title', 'application-name', 'apple-mobile-web-app-title'].includes(name)) {
      keep(this.#siteNames, content.slice(0, 200));
    }
    if (name === 'og:image') keep(this.#images, this.#absolute(content));
  }

  #openForm(value: (key: string) => string): void {
    const action = value('action').trim();
    this.#dataUri(action);
    this.#form = {
      action: action === '' ? this.#base : this.#absolute(action),
      method: value('method').toLowerCase() === 'post' ? 'post' : 'get',
      fields: [],
      hasPassword: false,
    };
    if (this.#forms.length < LIST_MAX) this.#forms.push(this.#form);
  }

  #field(value: (key: string) => string): void {
    const type = value('type').toLowerCase();
    if (type === 'password') {
      this.#hasPassword = true;
      if (this.#form !== undefined) this.#form.hasPassword = true;
    }
    if (this.#form === undefined || ['hidden', 'submit', 'button', 'image'].includes(type)) return;
    const name = value('name') || value('id') || value('placeholder');
    if (name !== '' && this.#form.fields.length < FIELDS_MAX) this.#form.fields.push(name.slice(0, 64));
  }

  #frame(attributes: ReadonlyMap<string, string>): void {
    const source = attributes.get('src') ?? attributes.get('data') ?? '';
    this.#dataUri(source);
    const place = this.#absolute(source);
    if (place === '') return;
    // Frames for browsers without script are how counters count.
    if (isHidden(attributes) && !this.#noscript) keep(this.#hiddenFrames, place);
    else keep(this.#frames, place);
  }

  #link(href: string): void {
    this.#dataUri(href);
    const place = this.#absolute(href);
    if (!place.startsWith('http')) return;
    this.#links++;
    if (URL.parse(place)?.hostname !== this.#host) this.#foreignLinks++;
  }

  #script(source: string): void {
    if (this.#scriptLeft <= 0) return;
    const text = source.slice(0, this.#scriptLeft);
    this.#scriptLeft -= text.length;
    for (const sign of scriptSigns(text)) this.#signs.add(sign);
    const jump = JUMP.exec(text);
    // Inside a function or a handler it waits for somebody.
    if (jump !== null && !/function|=>|addEventListener|\bif\b/.test(text.slice(0, jump.index))) {
      this.#redirect('script', jump[1]!);
    }
  }

  #dataUri(uri: string): void {
    const found = dataDocumentIn(uri);
    if (found === 'none') return;
    this.#dataDocuments++;
    if (found === 'form') this.#dataForms++;
  }

  #redirect(by: 'meta' | 'script', target: string): void {
    this.#dataUri(target);
    const to = this.#absolute(target);
    if (to !== '' && this.#redirects.length < LIST_MAX) this.#redirects.push({ by, to });
  }

  /** Empty when it is no URL. */
  #absolute(text: string): string {
    const trimmed = text.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return '';
    return URL.parse(trimmed, this.#base)?.href.slice(0, 2048) ?? '';
  }
}

const JUMP =
  /(?:^|[;{}\s(])(?:(?:window|document|top|self|parent)\.)?location(?:\.href)?(?:\s*=\s*|\.(?:replace|assign)\(\s*)["']([^"'\\\s]{4,2048})["']/;

/** Signs of a script that hides what it does. Libraries that are merely made small show none of them. */
export function scriptSigns(source: string): readonly ScriptSign[] {
  const signs: ScriptSign[] = [];
  if (
    /(?:eval|Function|setTimeout)\s*\(\s*(?:atob|unescape|decodeURIComponent|String\.fromCharCode|function\s*\(p,a,c,k,e)/.test(
      source,
    )
  ) {
    signs.push('decode-and-run');
  }
  if (
    /document\.write(?:ln)?\s*\(\s*(?:unescape|atob|decodeURIComponent|String\.fromCharCode)\s*\(/.test(
      source,
    )
  ) {
    signs.push('written-unescaped');
  }
  if (occurrences(source, '_0x', 24) >= 24) signs.push('renamed');
  if (/(?:\\x[0-9a-f]{2}){48}|(?:%[0-9a-f]{2}){96}|(?:\\u00[0-9a-f]{2}){48}/i.test(source))
    signs.push('escaped');
  if (hidesForm(source)) signs.push('hides-form');
  if (/(?:setInterval|setTimeout)[^;]{0,80}debugger|keyCode\s*={2,3}\s*123|["']F12["']/.test(source)) {
    signs.push('blocks-inspection');
  }
  return signs;
}

function occurrences(text: string, what: string, enough: number): number {
  let found = 0;
  for (let at = text.indexOf(what); at >= 0 && found < enough; at = text.indexOf(what, at + what.length))
    found++;
  return found;
}

function isHidden(attributes: ReadonlyMap<string, string>): boolean {
  const tiny = (key: string): boolean => /^\s*[01](?:px)?\s*$/.test(attributes.get(key) ?? '');
  const style = (attributes.get('style') ?? '').replace(/\s+/g, '').toLowerCase();
  return (
    attributes.has('hidden') ||
    (tiny('width') && tiny('height')) ||
    /display:none|visibility:hidden|opacity:0(?![.\d])|(?:width|height):[01](?:px)?(?:;|$)|(?:left|top):-\d{3,}px/.test(
      style,
    )
  );
}

function keep(list: string[], text: string): void {
  if (text !== '' && list.length < LIST_MAX) list.push(text);
}

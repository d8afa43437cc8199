import { SaxesParser } from 'saxes';

/** An OpenIOC document (1.0: `ioc/definition`, 1.1: `OpenIOC/criteria`), as far as indicators go. */
export interface IocDocument {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly authoredAt: string;
  /** `rel="threatgroup"` → its text. */
  readonly links: ReadonlyMap<string, string>;
  readonly root: IocGroup;
}

export interface IocGroup {
  readonly type: 'group';
  readonly operator: 'and' | 'or';
  readonly children: (IocGroup | IocItem)[];
}

export interface IocItem {
  readonly type: 'item';
  /** From 1, in the order of the document. */
  readonly position: number;
  readonly condition: string;
  readonly isNegated: boolean;
  search: string;
  content: string;
}

/** Elements inside elements. Public documents have some ten. */
const DEPTH_MAX = 64;
/** So that a document that is wrong at its beginning is not read to its end. */
const SLICE_CHARS = 65_536;

/**
 * Reads the XML. A text is the reason why it is no OpenIOC document. Entities of a document type are never expanded,
 * because a document type is refused: OpenIOC has none.
 */
export function readIocDocument(text: string): IocDocument | string {
  const reader = new Reader();
  for (let at = 0; at < text.length && reader.problem === undefined; at += SLICE_CHARS)
    reader.write(text.slice(at, at + SLICE_CHARS));
  return reader.end();
}

class Reader {
  readonly #parser = new SaxesParser();
  readonly #path: string[] = [];
  readonly #groups: IocGroup[] = [{ type: 'group', operator: 'or', children: [] }];
  readonly #links = new Map<string, string>();
  readonly #about = { id: '', title: '', description: '', authoredAt: '' };
  #item: IocItem | undefined;
  #items = 0;
  #rel = '';
  #text = '';
  #isOpenIoc = false;
  problem: string | undefined;

  constructor() {
    this.#parser.on('error', (error) => this.#fail(`not XML: ${error.message.slice(0, 100)}`));
    this.#parser.on('doctype', () => this.#fail('a document type: OpenIOC has none'));
    this.#parser.on('opentag', ({ name, attributes }) => this.#open(localName(name), attributes));
    this.#parser.on('text', (text) => (this.#text += text));
    this.#parser.on('cdata', (text) => (this.#text += text));
    this.#parser.on('closetag', ({ name }) => this.#close(localName(name)));
  }

  write(slice: string): void {
    this.#parser.write(slice);
  }

  end(): IocDocument | string {
    if (this.problem === undefined) this.#parser.close();
    if (this.problem !== undefined) return this.problem;
    if (!this.#isOpenIoc) return 'no OpenIOC document: its first element is neither ioc nor OpenIOC';
    return { ...this.#about, links: this.#links, root: this.#groups[0]! };
  }

  #open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (this.problem !== undefined) return;
    if (this.#path.length === 0) {
      this.#isOpenIoc = name === 'ioc' || name === 'OpenIOC';
      this.#about.id = attributes['id'] ?? '';
    }
    this.#path.push(name);
    if (this.#path.length > DEPTH_MAX) this.#fail(`elements deeper than ${DEPTH_MAX}`);
    this.#text = '';
    if (name === 'Indicator') {
      const operator = attributes['operator']?.toUpperCase() === 'AND' ? 'and' : 'or';
      const group: IocGroup = { type: 'group', operator, children: [] };
      this.#groups.at(-1)!.children.push(group);
      this.#groups.push(group);
    } else if (name === 'IndicatorItem') {
      this.#item = {
        type: 'item',
        position: ++this.#items,
        condition: attributes['condition'] ?? 'is',
        isNegated: attributes['negate'] === 'true',
        search: '',
        content: '',
      };
      this.#groups.at(-1)!.children.push(this.#item);
    } else if (name === 'Context' && this.#item !== undefined) {
      this.#item.search = attributes['search'] ?? '';
    } else if (name === 'link') {
      this.#rel = attributes['rel'] ?? '';
    }
  }

  #close(name: string): void {
    if (this.problem !== undefined) return;
    this.#path.pop();
    const text = this.#text.trim();
    this.#text = '';
    if (name === 'Indicator') this.#groups.pop();
    else if (name === 'IndicatorItem') this.#item = undefined;
    else if (this.#item !== undefined) {
      if (name === 'Content') this.#item.content = text;
    } else if (name === 'short_description') this.#about.title = text;
    else if (name === 'description') this.#about.description = text;
    else if (name === 'authored_date') this.#about.authoredAt = text;
    else if (name === 'link') this.#links.set(this.#rel, text);
  }

  #fail(problem: string): void {
    this.problem ??= problem;
  }
}

/** Without the prefix of a namespace. */
function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

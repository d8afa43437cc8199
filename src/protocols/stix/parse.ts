import {
  type Comparison,
  type Literal,
  type ObjectPath,
  type Observation,
  type Operator,
  PATTERN_LIMITS,
  type PatternError,
  type PatternLimits,
  type Qualifier,
} from './pattern.ts';
import { type Token, Tokens } from './tokens.ts';

/** Reads a pattern. What it returns for a text that is none says where and why; it never throws for one. */
export function parsePattern(
  text: string,
  limits: PatternLimits = PATTERN_LIMITS,
): Observation | PatternError {
  if (text.length > limits.charsMax)
    return { position: limits.charsMax, message: `longer than ${limits.charsMax} characters` };
  try {
    return new Parser(text, limits.depthMax).pattern();
  } catch (error) {
    if (error instanceof Mistake) return error.where;
    throw error;
  }
}

export function isPatternError(result: Observation | PatternError): result is PatternError {
  return 'message' in result;
}

/** Leaves the descent; never leaves this file. */
class Mistake extends Error {
  readonly where: PatternError;

  constructor(where: PatternError) {
    super(where.message);
    this.where = where;
  }
}

const MARK_OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['=', '='],
  ['==', '='],
  ['!=', '!='],
  ['<>', '!='],
  ['<', '<'],
  ['>', '>'],
  ['<=', '<='],
  ['>=', '>='],
]);
const TEXT_OPERATORS = ['LIKE', 'MATCHES', 'ISSUBSET', 'ISSUPERSET'] as const;

/** Recursive descent, one function a rule of the grammar; recurses at parentheses alone. */
class Parser {
  readonly #tokens: Tokens;
  readonly #depthMax: number;
  #depth = 0;
  #token: Token;
  #end = 0;

  constructor(text: string, depthMax: number) {
    this.#tokens = new Tokens(text);
    this.#depthMax = depthMax;
    this.#token = this.#read();
  }

  pattern(): Observation {
    const observation = this.#followedBy();
    if (this.#token.type !== 'end') this.#fail('something behind the end of the pattern');
    return observation;
  }

  // FOLLOWEDBY binds least, then OR, then AND (§9.5.2, table of precedence).
  #followedBy(): Observation {
    return this.#chain('FOLLOWEDBY', 'followed-by', () => this.#observationOr());
  }

  #observationOr(): Observation {
    return this.#chain('OR', 'or', () => this.#observationAnd());
  }

  #observationAnd(): Observation {
    return this.#chain('AND', 'and', () => this.#qualified());
  }

  #qualified(): Observation {
    const start = this.#token.start;
    let observation = this.#observation();
    const types = new Set<Qualifier['type']>();
    for (;;) {
      const at = this.#token.start;
      const qualifier = this.#qualifier();
      if (qualifier === undefined) return observation;
      // At most one of each type (§9.5.1): what comes out is no deeper than its parentheses.
      if (types.has(qualifier.type)) throw new Mistake({ position: at, message: 'the same qualifier twice' });
      types.add(qualifier.type);
      observation = { type: 'qualified', observation, qualifier, start, end: this.#end };
    }
  }

  #observation(): Observation {
    const start = this.#token.start;
    if (this.#take('mark', '(')) {
      const inner = this.#nested(() => this.#followedBy());
      this.#expect('mark', ')');
      return { ...inner, start, end: this.#end };
    }
    if (!this.#take('mark', '[')) this.#fail('an observation in square brackets is missing');
    const comparison = this.#comparison();
    this.#expect('mark', ']');
    return { type: 'observation', comparison, start, end: this.#end };
  }

  #qualifier(): Qualifier | undefined {
    if (this.#take('word', 'WITHIN')) {
      const seconds = this.#number('WITHIN');
      this.#expect('word', 'SECONDS');
      return { type: 'within', seconds };
    }
    if (this.#take('word', 'REPEATS')) {
      const times = this.#number('REPEATS');
      if (!Number.isInteger(times)) this.#fail('REPEATS with a fraction');
      this.#expect('word', 'TIMES');
      return { type: 'repeats', times };
    }
    if (!this.#take('word', 'START')) return undefined;
    const startMs = this.#time();
    this.#expect('word', 'STOP');
    return { type: 'start-stop', startMs, stopMs: this.#time() };
  }

  #comparison(): Comparison {
    return this.#chain('OR', 'or', () => this.#chain('AND', 'and', () => this.#test()));
  }

  #test(): Comparison {
    const start = this.#token.start;
    // The grammar has no NOT before parentheses, yet patterns have it; it is understood and never an indicator.
    const isNegatedOutside = this.#take('word', 'NOT');
    if (this.#take('mark', '(')) {
      const inner = this.#nested(() => this.#comparison());
      this.#expect('mark', ')');
      const span = { start, end: this.#end };
      return isNegatedOutside ? negated({ ...inner, ...span }) : { ...inner, ...span };
    }
    if (this.#take('word', 'EXISTS')) {
      const path = this.#path();
      const span = { start, end: this.#end };
      return { type: 'test', path, operator: 'EXISTS', isNegated: isNegatedOutside, literals: [], ...span };
    }
    const path = this.#path();
    const isNegated = this.#take('word', 'NOT') !== isNegatedOutside;
    const operator = this.#operator();
    const literals = operator === 'IN' ? this.#set() : [this.#literal(operator)];
    return { type: 'test', path, operator, isNegated, literals, start, end: this.#end };
  }

  #path(): ObjectPath {
    const type = this.#token;
    if (type.type !== 'word') this.#fail('an object path like file:name is missing');
    this.#advance();
    this.#expect('mark', ':');
    const steps: (string | number | { readonly any: true })[] = [this.#step()];
    for (;;) {
      if (this.#take('mark', '.')) steps.push(this.#step());
      else if (this.#take('mark', '[')) {
        if (this.#take('mark', '*')) steps.push({ any: true });
        else steps.push(this.#number('an index'));
        this.#expect('mark', ']');
      } else return { type: type.text, steps };
    }
  }

  #step(): string {
    const token = this.#token;
    const isText = token.type === 'literal' && token.literal.type === 'text';
    if (token.type !== 'word' && !isText) this.#fail('the name of a property is missing');
    this.#advance();
    return isText ? token.literal.value : token.text;
  }

  #operator(): Operator {
    const { type, text } = this.#token;
    const found =
      type === 'mark'
        ? MARK_OPERATORS.get(text)
        : type === 'word'
          ? (TEXT_OPERATORS.find((word) => word === text) ?? (text === 'IN' ? 'IN' : undefined))
          : undefined;
    if (found === undefined) this.#fail('an operator like = is missing');
    this.#advance();
    return found;
  }

  #literal(operator: Operator): Literal {
    const token = this.#token;
    if (token.type !== 'literal') this.#fail('a value is missing');
    if (TEXT_OPERATORS.some((word) => word === operator) && token.literal.type !== 'text')
      this.#fail(`${operator} with something that is no text`);
    this.#advance();
    return token.literal;
  }

  #set(): readonly Literal[] {
    this.#expect('mark', '(');
    if (this.#take('mark', ')')) return [];
    const literals = [this.#literal('IN')];
    while (this.#take('mark', ',')) literals.push(this.#literal('IN'));
    this.#expect('mark', ')');
    return literals;
  }

  #number(what: string): number {
    const token = this.#token;
    if (token.type !== 'literal' || token.literal.type !== 'number')
      this.#fail(`the number of ${what} is missing`);
    this.#advance();
    return token.literal.value;
  }

  /** STIX 2.0 had texts here, STIX 2.1 has `t'…'`. */
  #time(): number {
    const token = this.#token;
    if (token.type !== 'literal') this.#fail('a timestamp is missing');
    const { literal } = token;
    const ms =
      literal.type === 'timestamp' ? literal.ms : literal.type === 'text' ? Date.parse(literal.value) : NaN;
    if (Number.isNaN(ms)) this.#fail('not a timestamp');
    this.#advance();
    return ms;
  }

  #chain<N extends Observation | Comparison, T extends string>(
    word: string,
    type: T,
    part: () => N,
  ): N | { type: T; parts: readonly N[]; start: number; end: number } {
    const first = part();
    if (!this.#at('word', word)) return first;
    const parts = [first];
    while (this.#take('word', word)) parts.push(part());
    return { type, parts, start: first.start, end: this.#end };
  }

  #nested<T>(inner: () => T): T {
    if (++this.#depth > this.#depthMax) this.#fail(`parentheses deeper than ${this.#depthMax}`);
    const result = inner();
    this.#depth--;
    return result;
  }

  #at(type: Token['type'], text: string): boolean {
    return this.#token.type === type && this.#token.text === text;
  }

  #take(type: Token['type'], text: string): boolean {
    const isHere = this.#at(type, text);
    if (isHere) this.#advance();
    return isHere;
  }

  #expect(type: Token['type'], text: string): void {
    if (!this.#take(type, text)) this.#fail(`${text} is missing`);
  }

  #advance(): void {
    this.#end = this.#token.end;
    this.#token = this.#read();
  }

  #read(): Token {
    const token = this.#tokens.next();
    if ('message' in token) throw new Mistake(token);
    return token;
  }

  #fail(message: string): never {
    throw new Mistake({ position: this.#token.start, message });
  }
}

/** NOT before parentheses: De Morgan, down to the tests. Depth is that of the parentheses. */
function negated(comparison: Comparison): Comparison {
  if (comparison.type === 'test') return { ...comparison, isNegated: !comparison.isNegated };
  const type = comparison.type === 'and' ? 'or' : 'and';
  return { ...comparison, type, parts: comparison.parts.map(negated) };
}

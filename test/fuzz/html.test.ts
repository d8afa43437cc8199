/** Invariant: any text ends in a bounded number of tokens, nothing is thrown, and work grows with the length. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { judgePage, pageFacts } from '../../src/engines/prediction/index.ts';
import { htmlTokens } from '../../src/protocols/html/index.ts';

const LIMITS = { tokensMax: 500, attributesMax: 8, valueMax: 64, textMax: 256 };
const PIECES = [
  '<',
  '>',
  '</',
  '/>',
  '<!--',
  '-->',
  '<!',
  '<?',
  '"',
  "'",
  '=',
  '&',
  ';',
  '&#',
  ' ',
  '\n',
  '\0',
  'a',
  'script',
  '<script>',
  '</script',
  '<title>',
  '<form action=',
  '<input type=password>',
  '<meta http-equiv=refresh content="0;url=',
  '<base href="',
  'http://x/',
  'data:text/html,',
  'location.href="',
  '<iframe hidden src=',
  '\u{d800}',
  'eval(atob(',
  'é',
];
const page = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 6 })), { maxLength: 120 })
  .map((all) => all.join(''));

test('any text is a page', () => {
  fc.assert(
    fc.property(page, (text) => {
      const tokens = [...htmlTokens(text, LIMITS)];
      assert.ok(tokens.length <= LIMITS.tokensMax);
      const facts = pageFacts(text, 'http://x.example/');
      const context = {
        url: 'http://x.example/',
        site: undefined,
        generated: undefined,
        isPopular: false,
        isNew: true,
      };
      const { score, verdict } = judgePage(facts, context);
      assert.ok(score >= 0 && score <= 100 && verdict.length > 0);
    }),
    { numRuns: 2000 },
  );
});

test('no page is longer to read than its length', () => {
  // Each was quadratic in one parser or another: a million characters of them would take minutes then.
  for (const piece of [
    '<',
    '</',
    '<a',
    '<a ',
    '<!--',
    '"',
    '<p a="',
    '<script>',
    '</script',
    '&#',
    '<a b=',
    '<title><',
    'location=',
  ]) {
    const facts = pageFacts(piece.repeat(Math.ceil(1_000_000 / piece.length)), 'http://x.example/');
    assert.ok(facts.forms.length <= 64);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../kernel/index.ts';
import { commandTree } from './tree.ts';
import type { Parsed } from './parse.ts';
import { parseCommandLine, wantsJson } from './parse.ts';
import { sampleCommands } from '../../../test/support/sample-commands.ts';

const root = commandTree(sampleCommands());
const IMPORT_DEFAULTS = { format: undefined, name: 'local', tag: [], replace: false, notes: undefined };

function parse(line: string): Parsed {
  return parseCommandLine(root, line.split(' ').filter(Boolean), '/home/ana');
}

function run(line: string): Extract<Parsed, { kind: 'run' }> {
  const parsed = parse(line);
  assert.equal(parsed.kind, 'run');
  return parsed;
}

function refused(line: string, code: string, message: string, hint: string): void {
  assert.throws(
    () => parse(line),
    (error: unknown) => {
      assert.ok(error instanceof GatewayError, String(error));
      assert.deepEqual([error.code, error.message, error.hint], [code, message, hint]);
      return true;
    },
  );
}

test('the longest match of the words is the command', () => {
  assert.equal(run('show config').command.words, 'show config');
  assert.equal(run('show config versions').command.words, 'show config versions');
});

test('positional arguments are named, and the last may take the rest', () => {
  assert.deepEqual(run('lookup ip 192.0.2.1').input.words, { kind: 'ip', value: '192.0.2.1' });
  assert.deepEqual(run('feed import a /b').input.rest, ['/home/ana/a', '/b']);
});

test('files are made absolute where the caller stands', () => {
  const { input } = run('feed import a.txt --notes ../n.txt');
  assert.deepEqual(input.rest, ['/home/ana/a.txt']);
  assert.equal(input.options['notes'], '/home/n.txt');
});

test('options take values both ways, repeat where they may, and have their defaults', () => {
  assert.deepEqual(run('feed import x').input.options, IMPORT_DEFAULTS);
  assert.deepEqual(run('feed import x --format=csv --tag a --replace --tag=b=c').input.options, {
    ...IMPORT_DEFAULTS,
    format: 'csv',
    tag: ['a', 'b=c'],
    replace: true,
  });
});

test('what follows -- is an argument, also when it looks like an option', () => {
  assert.deepEqual(run('feed import -- --json -- --tag').input.rest, [
    '/home/ana/--json',
    '/home/ana/--',
    '/home/ana/--tag',
  ]);
  assert.equal(wantsJson(['feed', 'import', '--', '--json']), false);
});

test('global options stand anywhere, and their paths become absolute', () => {
  const { command, globals } = run('--data-dir d show --json config --config=../c.yaml');
  assert.equal(command.words, 'show config');
  assert.deepEqual(globals, { json: true, config: '/home/c.yaml', dataDir: '/home/ana/d' });
});

test('help is asked for in every way', () => {
  for (const line of ['show --help', 'show -h', '--help show', 'show ?', 'show nonsense --help']) {
    const parsed = parse(line);
    assert.deepEqual([parsed.kind, parsed.kind === 'help' && parsed.words], ['help', ['show']], line);
  }
  assert.deepEqual(parse('').kind, 'help');
  assert.deepEqual(parse('?').kind, 'help');
});

test('a slip in the words names the command that was meant', () => {
  const unknown = 'CLI_UNKNOWN_COMMAND';
  refused('strat', unknown, 'unknown command "strat"', 'did you mean: sallyport start');
  refused('shwo prots', unknown, 'unknown command "shwo"', 'did you mean: sallyport show ports');
  refused('show port', unknown, 'unknown command "show port"', 'did you mean: sallyport show ports');
  refused('s', 'CLI_COMMAND_AMBIGUOUS', '"s" begins several commands', 'one of: start, show');
  refused('show con', unknown, 'unknown command "show con"', 'did you mean: sallyport show config');
  refused('show weather', unknown, 'unknown command "show weather"', 'one of: ports, config');
  refused('weather', unknown, 'unknown command "weather"', 'see sallyport help');
});

test('words that are not yet a command name those that may follow', () => {
  refused(
    'show',
    'CLI_COMMAND_INCOMPLETE',
    '"show" needs one more word',
    'one of: ports, config. See sallyport help show',
  );
});

test('every wrong option says what would be right', () => {
  const option = (line: string, code: string, message: string, hint: string): void =>
    refused(`feed import x ${line}`, `CLI_${code}`, message, hint);
  option('--fromat csv', 'UNKNOWN_OPTION', 'unknown option "--fromat"', 'did you mean --format');
  option('--zzz', 'UNKNOWN_OPTION', 'unknown option "--zzz"', 'see sallyport feed import --help');
  option('-f csv', 'UNKNOWN_OPTION', 'unknown option "-f"', 'did you mean --format');
  option('--name', 'OPTION_VALUE_MISSING', 'option --name needs a value', 'write --name NAME');
  option('--name --tag', 'OPTION_VALUE_MISSING', 'option --name needs a value', 'write --name NAME');
  option('--replace=1', 'OPTION_IS_FLAG', 'option --replace takes no value', 'write --replace');
  option('--name a --name b', 'OPTION_REPEATED', 'option --name is given more than once', 'keep one of them');
  option(
    '--format cvs',
    'BAD_CHOICE',
    '"cvs" is no value of --format',
    'one of: hosts, urls, csv. Did you mean csv',
  );
  refused(
    '--nothing',
    'CLI_UNKNOWN_OPTION',
    'unknown option "--nothing"',
    'a command comes first. See sallyport help',
  );
});

test('names of the prototype chain are no options and no commands', () => {
  refused(
    'feed import x --constructor',
    'CLI_UNKNOWN_OPTION',
    'unknown option "--constructor"',
    'see sallyport feed import --help',
  );
  refused('__proto__', 'CLI_UNKNOWN_COMMAND', 'unknown command "__proto__"', 'see sallyport help');
});

test('a missing argument shows usage and example; one too many shows usage', () => {
  refused(
    'lookup ip',
    'CLI_ARGUMENT_MISSING',
    'argument VALUE is missing',
    'usage: sallyport lookup url|domain|ip VALUE\nexample: sallyport lookup url http://example.com/',
  );
  refused(
    'lookup ip 192.0.2.1 x',
    'CLI_ARGUMENT_UNEXPECTED',
    'unexpected argument "x"',
    'usage: sallyport lookup url|domain|ip VALUE',
  );
});

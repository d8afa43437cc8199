import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { completionScript } from './completion.ts';
import { manPage } from './man.ts';
import { wholeTree } from './own-commands.ts';
import { sampleCommands } from '../../test/support/sample-commands.ts';
import { commandsBelow } from '../protocols/terminal/index.ts';

const root = wholeTree(sampleCommands());

function has(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined;
}

/** What bash offers for the words, the last one being typed. */
function bash(words: readonly string[]): readonly string[] {
  const driver = `
    eval "$1"; shift
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    _sallyport
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const script = completionScript('bash', root);
  const ran = spawnSync('bash', ['-c', driver, 'bash', script, 'sallyport', ...words], { encoding: 'utf8' });
  assert.equal(ran.stderr, '');
  return ran.stdout.split('\n').filter(Boolean);
}

test(
  'bash completes words, choices, options, values and files',
  { skip: has('bash') ? false : 'no bash' },
  () => {
    assert.deepEqual(bash(['sh']), ['show']);
    assert.deepEqual(bash(['show', '']), ['ports', 'config']);
    assert.deepEqual(bash(['show', 'config', '']), ['versions']);
    assert.deepEqual(bash(['lookup', '']), ['url', 'domain', 'ip']);
    assert.deepEqual(bash(['lookup', 'u']), ['url']);
    assert.deepEqual(bash(['feed', 'import', '--f']), ['--format']);
    assert.deepEqual(bash(['feed', 'import', '--format', '']), ['hosts', 'urls', 'csv']);
    assert.deepEqual(bash(['feed', 'import', '--format', '=', 'h']), ['hosts']);
    assert.deepEqual(bash(['feed', 'import', 'x', '--format', 'csv', '--rep']), ['--replace']);
    assert.deepEqual(bash(['--data-dir', '/tmp', 'show', 'p']), ['ports']);
    assert.deepEqual(bash(['feed', 'import', '/etc/host']).includes('/etc/hosts'), true);
    assert.deepEqual(bash(['feed', 'import', '--notes', '/etc/hostna']), ['/etc/hostname']);
    assert.deepEqual(bash(['weather', 'x', 'zz']), []);
  },
);

for (const shell of ['zsh', 'fish']) {
  test(`${shell} accepts its script`, { skip: has(shell) ? false : `${shell} is not installed` }, () => {
    const ran = spawnSync(shell, ['-n'], { input: completionScript(shell, root), encoding: 'utf8' });
    assert.deepEqual([ran.status, ran.stderr], [0, '']);
  });
}

test('zsh and fish know every word and option', () => {
  for (const shell of ['zsh', 'fish']) {
    const script = completionScript(shell, root);
    for (const command of commandsBelow(root)) {
      for (const word of command.words.split(' ')) assert.ok(script.includes(word), `${shell}: ${word}`);
      for (const option of Object.keys(command.options))
        assert.ok(script.includes(option), `${shell}: ${option}`);
    }
  }
  assert.match(
    completionScript('fish', root),
    /-d 'Ask what is known about a thing, the gateway\\'s lists first'/,
  );
});

test('the manual page has its sections, each command, and no stray request', () => {
  const page = manPage(commandsBelow(root));
  for (const part of ['.SH NAME', '.SS "Lists and feeds"', '.B feed import FILE...', '\\-\\-data\\-dir']) {
    assert.ok(page.includes(part), part);
  }
  const requests = page.split('\n').filter((line) => line.startsWith('.'));
  for (const line of requests) assert.match(line, /^\.(TH|SH|SS|TP|B|I|RS|RE|PP)\b/);
});

test('groff renders the manual page without a warning', { skip: has('groff') ? false : 'no groff' }, () => {
  const input = manPage(commandsBelow(root));
  const ran = spawnSync('groff', ['-man', '-ww', '-Tascii', '-P-cbou'], { input, encoding: 'utf8' });
  assert.deepEqual([ran.status, ran.stderr], [0, '']);
  assert.match(ran.stdout, /feed import FILE\.\.\./);
});

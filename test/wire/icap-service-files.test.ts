/** What is inside of a body: each has its own answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IcapClient, page, upload } from '../support/icap-client.ts';
import { openIcapDoor } from '../support/icap-door.ts';
import { icapSamples } from '../support/icap-samples.ts';
import { policyOf } from '../support/policy.ts';

const SAMPLES = icapSamples();

test('bad, nested, encrypted and damaged files: each its own answer', async (t) => {
  const door = await openIcapDoor(t);
  const client = await IcapClient.open(door.port);
  t.after(() => client.close());
  const found = 'Type=0; Resolution=2; Threat=EICAR-Test-File;';
  const expected: readonly (readonly [keyof typeof SAMPLES, string | undefined, string | undefined])[] = [
    ['clean', undefined, undefined],
    ['eicar', found, 'file-malicious'],
    ['zipped', found, 'file-malicious'],
    ['nested', found, 'file-malicious'],
    ['encrypted', 'Type=2; Resolution=2; Threat=encrypted;', 'file-incomplete'],
    ['damaged', 'Type=2; Resolution=2; Threat=damaged;', 'file-incomplete'],
  ];
  for (const [name, infection, rule] of expected) {
    for (const question of [page(SAMPLES[name]), upload(SAMPLES[name], { preview: 1024, allow: ['204'] })]) {
      const reply = await client.ask(question);
      assert.equal(reply.field('X-Infection-Found'), infection, name);
      assert.equal(/403 Forbidden/.test(reply.response), rule !== undefined, name);
      if (name === 'nested') assert.match(reply.body.toString(), /inner\.zip\/eicar\.com/);
    }
    assert.equal(
      door.entries.at(-1)?.rule === 'default-allow' ? undefined : door.entries.at(-1)?.rule,
      rule,
      name,
    );
  }
});

test('what cannot be looked into: by setting, and by a rule', async (t) => {
  const open = await openIcapDoor(t, { icap: { incomplete: 'allow' } });
  const ruled = await openIcapDoor(t, {
    policy: await policyOf([
      'when: { incomplete: [encrypted] }, then: { allow: true }',
      'when: { incomplete: [damaged] }, then: { block: {} }',
    ]),
  });
  for (const [door, name, isBlocked] of [
    [open, 'encrypted', false],
    [open, 'damaged', false],
    [open, 'nested', true],
    [ruled, 'encrypted', false],
    [ruled, 'damaged', true],
  ] as const) {
    const client = await IcapClient.open(door.port);
    const reply = await client.ask(page(SAMPLES[name], { allow: ['204'] }));
    assert.equal(/403 Forbidden/.test(reply.response), isBlocked, name);
    client.close();
  }
  assert.equal(ruled.entries.at(-1)?.rule, 'r1');
});

test('larger than is looked at: hashed alone, and said to be incomplete', async (t) => {
  const door = await openIcapDoor(t, { scan: { bytesMax: 100_000 } });
  const client = await IcapClient.open(door.port);
  t.after(() => client.close());
  const announced = await client.ask(page(Buffer.alloc(200_000, 'x'), { preview: 1024, allow: ['204'] }));
  assert.equal(announced.field('X-Infection-Found'), 'Type=2; Resolution=2; Threat=limit;');
  assert.equal(door.entries.at(-1)?.reason, 'file-limit');
});

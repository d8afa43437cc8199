import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isMailAddress,
  mailText,
  smtpDialogue,
  type SmtpOptions,
  type SmtpOutcome,
  SmtpReplies,
} from './index.ts';

const PLAIN: SmtpOptions = { clientName: 'gw.example', security: 'none', credentials: undefined };
const LETTER = { from: 'gw@example.test', to: ['a@example.test'], text: 'Subject: x\r\n\r\n.hidden\r\nend' };

/** Lines with `<` come from the server, with `>` must be sent, `=tls` must begin TLS. */
function play(options: SmtpOptions, script: readonly string[], letter = LETTER): SmtpOutcome | undefined {
  const replies = new SmtpReplies();
  const dialogue = smtpDialogue(options, letter);
  let step = dialogue.next();
  for (const line of script) {
    if (step.done === true) assert.fail(`over before ${line}: ${JSON.stringify(step.value)}`);
    if (line === '=tls') {
      assert.equal(step.value.do, 'start-tls');
      step = dialogue.next({ code: 0, lines: [] });
    } else if (line.startsWith('>')) {
      assert.deepEqual(step.value, { do: 'send', text: line.slice(2) });
    } else {
      replies.receive(Buffer.from(`${line.slice(2)}\r\n`));
      const reply = replies.next();
      if (reply === undefined) continue;
      assert.ok('code' in reply, JSON.stringify(reply));
      step = dialogue.next(reply);
    }
  }
  return step.done === true ? step.value : undefined;
}

test('a letter goes over in the open, its dots doubled', () => {
  const outcome = play(
    PLAIN,
    [
      '< 220 mx',
      '> EHLO gw.example\r\n',
      '< 250-mx',
      '< 250 STARTTLS',
      '> MAIL FROM:<gw@example.test>\r\n',
      '< 250 ok',
      '> RCPT TO:<a@example.test>\r\n',
      '< 250 ok',
      '> RCPT TO:<b@example.test>\r\n',
      '< 550 nobody',
      '> DATA\r\n',
      '< 354 go',
      '> Subject: x\r\n\r\n..hidden\r\nend\r\n.\r\n',
      '< 250 taken',
      '> QUIT\r\n',
      '< 221 bye',
    ],
    { ...LETTER, to: ['a@example.test', 'b@example.test'] },
  );
  assert.deepEqual(outcome, { sent: true, refused: ['b@example.test'] });
});

test('STARTTLS comes before the password, and what the server said before it is asked again', () => {
  const outcome = play({ ...PLAIN, security: 'starttls', credentials: { user: 'u', password: 'p' } }, [
    '< 220 mx',
    '> EHLO gw.example\r\n',
    '< 250-mx',
    '< 250-AUTH LOGIN',
    '< 250 STARTTLS',
    '> STARTTLS\r\n',
    '< 220 go',
    '=tls',
    '> EHLO gw.example\r\n',
    '< 250-mx',
    '< 250 AUTH LOGIN PLAIN',
    `> AUTH PLAIN ${Buffer.from('\0u\0p').toString('base64')}\r\n`,
    '< 535 no',
  ]);
  assert.deepEqual(outcome, { sent: false, permanent: true, reason: 'AUTH was answered with 535 no' });
});

test('AUTH LOGIN is spoken where PLAIN is not offered', () => {
  play({ ...PLAIN, security: 'tls', credentials: { user: 'u', password: 'p' } }, [
    '< 220 mx',
    '> EHLO gw.example\r\n',
    '< 250 AUTH LOGIN',
    '> AUTH LOGIN\r\n',
    '< 334 VXNlcm5hbWU6',
    '> dQ==\r\n',
    '< 334 UGFzc3dvcmQ6',
    '> cA==\r\n',
    '< 235 in',
    '> MAIL FROM:<gw@example.test>\r\n',
  ]);
});

test('no password and no letter goes where TLS was asked for and is not', () => {
  for (const [options, script, reason] of [
    [{ ...PLAIN, security: 'starttls' }, ['< 220 mx', '< 250 mx'], 'the server does not offer STARTTLS'],
    [
      { ...PLAIN, security: 'starttls' },
      ['< 220 mx', '< 250 STARTTLS', '< 454 later'],
      'STARTTLS was answered with 454 later',
    ],
    [
      { ...PLAIN, credentials: { user: 'u', password: 'p' } },
      ['< 220 mx', '< 250 AUTH PLAIN'],
      'a password is not sent without TLS',
    ],
  ] as const) {
    const outcome = play(options, script);
    assert.ok(outcome?.sent === false && outcome.reason === reason, JSON.stringify(outcome));
  }
});

test('a refusal for now may be tried again, one for good not', () => {
  assert.deepEqual(play(PLAIN, ['< 421 busy\x07']), {
    sent: false,
    permanent: false,
    reason: 'greeting was answered with 421 busy?',
  });
  assert.deepEqual(play(PLAIN, ['< 220 mx', '< 250 mx', '< 250 ok', '< 550 nobody']), {
    sent: false,
    permanent: true,
    reason: 'RCPT was answered with 550 nobody',
  });
});

test('replies are bounded, and cut anywhere', () => {
  const bytes = Buffer.from('250-one\r\n250 two\r\n220\r\n');
  for (let cut = 0; cut <= bytes.length; cut++) {
    const replies = new SmtpReplies();
    const found = [];
    for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      replies.receive(part);
      for (let next = replies.next(); next !== undefined; next = replies.next()) found.push(next);
    }
    assert.deepEqual(found, [
      { code: 250, lines: ['one', 'two'] },
      { code: 220, lines: [''] },
    ]);
  }
  for (const [text, violation] of [
    ['x'.repeat(2049), 'line-too-long'],
    [`250-${'x'.repeat(2049)}\n`, 'line-too-long'],
    ['HTTP/1.1 400 Bad Request\r\n', 'no-reply'],
    ['250-x\r\n'.repeat(101), 'too-many-lines'],
  ] as const) {
    const replies = new SmtpReplies();
    replies.receive(Buffer.from(text));
    assert.deepEqual(replies.next(), { violation });
    assert.deepEqual(replies.next(), { violation }, 'final');
  }
});

test('nothing in a subject begins another field', () => {
  const text = mailText({
    from: 'gw@example.test',
    to: ['a@example.test', 'b@example.test'],
    subject: 'Prüfung\r\nBcc: all@example.test',
    text: `.\n${'é'.repeat(100)}`,
    timeMs: Date.UTC(2026, 10, 24, 3, 20),
    id: 'x1',
    host: 'gw.example',
  });
  const [head = '', body = ''] = text.split('\r\n\r\n');
  assert.match(head, /^Date: Tue, 24 Nov 2026 03:20:00 \+0000\r\n/);
  assert.match(head, /\r\nTo: <a@example\.test>,\r\n <b@example\.test>\r\n/);
  assert.doesNotMatch(head, /^Bcc/m);
  const words = [...head.matchAll(/=\?utf-8\?B\?([^?]*)\?=/g)].map(([, word = '']) =>
    Buffer.from(word, 'base64').toString(),
  );
  assert.equal(words.join(''), 'Prüfung\r\nBcc: all@example.test');
  assert.equal(Buffer.from(body, 'base64').toString(), `.\r\n${'é'.repeat(100)}`);
  assert.ok(text.split('\r\n').every((line) => line.length <= 78));
});

test('an address holds nothing that could end a command', () => {
  for (const good of ['a@b', 'first.last+tag@mail.example.test']) assert.ok(isMailAddress(good), good);
  for (const bad of [
    '',
    'a',
    'a@',
    '@b',
    'a b@c',
    'a@b>\r\nDATA',
    'a@-b',
    '"a"@b',
    `${'a'.repeat(65)}@b`,
    'a@b..c',
  ])
    assert.ok(!isMailAddress(bad), bad);
});

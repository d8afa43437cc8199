import { defineCommand, EXIT, type Cell, type Command } from '../../kernel/index.ts';
import type { Pki } from './pki.ts';

interface Engines {
  readonly pki: Pki;
}

export const pkiCommands: readonly Command<Engines>[] = [
  defineCommand<Engines>({
    words: 'show certificates',
    summary: 'Show the authority and the server certificate',
    positionals: [],
    options: {},
    role: 'read',
    where: 'running',
    async run({ pki }) {
      const rows = pki.certificates();
      return {
        document: rows,
        view: rows.flatMap((row) => [
          { kind: 'title' as const, text: row.name },
          {
            kind: 'facts' as const,
            facts: [
              ['subject', row.subject],
              ['issuer', row.issuer],
              ['from', row.origin],
              ['valid', `${row.notBefore} to ${row.notAfter}`],
              ['days left', { text: String(row.daysLeft), tone: row.daysLeft < 30 ? 'warn' : 'good' }],
              ...(row.names.length === 0 ? [] : [['names', row.names.join(', ')] as const]),
              ['SHA-256', row.fingerprint],
            ] satisfies (readonly [string, Cell])[],
          },
        ]),
      };
    },
  }),
  defineCommand<Engines>({
    words: 'verify certificates',
    summary: 'Check what a client would complain about, and what ends soon',
    positionals: [],
    options: {},
    role: 'read',
    where: 'running',
    async run({ pki }) {
      const findings = pki.verify();
      const tones = { ok: 'good', warn: 'warn', bad: 'bad' } as const;
      return {
        document: findings,
        view: [
          {
            kind: 'table',
            columns: ['check', 'state', 'finding'].map((title) => ({ title })),
            rows: findings.map(({ check, state, text }): readonly Cell[] => [
              check,
              { text: state, tone: tones[state] },
              text,
            ]),
          },
        ],
        ...(findings.some(({ state }) => state === 'bad') ? { exit: EXIT.found } : {}),
      };
    },
  }),
];

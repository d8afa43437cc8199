import { type Command, defineCommand, defineErrors, EXIT, textOption } from '../../kernel/index.ts';
import {
  documentText,
  fileText,
  type PolicyAdmin,
  type PolicyDocument,
  textOptionHelp,
  warningView,
} from '../policy/index.ts';
import { tryExpectation, type Trial } from './try-policy.ts';

export interface PolicyTestEngines {
  readonly policy: PolicyAdmin;
  /** The engines that decide, with this document or the one in force. */
  readonly trial: (document?: PolicyDocument) => Trial;
}

export const expectationErrors = defineErrors({
  EXPECTATIONS_INVALID: {
    kind: 'config',
    message: 'the file of expectations cannot be read:\n{text}',
    hint: 'docs/operations/policy.md shows one',
    exit: EXIT.usage,
  },
});

export const policyTestCommand: Command<PolicyTestEngines> = defineCommand<PolicyTestEngines>({
  words: 'policy test',
  summary: 'Try requests against a policy and compare the decisions with what is expected',
  positionals: [{ name: 'FILE', help: 'The expectations as YAML', optional: true, file: true }],
  options: {
    policy: { help: 'Try this policy instead of the one in force', value: 'FILE', file: true },
    'policy-text': { help: 'Try this text as the policy', value: 'YAML' },
    text: textOptionHelp,
  },
  role: 'read',
  where: 'either',
  examples: ['policy test expectations.yaml', 'policy test expectations.yaml --policy policy.yaml'],
  async run({ policy, trial }, input) {
    const { readExpectations } = await import('./expectations.ts');
    const { tests, problems } = readExpectations(await documentText(input));
    if (problems.length > 0) {
      throw expectationErrors.EXPECTATIONS_INVALID({ text: problems.map((each) => `  ${each}`).join('\n') });
    }
    const file = textOption(input, 'policy');
    const text = textOption(input, 'policy-text') ?? (file === undefined ? undefined : await fileText(file));
    // A rule that can never fit passes any test of other rules: it is told where somebody looks.
    const { document, warnings } = await policy.check(text ?? policy.current().text);
    const engines = trial(text === undefined ? undefined : document);
    const results = tests.map((test) => tryExpectation(test, engines));
    const failed = results.filter(({ passed }) => !passed).length;
    return {
      document: { passed: results.length - failed, failed, results, warnings },
      view: [
        {
          kind: 'table',
          columns: ['TEST', 'RESULT', 'DECISION', 'RULE', 'LINE', 'DIFFERENCES'].map((title) => ({ title })),
          rows: results.map(({ name, passed, decision, rule, line, differences }) => [
            name,
            passed ? { text: 'pass', tone: 'good' } : { text: 'FAIL', tone: 'bad' },
            decision,
            rule,
            line ?? '',
            differences.join('; '),
          ]),
        },
        ...warningView(warnings),
        { kind: 'text', text: `${results.length - failed} passed, ${failed} failed` },
      ],
      ...(failed === 0 ? {} : { exit: EXIT.found }),
    };
  },
});

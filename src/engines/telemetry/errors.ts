import { defineErrors } from '../../kernel/index.ts';

export const telemetryErrors = defineErrors({
  TELEMETRY_UNDECLARED: {
    kind: 'bug',
    message: 'metric {name} is not declared as {wanted}',
    hint: 'Declare it in the metrics of the module that counts it.',
  },
  TELEMETRY_DECLARED_TWICE: {
    kind: 'bug',
    message: 'metric {name} is declared twice and differently',
    hint: 'Give one of the two another name.',
  },
});

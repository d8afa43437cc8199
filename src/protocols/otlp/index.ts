export { otlpLogs, type OtlpRecord, otlpRejected } from './otlp.ts';

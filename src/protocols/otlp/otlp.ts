/** One record of an OTLP export (OpenTelemetry protocol 1.x, `opentelemetry/proto/logs/v1`). */
export interface OtlpRecord {
  readonly timeMs: number;
  /** `SeverityNumber`: 5 debug, 9 info, 13 warn, 17 error. */
  readonly severityNumber: number;
  readonly severityText: string;
  readonly eventName: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** `ExportLogsServiceRequest` in the JSON encoding: 64-bit numbers are texts (OTLP specification, "JSON Protobuf encoding"). */
export function otlpLogs(
  resource: Readonly<Record<string, string>>,
  scope: { readonly name: string; readonly version: string },
  records: readonly OtlpRecord[],
): unknown {
  return {
    resourceLogs: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeLogs: [
          {
            scope,
            logRecords: records.map((record) => ({
              timeUnixNano: `${Math.floor(record.timeMs)}000000`,
              observedTimeUnixNano: `${Math.floor(record.timeMs)}000000`,
              severityNumber: record.severityNumber,
              severityText: record.severityText,
              eventName: record.eventName,
              body: { stringValue: record.body.toWellFormed() },
              attributes: attributesOf(record.attributes),
            })),
          },
        ],
      },
    ],
  };
}

function attributesOf(
  values: Readonly<Record<string, string | number | boolean | undefined>>,
): readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[] {
  return Object.entries(values).flatMap<{ key: string; value: Readonly<Record<string, unknown>> }>(
    ([key, value]) => {
      if (value === undefined || value === '') return [];
      if (typeof value === 'string') return [{ key, value: { stringValue: value.toWellFormed() } }];
      if (typeof value === 'boolean') return [{ key, value: { boolValue: value } }];
      return [{ key, value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value } }];
    },
  );
}

/** Records that the receiver did not take, out of its `ExportLogsServiceResponse`. */
export function otlpRejected(response: unknown): number {
  if (typeof response !== 'object' || response === null || !('partialSuccess' in response)) return 0;
  const partial = response.partialSuccess;
  if (typeof partial !== 'object' || partial === null || !('rejectedLogRecords' in partial)) return 0;
  const count = Number(partial.rejectedLogRecords);
  return Number.isFinite(count) && count > 0 ? count : 0;
}

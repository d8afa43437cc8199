import type { WebAnswer } from '../../../engines/web/index.ts';
import { GatewayError } from '../../../kernel/index.ts';
import { PROBLEM_TYPE } from '../../../protocols/problem/index.ts';
import { errorDocument, TAXII_MEDIA_TYPE, type TaxiiRefusal } from '../../../protocols/taxii/index.ts';
import { errorAnswer } from '../control.ts';

export function taxiiAnswer(
  resource: object,
  { status = 200, headers = {} }: { status?: number; headers?: Readonly<Record<string, string>> } = {},
): WebAnswer {
  return {
    status,
    type: TAXII_MEDIA_TYPE,
    body: `${JSON.stringify(resource)}\n`,
    fields: Object.entries(headers),
  };
}

export function refusalAnswer(refusal: TaxiiRefusal): WebAnswer {
  return {
    status: refusal.status,
    type: TAXII_MEDIA_TYPE,
    body: `${JSON.stringify(errorDocument(refusal))}\n`,
    code: refusal.code.toLowerCase().replaceAll('_', '-'),
  };
}

/** Any other answer that is a problem, as TAXII says it (§3.6): status and fields stay. */
export function asTaxiiError(answer: WebAnswer): WebAnswer {
  if (answer.type !== PROBLEM_TYPE || typeof answer.body !== 'string') return answer;
  // Our own problem document.
  const { title, detail, code, status } = JSON.parse(answer.body) as Readonly<
    Record<string, string | number | undefined>
  >;
  const document = {
    title: String(title),
    ...(detail === undefined ? {} : { description: String(detail) }),
    error_code: String(code),
    http_status: String(status),
  };
  return { ...answer, type: TAXII_MEDIA_TYPE, body: `${JSON.stringify(document)}\n` };
}

/** What control threw; a bug is thrown on. */
export function failureAnswer(error: unknown): WebAnswer {
  if (!(error instanceof GatewayError)) throw error;
  return asTaxiiError(errorAnswer(error));
}

export function notFound(description: string): WebAnswer {
  return refusalAnswer({ status: 404, code: 'TAXII_NOT_FOUND', title: 'Not found', description });
}

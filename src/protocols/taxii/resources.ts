/** The resources of TAXII 2.1 (OASIS Standard, 10 June 2021), with the property names of the standard. */

/** §1.6.8: what every answer but a body-less one is. */
export const TAXII_MEDIA_TYPE = 'application/taxii+json;version=2.1';
/** STIX 2.1 §1.5: media type of the objects in a collection. */
export const STIX_MEDIA_TYPE = 'application/stix+json;version=2.1';

/** §4.1.1 */
export interface TaxiiDiscovery {
  readonly title: string;
  readonly description?: string;
  readonly contact?: string;
  /** One of `api_roots`. */
  readonly default?: string;
  readonly api_roots?: readonly string[];
}

/** §4.2.1 */
export interface TaxiiApiRoot {
  readonly title: string;
  readonly description?: string;
  readonly versions: readonly string[];
  /** Octets of the largest request body that the server takes. */
  readonly max_content_length: number;
}

/** §5.2.1 */
export interface TaxiiCollection {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly alias?: string;
  readonly can_read: boolean;
  readonly can_write: boolean;
  readonly media_types?: readonly string[];
}

/** §5.1.1 */
export interface TaxiiCollections {
  readonly collections?: readonly TaxiiCollection[];
}

/** §5.3.1 */
export interface TaxiiManifestRecord {
  readonly id: string;
  readonly date_added: string;
  readonly version: string;
  readonly media_type?: string;
}

export interface TaxiiManifest {
  readonly more?: boolean;
  readonly objects?: readonly TaxiiManifestRecord[];
}

/** A STIX object, as far as TAXII looks into it. */
export interface TaxiiObject {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

/** §3.7: what objects travel in, both ways. */
export interface TaxiiEnvelope {
  readonly more?: boolean;
  /** Where the next page starts; opaque to clients. */
  readonly next?: string;
  readonly objects?: readonly TaxiiObject[];
}

/** §5.8.1 */
export interface TaxiiVersions {
  readonly more?: boolean;
  readonly versions?: readonly string[];
}

/** §4.3.2 */
export interface TaxiiStatusDetails {
  readonly id: string;
  readonly version: string;
  readonly message?: string;
}

/** §4.3.1 */
export interface TaxiiStatus {
  readonly id: string;
  readonly status: 'complete' | 'pending';
  readonly request_timestamp?: string;
  readonly total_count: number;
  readonly success_count: number;
  readonly successes?: readonly TaxiiStatusDetails[];
  readonly failure_count: number;
  readonly failures?: readonly TaxiiStatusDetails[];
  readonly pending_count: number;
  readonly pendings?: readonly TaxiiStatusDetails[];
}

/** §3.6.1 */
export interface TaxiiErrorDocument {
  readonly title: string;
  readonly description?: string;
  readonly error_id?: string;
  readonly error_code?: string;
  readonly http_status?: string;
  readonly external_details?: string;
  readonly details?: Readonly<Record<string, string>>;
}

/** Why a request is not answered: the code is ours and stable, the status one that §3.6 knows. */
export interface TaxiiRefusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 406 | 413 | 415 | 422;
  readonly code:
    | 'TAXII_BAD_QUERY'
    | 'TAXII_BAD_ENVELOPE'
    | 'TAXII_UNAUTHORIZED'
    | 'TAXII_FORBIDDEN'
    | 'TAXII_NOT_FOUND'
    | 'TAXII_METHOD'
    | 'TAXII_NOT_ACCEPTABLE'
    | 'TAXII_TOO_LARGE'
    | 'TAXII_MEDIA_TYPE'
    | 'TAXII_UNPROCESSABLE';
  readonly title: string;
  readonly description: string;
}

/** The body that goes with a refusal (§3.6.1). */
export function errorDocument(refusal: TaxiiRefusal, errorId?: string): TaxiiErrorDocument {
  return {
    title: refusal.title,
    description: refusal.description,
    ...(errorId === undefined ? {} : { error_id: errorId }),
    error_code: refusal.code,
    http_status: String(refusal.status),
  };
}

export function isRefusal(value: object): value is TaxiiRefusal {
  return 'status' in value && 'code' in value && 'title' in value;
}

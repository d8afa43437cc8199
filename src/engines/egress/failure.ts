/** Why there is no upstream. Data, not an error: the door turns it into an answer. */
export interface Failure {
  readonly kind: 'failure';
  readonly error: ProxyError;
  /** For the log and the operator; our words, no bytes of a peer. */
  readonly detail: string;
}

/** Error types of the `Proxy-Status` field (RFC 9209 §2.3) that this gateway uses. */
export type ProxyError =
  | 'dns_timeout'
  | 'dns_error'
  | 'destination_not_found'
  | 'destination_unavailable'
  | 'destination_ip_prohibited'
  | 'destination_ip_unroutable'
  | 'connection_refused'
  | 'connection_terminated'
  | 'connection_timeout'
  | 'connection_read_timeout'
  | 'connection_limit_reached'
  | 'http_request_error'
  | 'http_request_denied'
  | 'http_response_incomplete'
  | 'http_response_body_size'
  | 'http_response_timeout'
  | 'http_protocol_error'
  | 'http_upgrade_failed'
  | 'proxy_configuration_error'
  | 'proxy_internal_error'
  | 'proxy_loop_detected';

/**
 * Status of our answer for each. RFC 9209 recommends 502 for a prohibited address; 403 says to the
 * person in front of it that asking again will not help.
 */
export const STATUS_OF: Readonly<Record<ProxyError, number>> = {
  dns_timeout: 504,
  dns_error: 502,
  destination_not_found: 502,
  destination_unavailable: 502,
  destination_ip_prohibited: 403,
  destination_ip_unroutable: 502,
  connection_refused: 502,
  connection_terminated: 502,
  connection_timeout: 504,
  connection_read_timeout: 504,
  connection_limit_reached: 503,
  http_request_error: 400,
  http_request_denied: 403,
  http_response_incomplete: 502,
  http_response_body_size: 502,
  http_response_timeout: 504,
  http_protocol_error: 502,
  http_upgrade_failed: 502,
  // Recommended is 500; the client's way to us works, ours to the parent does not.
  proxy_configuration_error: 502,
  proxy_internal_error: 500,
  proxy_loop_detected: 508,
};

export function failure(error: ProxyError, detail: string): Failure {
  return { kind: 'failure', error, detail };
}

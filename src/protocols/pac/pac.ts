import type { DestinationPattern, Network } from '../../kernel/index.ts';

/** A proxy auto-configuration file (`application/x-ns-proxy-autoconfig`). */
export interface PacInput {
  /** `host:port` of the proxy; IPv6 in brackets. */
  readonly proxy: string;
  /** Destinations that are reached without the proxy. */
  readonly direct: readonly DestinationPattern[];
  /**
   * What clients do when the proxy does not answer. `none` is the default: a gateway that can be switched
   * off by making it unreachable protects nobody.
   */
  readonly fallback?: 'none' | 'direct';
}

/**
 * JavaScript of 1999, because that is what some PAC engines run, without a single helper function of the
 * engine: their IPv6 halves differ between browsers, and `isInNet` asks DNS before every request. So networks
 * are compared with addresses that stand in the URL, never with what a name resolves to.
 */
export function proxyPac({ proxy, direct, fallback = 'none' }: PacInput): string {
  const answer = `PROXY ${proxy}${fallback === 'direct' ? '; DIRECT' : ''}`;
  const rules = direct.map((pattern) => [
    pattern.kind,
    pattern.network === undefined ? pattern.host : networkBits(pattern.network),
    pattern.ports?.from ?? 0,
    pattern.ports?.to ?? 65_535,
  ]);
  return `${HEAD}var PROXY = ${literal(answer)};\nvar DIRECT = ${literal(rules)};\n${BODY}`;
}

/** The network as the bits that all its addresses begin with: `4:00001010` is `10.0.0.0/8`. */
function networkBits({ family, first, prefix }: Network): string {
  const width = family === 4 ? 32 : 128;
  return `${family}:${first.toString(2).padStart(width, '0').slice(0, prefix)}`;
}

/** JSON is JavaScript, except for two line separators that JavaScript of 1999 does not take in strings. */
function literal(value: unknown): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

const HEAD = `// Sallyport. Each rule: kind, host name or leading bits of a network, first port, last port.
`;

const BODY = `
function FindProxyForURL(url, host) {
  host = host.toLowerCase().replace(/^\\[|\\]$/g, "").replace(/\\.$/, "");
  var address = bitsOf(host);
  if (address === "" && host.indexOf(".") < 0) return "DIRECT";
  var port = portOf(url);
  for (var i = 0; i < DIRECT.length; i++) {
    var kind = DIRECT[i][0];
    var what = DIRECT[i][1];
    if (port < DIRECT[i][2] || port > DIRECT[i][3]) continue;
    if (kind === "network" ? address !== "" && address.indexOf(what) === 0
      : kind === "host" ? host === what
      : endsWith(host, "." + what)) return "DIRECT";
  }
  return PROXY;
}

function endsWith(text, end) {
  return text.length >= end.length && text.substring(text.length - end.length) === end;
}

function portOf(url) {
  var parts = /^([a-z]+):\\/\\/(?:[^\\/?#]*@)?(?:\\[[^\\]]*\\]|[^:\\/?#]*)(?::([0-9]+))?/i.exec(url);
  if (parts === null) return 0;
  if (parts[2]) return Number(parts[2]);
  var scheme = parts[1].toLowerCase();
  return scheme === "https" || scheme === "wss" ? 443 : scheme === "ftp" ? 21 : 80;
}

// "4:" and 32 bits, "6:" and 128 bits, or "" for a name.
function bitsOf(host) {
  var four = fourBits(host);
  if (four !== "") return "4:" + four;
  if (host.indexOf(":") < 0) return "";
  var halves = host.replace(/%.*$/, "").split("::");
  var left = groupBits(halves[0]);
  var right = halves.length > 1 ? groupBits(halves[1]) : "";
  var zeros = "";
  while (left.length + zeros.length + right.length < 128) zeros += "0";
  var bits = left + zeros + right;
  if (bits.length !== 128) return "";
  return /^0{80}1{16}/.test(bits) ? "4:" + bits.substring(96) : "6:" + bits;
}

function fourBits(text) {
  var parts = /^([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})$/.exec(text);
  if (parts === null) return "";
  var bits = "";
  for (var i = 1; i <= 4; i++) {
    if (Number(parts[i]) > 255) return "";
    bits += binary(Number(parts[i]), 8);
  }
  return bits;
}

function groupBits(text) {
  if (text === "") return "";
  var groups = text.split(":");
  var bits = "";
  for (var i = 0; i < groups.length; i++) {
    bits += groups[i].indexOf(".") < 0 ? binary(parseInt(groups[i], 16), 16) : fourBits(groups[i]);
  }
  return bits;
}

function binary(number, width) {
  var bits = number.toString(2);
  while (bits.length < width) bits = "0" + bits;
  return bits;
}
`;

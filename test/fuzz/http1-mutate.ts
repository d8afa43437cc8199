/** A seeded generator (mulberry32): a failing run can be repeated from its seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What parsers of HTTP trip over. */
const MORSELS: readonly string[] = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  ' ',
  '\t',
  '\0',
  '\x0b',
  '\x7f',
  '\xa0',
  '\xff',
  ':',
  ',',
  ';',
  '"',
  '\\',
  '0',
  '0\r\n\r\n',
  '5\r\nhello\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 0\r\n',
  'Content_Length: 7\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: xchunked\r\n',
  'Transfer-Encoding:\r\n',
  'Connection: close\r\n',
  'Connection: keep-alive, x\r\n',
  'Connection: Upgrade\r\nUpgrade: websocket\r\n',
  'Host: a.test\r\n',
  'Host: u@a.test:80\r\n',
  'Expect: 100-continue\r\n',
  'Trailer: X\r\n',
  'X: y\r\n z\r\n',
  ' HTTP/1.1\r\n',
  ' HTTP/1.0\r\n',
  'http://a.test:81/x?y',
  'http://[::1]/',
  'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n',
  'HTTP/1.1 200 OK\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
];

/** Changes `input` in one to four places: bytes flipped, dropped, doubled, morsels put in, pieces of `other` spliced. */
export function mutate(input: Buffer, other: Buffer, random: () => number): Buffer {
  let bytes = input;
  const changes = 1 + Math.floor(random() * 4);
  for (let change = 0; change < changes; change++) bytes = mutateOnce(bytes, other, random);
  return bytes;
}

function mutateOnce(bytes: Buffer, other: Buffer, random: () => number): Buffer {
  const pick = (below: number): number => Math.floor(random() * below);
  const at = pick(bytes.length + 1);
  const to = Math.min(bytes.length, at + 1 + pick(12));
  const before = bytes.subarray(0, at);
  switch (pick(7)) {
    case 0:
      return Buffer.concat([before, Buffer.from([pick(256)]), bytes.subarray(at + 1)]);
    case 1:
      return Buffer.concat([before, bytes.subarray(to)]);
    case 2:
      return Buffer.concat([before, bytes.subarray(at, to), bytes.subarray(at)]);
    case 3: {
      const from = pick(other.length + 1);
      return Buffer.concat([before, other.subarray(from, from + pick(200)), bytes.subarray(at)]);
    }
    case 4: {
      // A whole line again, somewhere else: duplicates are what smuggling is made of.
      const start = bytes.lastIndexOf('\r\n', pick(bytes.length + 1)) + 2;
      const end = bytes.indexOf('\r\n', start);
      const line = end < 0 ? Buffer.alloc(0) : bytes.subarray(start, end + 2);
      const cut = bytes.indexOf('\r\n', at);
      const put = cut < 0 ? at : cut + 2;
      return Buffer.concat([bytes.subarray(0, put), line, bytes.subarray(put)]);
    }
    default: {
      const morsel = Buffer.from(MORSELS[pick(MORSELS.length)]!, 'latin1');
      return Buffer.concat([before, morsel, bytes.subarray(random() < 0.5 ? at : to)]);
    }
  }
}

/** Cuts at up to `cuts` random places; some pieces are empty. */
export function cutUp(bytes: Buffer, cuts: number, random: () => number): Buffer[] {
  const places = Array.from({ length: cuts }, () => Math.floor(random() * (bytes.length + 1))).toSorted(
    (a, b) => a - b,
  );
  const pieces: Buffer[] = [];
  let from = 0;
  for (const place of [...places, bytes.length]) {
    pieces.push(bytes.subarray(from, place));
    from = place;
  }
  return pieces;
}

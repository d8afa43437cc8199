/** Request heads as Chromium sends them to a proxy: about 450 bytes, paths that differ. */
export function absoluteHeads(host: string, port: number): readonly string[] {
  return heads(`http://${host}:${port}`, `${host}:${port}`, 'Proxy-Connection');
}

/** The same to the origin itself. */
export function directHeads(host: string, port: number): readonly string[] {
  return heads('', `${host}:${port}`, 'Connection');
}

const PATHS = 64;

function heads(prefix: string, host: string, connection: string): readonly string[] {
  return Array.from({ length: PATHS }, (_, i) =>
    [
      `GET ${prefix}/static/${((i * 2654435761) % 4294967296).toString(16)}/page-${i}.html?v=${i * 7} HTTP/1.1`,
      `Host: ${host}`,
      `${connection}: keep-alive`,
      'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
      'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
      'Accept-Encoding: gzip, deflate',
      'Accept-Language: en-US,en;q=0.9,de;q=0.8',
      'Cookie: session=4f1d6a8b2c; theme=dark',
      '',
      '',
    ].join('\r\n'),
  );
}

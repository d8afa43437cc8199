import { request } from 'node:http';

interface Asked {
  readonly port: number | undefined;
  readonly path: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The body of an answer on loopback, over a connection of its own. */
export function askHttp({ port, path, fields, body }: Asked): Promise<string> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const options = { host: '127.0.0.1', port, path, method, agent: false, headers: { ...fields } };
    const sent = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => void (text += part));
      response.on('end', () => resolve(text));
    });
    sent.on('error', reject).end(body);
  });
}

import type { WebAnswer, WebHandler, WebRequest } from '../../../engines/web/index.ts';
import type { ApiEngines } from '../context.ts';
import { controlAwayAnswer, json, messageAnswer } from './answers.ts';

/** As long as hashlookup-server allows. */
const NAME_CHARS_MAX = 120;
const AGENT_CHARS_MAX = 200;

type Route = readonly [path: string, methods: Readonly<Record<string, WebHandler>>];

/** Sessions keep which hashes somebody looked up with the field `hashlookup_session: NAME`. */
export function sessionRoutes({ fileReputation, config }: ApiEngines): readonly Route[] {
  const lifeS = Math.round(config.fileReputation.sessionLifeMs / 1000);

  const make = async (name: string, request: WebRequest): Promise<WebAnswer> => {
    const maker = {
      source: request.source,
      userAgent: (request.field('user-agent') ?? '').slice(0, AGENT_CHARS_MAX),
    };
    return (await fileReputation.makeSession(name, maker))
      ? messageAnswer(200, `Session ${name} created and session will expire in ${lifeS} seconds`)
      : messageAnswer(429, 'There are too many sessions (setting fileReputation.sessionsMax)');
  };

  const show = async (name: string): Promise<WebAnswer> => {
    const content = await fileReputation.session(name);
    if (content === undefined) return messageAnswer(404, 'Non-existing session');
    const { nx, exist, maker, isFull } = content;
    const info = JSON.stringify({ ip_addr: maker.source, user_agent: maker.userAgent });
    const more = isFull ? { 'sallyport:full': true } : {};
    return json(`${JSON.stringify({ nx, exist, info, ...more })}\n`);
  };

  return [
    ['/session/create/', { GET: named('/session/create/', make) }],
    ['/session/get/', { GET: named('/session/get/', show) }],
  ];
}

function named(
  prefix: string,
  handler: (name: string, request: WebRequest) => Promise<WebAnswer>,
): WebHandler {
  return (request) => {
    const name = decoded(request.path.slice(prefix.length));
    if (name === undefined || name === '' || name.length > NAME_CHARS_MAX || /[\p{Cc}/]/u.test(name)) {
      return messageAnswer(400, 'Expecting a name for the session');
    }
    return handler(name, request).catch(controlAwayAnswer);
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // URIError is the only thing that it throws.
    return undefined;
  }
}

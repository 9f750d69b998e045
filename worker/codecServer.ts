import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Payload, PayloadCodec } from '@temporalio/common';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Answer } from '#program/answering.ts';

/**
 * Temporal's remote codec protocol, by which its Web UI shows what is encrypted: `POST /codec/decode` and
 * `/codec/encode`, for pages of the Web UI's origin alone, and for whoever comes as an administrator: with an access
 * token in `Authorization`, or in the cookie that `/codec/sign-in` leaves. The namespace's own keys never leave here.
 */
type CodecServer = {
  codec: PayloadCodec;
  namespace: string;
  /** Of the Web UI. */
  origin: string;
  accounts: Accounts;
  log: Logger;
};

/** Who people are, as the API says. Both throw where it does not answer. */
type Accounts = {
  /** The id of the administrator whose access token it is; null where it is nobody's, `no` where it is another's. */
  administratorOf(token: string): Promise<string | 'no' | null>;
  /** An access token; null where nobody has this handle with this password. */
  signIn(handle: string, password: string): Promise<string | null>;
};

/** Temporal takes 2 MiB a payload at most, and the Web UI asks for those of a page at once. */
const MAX_BODY = 16 * 1024 * 1024;
/** Of a handle and a password, from whoever comes. */
const MAX_FORM = 4 * 1024;
const COOKIE = 'tandem_codec';
/** All below it is for this server. */
export const CODEC_PATH = '/codec/';
const ASKED_WITHIN_MS = 5_000;

class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'Refused';
    this.status = status;
  }
}

export function createCodecServer(server: CodecServer): Answer {
  return async (request, response) => {
    try {
      await serve(server, request, response);
    } catch (error) {
      if (error instanceof Refused) return answer(response, error.status, { message: error.message });
      server.log.warn({ err: error }, 'it could not be asked who wants a payload decoded');
      answer(response, 503, { message: 'The API does not answer.' });
    }
  };
}

async function serve(server: CodecServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url?.split('?')[0];
  response.setHeader('cache-control', 'no-store');
  if (path === `${CODEC_PATH}sign-in`) return signIn(server, request, response);
  const way = path === `${CODEC_PATH}decode` ? 'decode' : path === `${CODEC_PATH}encode` ? 'encode' : null;
  if (way === null) throw new Refused(404, 'There is nothing here.');
  allowOrigin(server, request, response);
  if (request.method === 'OPTIONS') return void response.writeHead(204).end();
  if (request.method !== 'POST') throw new Refused(405, 'Payloads are sent by POST.');
  const administrator = await requireAdministrator(server, request);
  const namespace = request.headers['x-namespace'];
  if (namespace !== undefined && namespace !== server.namespace) {
    throw new Refused(403, 'That is not the namespace whose keys are here.');
  }
  const payloads = readPayloads(await readBody(request, MAX_BODY));
  const made = await server.codec[way](payloads).catch((error: Error) => {
    throw new Refused(400, error instanceof RangeError ? `${error.message}.` : 'A payload was changed on its way.');
  });
  server.log.info({ administrator, way, payloads: made.length }, 'payloads went through the codec');
  answer(response, 200, { payloads: made.map(asJson) });
}

/** Any other page's requests are refused, and its reader is told nothing; what is no page has no origin. */
function allowOrigin({ origin }: CodecServer, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('vary', 'Origin');
  if (request.headers.origin === undefined) return;
  if (request.headers.origin !== origin) throw new Refused(403, 'This is for the pages of the Web UI.');
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('access-control-allow-methods', 'POST');
  response.setHeader('access-control-allow-headers', 'Authorization, Content-Type, X-Namespace');
  response.setHeader('access-control-max-age', '600');
}

async function requireAdministrator({ accounts }: CodecServer, { headers }: IncomingMessage): Promise<string> {
  const [, bearer] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const [, kept] = new RegExp(`(?:^|; )${COOKIE}=([^;]+)`).exec(headers.cookie ?? '') ?? [];
  const token = bearer ?? kept;
  const account = token === undefined ? null : await accounts.administratorOf(token);
  if (account === null) throw new Refused(401, `Sign in at ${CODEC_PATH}sign-in.`);
  if (account === 'no') throw new Refused(403, 'This is for administrators.');
  return account;
}

const body = z.object({
  payloads: z.array(
    z.object({ metadata: z.record(z.string(), z.base64()).optional(), data: z.base64().optional() }).loose(),
  ),
});

/** Protobuf's JSON: bytes are base64. */
function readPayloads(text: string): Payload[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Refused(400, 'The body is no JSON.');
  }
  const read = body.safeParse(json);
  if (!read.success) throw new Refused(400, 'The body is not { "payloads": […] } with base64 in them.');
  return read.data.payloads.map(({ metadata = {}, data = '' }) => ({
    metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')])),
    data: Buffer.from(data, 'base64'),
  }));
}

function asJson({ metadata, data }: Payload) {
  return {
    metadata: Object.fromEntries(
      Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
    ),
    data: Buffer.from(data ?? []).toString('base64'),
  };
}

async function readBody(request: IncomingMessage, atMost: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Left open where it is too long: over a line that is cut nobody would be told why.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > atMost) throw new Refused(413, `A body has at most ${atMost} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A page to sign in on, for a Web UI that has no tokens of the API's: it sends the cookie along from then on. */
async function signIn(server: CodecServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'GET') return page(response, 200, 'Sign in as an administrator');
  if (request.method !== 'POST') throw new Refused(405, 'This is a page and its form.');
  const form = new URLSearchParams(await readBody(request, MAX_FORM));
  const token = await server.accounts.signIn(form.get('handle') ?? '', form.get('password') ?? '');
  const account = token === null ? null : await server.accounts.administratorOf(token);
  if (token === null || account === null) return page(response, 401, 'Handle or password is wrong');
  if (account === 'no') return page(response, 403, 'This is for administrators');
  // Cookies go from another site's page only where they say so, and that only over TLS.
  const reach = server.origin.startsWith('https:') ? 'SameSite=None; Secure' : 'SameSite=Lax';
  response.setHeader('set-cookie', `${COOKIE}=${token}; Path=${CODEC_PATH}; HttpOnly; ${reach}`);
  page(response, 200, 'You are signed in for a quarter of an hour: reload the Web UI');
}

function page(response: ServerResponse, status: number, title: string): void {
  const form = `<form method="post"><p><input name="handle" placeholder="Handle" autocomplete="username" required>
<input name="password" type="password" placeholder="Password" autocomplete="current-password" required>
<button>Sign in</button></p></form>`;
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    })
    .end(`<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${form}</html>`);
}

const me = z.object({ data: z.object({ user: z.object({ id: z.string(), roles: z.array(z.string()) }) }) });
const signedIn = z.object({ data: z.object({ access: z.string() }) });

/** Asks the API that people reach at this URL: so a session that was ended there is over here too. */
export function accountsOf(apiUrl: string): Accounts {
  const ask = (path: string, init: RequestInit) =>
    fetch(`${apiUrl}${path}`, { ...init, redirect: 'error', signal: AbortSignal.timeout(ASKED_WITHIN_MS) });
  return {
    async administratorOf(token) {
      const answered = await ask('/api/me', { headers: { authorization: `Bearer ${token}` } });
      if (answered.status === 401) return null;
      if (answered.status !== 200) throw new Error(`the API answered ${answered.status} to who somebody is`);
      const { user } = me.parse(await answered.json()).data;
      return user.roles.includes('admin') ? user.id : 'no';
    },
    async signIn(handle, password) {
      const answered = await ask('/api/auth/login', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ handle, password }),
      });
      if (answered.status >= 500) throw new Error(`the API answered ${answered.status} to a sign-in`);
      return answered.status === 200 ? signedIn.parse(await answered.json()).data.access : null;
    },
  };
}

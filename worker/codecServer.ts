import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import type { CodecConfig } from './codecConfig.ts';

/**
 * What Temporal's own tools ask to read what is under our key: its Web UI in an operator's browser, and its command line.
 * POST /decode and /encode with payloads as JSON, by the protocol of their remote codecs. What is read here is all that a
 * cluster must not read, so nobody is answered who does not say who they are, and no page but the Web UI's own.
 */

/** A page of a history. */
const BODY_LIMIT = 8 * 1024 * 1024;
const base64 = z.string().regex(/^[A-Za-z0-9+/_-]*={0,2}$/);
const payloads = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), base64).default({}), data: base64.default('') })),
});
type Written = z.infer<typeof payloads>['payloads'][number];

/** Refused, with a status of HTTP. */
class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function createCodecServer(codec: PayloadCodec, config: CodecConfig): Server {
  const mayRead = readersOf(config);
  const work: Record<string, PayloadCodec['decode']> = { '/decode': codec.decode, '/encode': codec.encode };

  async function answer(request: IncomingMessage, path: string): Promise<object> {
    const convert = work[path];
    if (!convert) throw new Refused(404, 'There is /decode and /encode.');
    if (request.method !== 'POST') throw new Refused(405, 'Payloads are sent by POST.');
    if (!(await mayRead(request.headers.authorization))) throw new Refused(401, 'Say who you are, by a bearer token.');
    const asked = payloads.safeParse(jsonOf(await bodyOf(request)));
    if (!asked.success)
      throw new Refused(400, 'Payloads are a JSON object: {"payloads": [{"metadata": {}, "data": ""}]}.');
    try {
      return { payloads: (await convert(asked.data.payloads.map(read))).map(written) };
    } catch {
      // Under another key, or changed: which it is, is nobody's business here.
      throw new Refused(400, 'These payloads cannot be read here.');
    }
  }

  return createServer(async (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    allow(request, response, config.CODEC_ORIGINS);
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    if (path === '/livez') return void send(response, 200, {});
    try {
      send(response, 200, await answer(request, path));
    } catch (error) {
      if (error instanceof Refused) send(response, error.status, { error: error.message });
      else send(response, 503, { error: 'Whoever signs tokens does not answer.' });
      request.resume();
    }
  });
}

/** To the Web UI's own pages alone, with what they send; any other page is told nothing, and its browser keeps it. */
function allow({ headers }: IncomingMessage, response: ServerResponse, origins: readonly string[]): void {
  response.setHeader('vary', 'origin');
  response.setHeader('cache-control', 'no-store');
  if (headers.origin === undefined || !origins.includes(headers.origin)) return;
  response.setHeader('access-control-allow-origin', headers.origin);
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('access-control-allow-methods', 'POST');
  response.setHeader('access-control-allow-headers', 'authorization, content-type, x-namespace');
  response.setHeader('access-control-max-age', '600');
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
  });
  response.end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT) throw new Refused(413, 'That is more than 8 MiB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const read = ({ metadata, data }: Written): Payload => ({
  metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')])),
  data: Buffer.from(data, 'base64'),
});

const written = ({ metadata, data }: Payload) => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  ),
  data: Buffer.from(data ?? []).toString('base64'),
});

/** Public keys only: with a shared secret, whoever may verify a token could make one. */
const ALGORITHMS = [
  'EdDSA',
  'Ed25519',
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
];

/** Whether somebody may read: by the one token of whoever has it, or an administrator by the issuer that knows them. */
function readersOf(config: CodecConfig): (authorization: string | undefined) => Promise<boolean> {
  const { AUTH_ISSUER_JWKS_URL: url, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience, CODEC_TOKEN: shared } = config;
  const keys = url ? createRemoteJWKSet(new URL(url), { timeoutDuration: 3_000 }) : null;
  return async (authorization) => {
    const [, token] = /^Bearer (\S+)$/i.exec(authorization ?? '') ?? [];
    if (!token) return false;
    if (shared && isSame(token, shared)) return true;
    if (!keys || !issuer || !audience) return false;
    try {
      const options = { algorithms: ALGORITHMS, issuer, audience, requiredClaims: ['sub', 'exp'] };
      return isAdmin((await jwtVerify(token, keys, options)).payload, config);
    } catch (error) {
      if (error instanceof errors.JOSEError && !/^ERR_(JWKS_(TIMEOUT|INVALID)|JOSE_GENERIC)$/.test(error.code))
        return false;
      throw error;
    }
  };
}

function isAdmin(payload: JWTPayload, { AUTH_ROLES_CLAIM, AUTH_ADMIN_ROLE }: CodecConfig): boolean {
  const claim = payload[AUTH_ROLES_CLAIM];
  const words = typeof claim === 'string' ? claim.split(/[\s,]+/) : Array.isArray(claim) ? claim : [];
  return AUTH_ADMIN_ROLE !== undefined && words.includes(AUTH_ADMIN_ROLE);
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** In the same time, however much of it is right. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

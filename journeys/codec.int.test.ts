import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureAdmin } from '#api/people/auth.ts';
import { createCodec } from '#worker/codec.ts';
import { accountsOf, createCodecServer } from '#worker/codecServer.ts';
import { untilShown } from './known.ts';
import { openParts, type Parts } from './parts.ts';
import { signIn } from './person.ts';
import { newSides, openDeal, type Sides } from './play.ts';

/** What Temporal's Web UI asks so that an operator can read what is encrypted: its own requests, about a real workflow. */

const WEB_UI = 'https://temporal.example';
const ADMIN = { handle: 'who_operates', password: 'a password of theirs' };

type Json64 = { metadata: Record<string, string>; data: string };

let place: Parts;
let sides: Sides;
let server: Server;
let endpoint: string;
let admin: string;
let dealId: string;
/** Of a deal's history, as the server hands it to the Web UI. */
let payloads: Json64[];

beforeAll(async () => {
  const codec = createCodec([randomBytes(32)]);
  place = await openParts({ dataConverter: { payloadCodecs: [codec] } });
  sides = await newSides(place);
  await ensureAdmin(place.pool, ADMIN);
  admin = (await signIn(place.url, ADMIN.handle, ADMIN.password)).access;
  const handler = createCodecServer({
    ...{ codec, namespace: place.namespace, origin: WEB_UI },
    ...{ accounts: accountsOf(place.url), log: pino({ level: 'silent' }) },
  });
  server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/codec`;
  dealId = (await openDeal(sides, 'bid')).id;
  await untilShown(place, dealId);
  payloads = payloadsIn(JSON.parse(historyToJSON(await place.workflowOf(dealId).fetchHistory()))).filter(
    ({ metadata }) => Buffer.from(metadata.encoding ?? '', 'base64').toString() === 'binary/encrypted',
  );
});
afterAll(async () => {
  server?.close();
  await place?.close();
});

function payloadsIn(value: unknown): Json64[] {
  if (typeof value !== 'object' || value === null) return [];
  const here = 'metadata' in value && 'data' in value ? [value as Json64] : [];
  return [...here, ...Object.values(value).flatMap(payloadsIn)];
}

const textOf = ({ data }: Json64) => Buffer.from(data, 'base64').toString();

/** As the Web UI asks: from a page of its own, about a namespace, with the token of whoever looks. */
function ask(way: string, body: unknown, headers: Record<string, string> = {}) {
  return fetch(`${endpoint}/${way}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-namespace': place.namespace, origin: WEB_UI, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
const payloadsOf = async (answered: Response) => ((await answered.json()) as { payloads: Json64[] }).payloads;
const asAdmin = () => ({ authorization: `Bearer ${admin}` });

describe('the Web UI', () => {
  test('asks first whether its pages may, with the headers that it sends', async () => {
    const asked = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-namespace' };
    const { status, headers } = await fetch(`${endpoint}/decode`, {
      method: 'OPTIONS',
      headers: { origin: WEB_UI, ...asked },
    });
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(WEB_UI);
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    expect(headers.get('access-control-allow-headers')?.toLowerCase().split(', ').sort()).toEqual([
      ...['authorization', 'content-type', 'x-namespace'],
    ]);
  });

  test('shows an administrator what a workflow was told, in the order in which it asked', async () => {
    expect(payloads.length).toBeGreaterThan(1);
    for (const payload of payloads) expect(textOf(payload)).not.toContain(dealId);
    const answered = await ask('decode', { payloads }, asAdmin());
    expect(answered.status).toBe(200);
    expect(answered.headers.get('access-control-allow-origin')).toBe(WEB_UI);
    const decoded = await payloadsOf(answered);
    expect(decoded).toHaveLength(payloads.length);
    expect(decoded.map(textOf).join('\n')).toContain(dealId);
    for (const { metadata } of decoded) {
      expect(Buffer.from(metadata.encoding ?? '', 'base64').toString()).not.toBe('binary/encrypted');
    }
  });

  test('has what an operator writes encrypted before it is sent, and reads it again', async () => {
    const encoding = Buffer.from('json/plain').toString('base64');
    const written = { metadata: { encoding }, data: Buffer.from('{"release_percent":40}').toString('base64') };
    const encoded = await payloadsOf(await ask('encode', { payloads: [written] }, asAdmin()));
    expect(textOf(encoded[0] as Json64)).not.toContain('release_percent');
    expect(await payloadsOf(await ask('decode', { payloads: encoded }, asAdmin()))).toEqual([written]);
  });

  test('may send a cookie instead of a token, which is had by signing in', async () => {
    const form = (fields: Record<string, string>) =>
      fetch(`${endpoint}/sign-in`, { method: 'POST', body: new URLSearchParams(fields) });
    expect((await fetch(`${endpoint}/sign-in`)).status).toBe(200);
    const signedIn = await form(ADMIN);
    const [cookie = ''] = signedIn.headers.getSetCookie();
    expect(cookie).toMatch(/; Path=\/codec\/; HttpOnly; SameSite=None; Secure$/);
    const { status } = await ask('decode', { payloads }, { cookie: cookie.split(';')[0] as string });
    expect(status).toBe(200);
    const wrong = await form({ ...ADMIN, password: 'guessed' });
    expect([wrong.status, wrong.headers.getSetCookie()]).toEqual([401, []]);
    expect((await form({ ...ADMIN, password: 'x'.repeat(5_000) })).status).toBe(413);
  });
});

describe('nobody else', () => {
  test('is shown anything: without a token, with one that is none, or as somebody else', async () => {
    expect((await ask('decode', { payloads })).status).toBe(401);
    expect((await ask('decode', { payloads }, { authorization: 'Bearer guessed' })).status).toBe(401);
    expect((await ask('decode', { payloads }, { authorization: `Bearer ${sides.brand.access}` })).status).toBe(403);
    expect((await ask('encode', { payloads: [] }, { authorization: `Bearer ${sides.brand.access}` })).status).toBe(403);
  });

  test('has another site’s page ask for an administrator who is signed in', async () => {
    for (const origin of ['https://elsewhere.example', 'null', `${WEB_UI}.elsewhere.example`]) {
      const answered = await ask('decode', { payloads }, { ...asAdmin(), origin });
      expect(answered.status, origin).toBe(403);
      expect(answered.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('is answered for another namespace, or by another method', async () => {
    expect((await ask('decode', { payloads }, { ...asAdmin(), 'x-namespace': 'another' })).status).toBe(403);
    expect((await fetch(`${endpoint}/decode`, { headers: asAdmin() })).status).toBe(405);
    expect((await ask('elsewhere', { payloads }, asAdmin())).status).toBe(404);
  });
});

test('what was changed on its way, or is no payload, is refused and not guessed at', async () => {
  const [first] = payloads as [Json64];
  const bytes = Buffer.from(first.data, 'base64');
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  const changed = { ...first, data: bytes.toString('base64') };
  expect((await ask('decode', { payloads: [changed] }, asAdmin())).status).toBe(400);
  const other = await createCodec([randomBytes(32)]).encode([{ data: bytes }]);
  const foreign = other.map(({ metadata, data }) => ({
    metadata: Object.fromEntries(
      Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
    ),
    data: Buffer.from(data ?? []).toString('base64'),
  }));
  expect((await ask('decode', { payloads: foreign }, asAdmin())).status).toBe(400);
  for (const body of ['no json', '[]', { payloads: [{ data: 'not base64!' }] }]) {
    expect((await ask('decode', body, asAdmin())).status, JSON.stringify(body)).toBe(400);
  }
});

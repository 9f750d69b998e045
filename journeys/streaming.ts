/** How streams are played: announced, begun, and watched by Socket.IO's own client. */
import { expect } from 'vitest';
import { type Frontend, openFrontend } from '#realtime/testing/frontend.ts';
import type { Parts } from './parts.ts';
import type { Json, Person } from './person.ts';
import { ok } from './play.ts';

export async function announce(creator: Person, said: object = {}): Promise<string> {
  return (await ok(creator.post('/api/streams', { title: 'Monsoon cooking', ...said }))).stream.id;
}

export async function onAir(creator: Person, said: object = {}): Promise<string> {
  const id = await announce(creator, said);
  await ok(creator.post(`/api/streams/${id}/start`));
  return id;
}

/** A page in a stream's room. */
export async function watching(place: Parts, person: Person, id: string, namespace = '/chat'): Promise<Frontend> {
  const page = openFrontend(() => place, { namespace, auth: { token: person.access } });
  expect(await page.asks('join_stream', { streamId: id })).toMatchObject({ success: true });
  return page;
}

/** What a page heard by a name. */
export const heard = (page: Frontend, name: string): Json[] =>
  page.heard.flatMap(([said, data]) => (said === name ? [data] : []));

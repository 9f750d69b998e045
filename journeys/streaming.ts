/** How streams are played: announced, begun, and watched by Socket.IO's own client. */
import { expect } from 'vitest';
import { announce as announceBy, begin } from '#api/sandbox/liveScenarios.ts';
import { type Frontend, openFrontend } from '#realtime/testing/frontend.ts';
import type { Parts } from './parts.ts';
import type { Json, Person } from './person.ts';
import { call } from './play.ts';

export const announce = (creator: Person, said: object = {}): Promise<string> => announceBy(call, creator, said);

export const onAir = (creator: Person, said: object = {}): Promise<string> => begin(call, creator, said);

/** A page in a stream's room. */
export async function watching(place: Parts, person: Person, id: string, namespace = '/chat'): Promise<Frontend> {
  const page = openFrontend(() => place, { namespace, auth: { token: person.access } });
  expect(await page.asks('join_stream', { streamId: id })).toMatchObject({ success: true });
  return page;
}

/** What a page heard by a name. */
export const heard = (page: Frontend, name: string): Json[] =>
  page.heard.flatMap(([said, data]) => (said === name ? [data] : []));

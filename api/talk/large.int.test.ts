import { afterAll, beforeAll, expect, test } from 'vitest';
import { listUntold } from '#db/talk/tellings.ts';
import { newPeople, textsHeardBy } from '#db/talk/testing/crowd.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { expectOrder, newTalker, ok, type Talker } from './testing/people.ts';

let api: TestApp;
let asha: Talker;
let ben: Talker;

beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase() });
  asha = await newTalker(api, 'asha');
  ben = await newTalker(api, 'ben');
});
afterAll(() => api.close());

test('in a room of hundreds each hears everything once and in order, from the process that was asked, with nobody else running', async () => {
  const people = await newPeople(api.deps.pool, 600);
  const { room } = await ok(asha.post('/api/chat/rooms', { name: 'Crowd', member_ids: [ben.id, ...people] }));
  expect(room.member_count).toBe(602);
  const say = (who: Talker, message: string) => ok(who.post(`/api/chat/rooms/${room.id}/messages`, { message }));
  const said: string[] = [];
  for (let at = 0; at < 10; at++) {
    const both = await Promise.all([say(asha, `asha ${at}`), say(ben, `ben ${at}`)]);
    said.push(...both.map(({ message }) => message.message));
  }
  await expect.poll(() => listUntold(api.deps.pool, 10), { timeout: 30_000, interval: 100 }).toEqual([]);
  const first = await textsHeardBy(api.deps.pool, people[0] as string);
  expect([...first].sort()).toEqual([...said].sort());
  for (const id of people) expect(await textsHeardBy(api.deps.pool, id)).toEqual(first);
  const [listed] = await ok(ben.get('/api/chat/rooms'));
  const previews = await ben.heard('message_preview');
  expect(listed.unread_count).toBe(10);
  expect(previews).toHaveLength(10);
  // The last of them counts all that Asha had said by then.
  expect(previews.at(-1)?.data).toMatchObject({ data: { unreadCount: 10 } });
  await expectOrder(api);
});

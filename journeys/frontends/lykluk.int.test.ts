import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { open, openSite, type Page, type Site, type Visitor } from './frontend.ts';

let site: Site;
let asha: Visitor;
let ben: Visitor;
let conversationId: string;
beforeAll(async () => {
  site = await openSite();
  [asha, ben] = [await site.person('asha', 'brand_owner'), await site.person('ben', 'influencer')];
  const { conversation } = (await asha.ask('POST', '/api/messages/direct-connect', {
    ...{ target_user_id: ben.id, initial_message: 'Hello!' },
  })) as never as { conversation: { id: string } };
  conversationId = conversation.id;
});
afterAll(() => site.close());

type Envelope = { type: string; eventType: string; recipientIds: string[]; data: Record<string, unknown> };
const envelopesOf = (heard: Page['heard']) =>
  heard.filter(([name]) => name === 'notification').map(([, said]) => said as Envelope);

async function brandConnects(): Promise<void> {
  const bid = await ben.ask('POST', '/api/bids', { title: 'Reels', description: 'One', starting_price: '5000' });
  const bidId = (bid as never as { bid?: { id: string } }).bid?.id ?? bid.id;
  await asha.ask('POST', `/api/bids/${bidId}/connect`, { proposed_amount: '5000' });
}

test('a token in `handshake.auth` is all a page needs: what is for its user comes without joining anything', async () => {
  const page = await ben.open({ app: 'lykluk' });
  await brandConnects();
  await page.hears('notification');
  const [told] = envelopesOf(page.heard);
  expect(told).toMatchObject({
    type: expect.any(String),
    eventType: `notification:${told?.type}`,
    recipientIds: [ben.id],
    data: { conversation_id: expect.any(String), message: expect.any(String), sender_id: expect.any(String) },
  });
});

test('a page that does not say whose it is has the form of Stoory', async () => {
  const page = await ben.open();
  await brandConnects();
  const [[told]] = (await page.hears('notification')) as [[Envelope]];
  expect(Object.keys(told).sort()).toEqual(['data', 'type']);
});

test('who is typing comes as `notification` of the type `typing_indicator`', async () => {
  const [a, b] = [await asha.open({ app: 'lykluk' }), await ben.open({ app: 'lykluk' })];
  for (const page of [a, b]) await page.asks('join_conversation', conversationId);
  a.socket.emit('typing_start', { conversationId });
  a.socket.emit('typing_stop', { conversationId });
  await b.hears('notification', 2);
  const typing = envelopesOf(b.heard).filter(({ type }) => type === 'typing_indicator');
  expect(typing).toEqual(
    [true, false].map((isTyping) => ({
      type: 'typing_indicator',
      eventType: isTyping ? 'chat:typing:started' : 'chat:typing:stopped',
      recipientIds: [ben.id],
      data: { conversationId, userId: asha.id, username: 'asha', isTyping },
    })),
  );
});

test('one’s own room goes by LykLuk’s name and by Stoory’s, another’s by neither', async () => {
  const page = await ben.open({ app: 'lykluk' });
  for (const name of [`user:${ben.id}`, `user_${ben.id}`]) {
    expect(await page.asks('join_room', name)).toEqual({ success: true, data: { room: `user_${ben.id}` } });
  }
  for (const name of [`user:${asha.id}`, `user_${asha.id}`]) {
    expect(await page.asks('join_room', name)).toMatchObject({ success: false, error_code: 'FORBIDDEN' });
  }
});

test('an app that is none is refused by name', async () => {
  const { socket } = open(site.url, { auth: { token: asha.token, app: 'tiktok' } });
  const [refused] = await once(socket as never, 'connect_error');
  expect(refused.data).toMatchObject({
    ...{ success: false, error_code: 'VALIDATION_FAILED', details: { fields: [{ field: 'auth.app' }] } },
  });
  socket.disconnect();
});

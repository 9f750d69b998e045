import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSite, type Page, type Site, type Visitor } from './frontend.ts';

let site: Site;
let brand: Visitor;
let influencer: Visitor;
let conversationId: string;
let brandPage: Page;
let influencerPage: Page;

beforeAll(async () => {
  site = await openSite();
  [brand, influencer] = await Promise.all([site.person('brand', 'brand_owner'), site.person('creator', 'influencer')]);
  const bid = await influencer.ask('POST', '/api/bids', {
    ...{ title: 'Reels', description: 'One reel', starting_price: '5000' },
  });
  const bidId = (bid as never as { bid?: { id: string } }).bid?.id ?? bid.id;
  [brandPage, influencerPage] = [await brand.open(), await influencer.open()];
  const opened = await brand.ask('POST', `/api/bids/${bidId}/connect`, { proposed_amount: '5000' });
  conversationId = (opened as never as { conversation: { id: string } }).conversation.id;
});
afterAll(() => site.close());

test('a page that joins its user’s room and a conversation’s, as in the guide, hears what is written there', async () => {
  influencerPage.socket.emit('join', influencer.id);
  influencerPage.socket.emit('join_conversation', conversationId);
  const messages = await influencerPage.hears('new_message');
  expect(messages[0]?.[0]).toMatchObject({
    conversation_id: conversationId,
    message: { conversation_id: conversationId, message_type: expect.any(String) },
    conversation_context: { flow_state: 'influencer_responding', awaiting_role: 'influencer' },
  });
  const [notification] = (await influencerPage.hears('notification'))[0] as [{ type: string; data: object }];
  expect(Object.keys(notification).sort()).toEqual(['data', 'type']);
  expect(notification.data).toMatchObject({ conversation_id: conversationId });
});

test('a click over REST is `button_action`, `conversation_state_changed` and `new_message` on both sides’ pages', async () => {
  const clicked = await influencer.ask('POST', `/api/messages/conversations/${conversationId}/button-click`, {
    button_id: 'accept_connection',
    additional_data: {},
  });
  for (const page of [brandPage, influencerPage]) {
    const [action] = (await page.hears('button_action'))[0] as [object];
    expect(action).toMatchObject({
      button_id: 'accept_connection',
      conversationId,
      flow_update: (clicked as never as { flow_update: object }).flow_update,
      conversation_context: { flow_state: 'brand_owner_details' },
    });
    const [changed] = (await page.hears('conversation_state_changed'))[0] as [object];
    expect(changed).toMatchObject({
      conversation_id: conversationId,
      previous_state: 'influencer_responding',
      new_state: 'brand_owner_details',
    });
  }
});

test('a text input over REST is `text_input` on both sides’ pages', async () => {
  await brand.ask('POST', `/api/messages/conversations/${conversationId}/text-input`, {
    text: 'Create 3 Instagram posts about our tea.',
    input_type: 'project_details',
  });
  for (const page of [brandPage, influencerPage]) {
    const [input] = (await page.hears('text_input'))[0] as [object];
    expect(input).toMatchObject({ input_type: 'project_details', conversationId });
  }
});

test('a free message before real time is refused, in the acknowledgement and, where none is wanted, as `error`', async () => {
  const said = { conversationId, senderId: brand.id, receiverId: influencer.id, message: 'Hello!', mediaUrl: null };
  expect(await brandPage.asks('send_message', said)).toMatchObject({
    success: false,
    error_code: 'FLOW_STATE_INVALID',
    details: { current_state: 'influencer_reviewing', required_state: 'real_time' },
  });
  brandPage.socket.emit('send_message', said);
  expect((await brandPage.hears('error'))[0]).toMatchObject([
    { success: false, error_code: 'FLOW_STATE_INVALID', command: 'send_message' },
  ]);
});

let pairs = 0;
test('in a direct conversation messages, typing, being seen and statuses go as the guide says', async () => {
  pairs++;
  const [asha, ben] = [await site.person(`asha${pairs}`), await site.person(`ben${pairs}`)];
  const [a, b] = [await asha.open(), await ben.open()];
  const { conversation } = (await asha.ask('POST', '/api/messages/direct-connect', {
    ...{ target_user_id: ben.id, initial_message: 'Hello!' },
  })) as never as { conversation: { id: string } };
  for (const page of [a, b])
    expect(await page.asks('join_conversation', conversation.id)).toMatchObject({ success: true });

  a.socket.emit('typing_start', { conversationId: conversation.id, userId: asha.id });
  a.socket.emit('typing_stop', { conversationId: conversation.id, userId: asha.id });
  expect((await b.hears('user_typing', 2)).map(([typing]) => typing)).toMatchObject([
    { conversationId: conversation.id, userId: asha.id, isTyping: true },
    { conversationId: conversation.id, userId: asha.id, isTyping: false },
  ]);

  a.socket.emit('send_message', {
    ...{ conversationId: conversation.id, senderId: asha.id, receiverId: ben.id, message: 'How are you?' },
    mediaUrl: 'https://media.example/tea.jpg',
  });
  const written = await b.hears('new_message', 2);
  const [{ message }] = written[1] as [{ message: { id: string } }];
  expect(message).toMatchObject({
    message: 'How are you?',
    media_url: 'https://media.example/tea.jpg',
    sender_id: asha.id,
  });

  b.socket.emit('mark_seen', { messageId: message.id, userId: ben.id, conversationId: conversation.id });
  expect((await a.hears('message_seen'))[0]).toMatchObject([{ messageId: message.id, userId: ben.id }]);

  b.socket.emit('user_status', { userId: ben.id, status: 'away' });
  const statuses = await a.hears('user_status_change');
  expect(statuses.map(([status]) => status)).toContainEqual({ userId: ben.id, status: 'away' });

  expect(await b.asks('leave_conversation', conversation.id)).toMatchObject({ success: true });
  b.socket.disconnect();
  expect((await a.hears('user_offline'))[0]).toEqual([{ userId: ben.id }]);
});

test('bids and campaigns can be followed by their ids', async () => {
  const campaign = await brand.ask('POST', '/api/campaigns', {
    ...{ title: 'Spring', description: 'Three posts', budget: '5000' },
  });
  const campaignId = (campaign as never as { campaign?: { id: string } }).campaign?.id ?? campaign.id;
  expect(await influencerPage.asks('join_campaign_room', campaignId)).toEqual({
    success: true,
    data: { room: `campaign_${campaignId}` },
  });
  expect(await influencerPage.asks('join_bid_room', campaignId)).toMatchObject({ error_code: 'NOT_FOUND' });
});

test('another’s id in a command is refused', async () => {
  for (const [name, data] of [
    ['join', influencer.id],
    ['send_message', { conversationId, senderId: influencer.id, message: 'as you' }],
    ['typing_start', { conversationId, userId: influencer.id }],
    ['user_status', { userId: influencer.id, status: 'away' }],
  ] as const) {
    expect(await brandPage.asks(name, data), name).toMatchObject({ success: false, error_code: 'FORBIDDEN' });
  }
});

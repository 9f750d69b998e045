import { beforeEach, expect, test } from 'vitest';
import { Commands } from './commands.ts';
import type { CommandFrame } from './frames.ts';
import { Refusal } from './refusal.ts';

const CONVERSATION = '0190a000-0000-7000-8000-000000000001';
let sent: CommandFrame[];
let commands: Commands;

beforeEach(() => {
  sent = [];
  commands = new Commands((frame) => sent.push(frame) > 0);
});

const names = () => sent.map(({ name }) => name);
const answer = (frame: CommandFrame | undefined, data: object) =>
  commands.acknowledged({ type: 'ack', id: frame?.id ?? 0, success: true, data } as never);

test('a command waits for a line, and commands keep their order', async () => {
  const first = commands.send('join_conversation', { conversationId: CONVERSATION }, {});
  const second = commands.send('send_message', { conversationId: CONVERSATION, message: 'Hello' }, {});
  expect(sent).toEqual([]);
  commands.begin();
  expect(names()).toEqual(['join_conversation', 'send_message']);
  answer(sent[0], { room: `conversation_${CONVERSATION}` });
  answer(sent[1], { message: {} });
  expect(await first).toEqual({ room: `conversation_${CONVERSATION}` });
  expect(await second).toEqual({ message: {} });
});

test('what was not acknowledged is sent again under the same key, and what was is not', async () => {
  commands.begin();
  void commands.send('send_message', { message: 'one' }, {});
  void commands.send('send_message', { message: 'two' }, { key: 'mine' });
  answer(sent[0], { message: {} });
  commands.end();
  commands.begin();
  expect(sent.map(({ data }) => (data as { message: string }).message)).toEqual(['one', 'two', 'two']);
  expect(sent.map(({ idempotency_key }) => idempotency_key).slice(1)).toEqual(['mine', 'mine']);
  expect(sent[0]?.idempotency_key).toMatch(/^[0-9a-f]{32}$/);
});

test('rooms are joined anew on each line, until one leaves or has to', async () => {
  commands.begin();
  for (const bid of ['a', 'b', 'c']) {
    void commands.send('join_bid_room', { bidId: bid }, {});
    answer(sent.at(-1), { room: `bid_${bid}` });
  }
  void commands.send('leave_room', { roomId: 'bid_a' }, {});
  answer(sent.at(-1), { room: 'bid_a' });
  commands.leftRoom('bid_b');
  commands.end();
  sent = [];
  commands.begin();
  expect(sent.map(({ name, data }) => [name, data])).toEqual([['join_bid_room', { bidId: 'c' }]]);
});

test('what is of this moment is nothing without a line', () => {
  commands.say('typing_start', { conversationId: CONVERSATION });
  commands.begin();
  expect(sent).toEqual([]);
  commands.say('typing_start', { conversationId: CONVERSATION });
  expect(names()).toEqual(['typing_start']);
  expect(sent[0]).not.toHaveProperty('idempotency_key');
});

test('what is refused is told in the API’s words', async () => {
  commands.begin();
  const asked = commands.send('join_bid_room', { bidId: 'x' }, {});
  const details = { retry_after: 3 };
  commands.acknowledged({
    ...{ type: 'ack', id: 1, success: false, message: 'Too many.', error_code: 'RATE_LIMITED', details },
  } as never);
  await expect(asked).rejects.toMatchObject({ code: 'RATE_LIMITED', message: 'Too many.', details, passes: true });
});

test('what is aborted is neither sent nor answered', async () => {
  const end = new AbortController();
  const asked = commands.send('join_bid_room', { bidId: 'x' }, { signal: end.signal });
  end.abort(new Error('no more'));
  await expect(asked).rejects.toThrow('no more');
  commands.begin();
  expect(sent).toEqual([]);
  expect(commands.waiting).toBe(0);
});

test('when there will be no line any more, what waits and what comes is refused', async () => {
  const over = new Refusal('Over.', 'UNAUTHENTICATED', 0);
  const asked = commands.send('join_bid_room', { bidId: 'x' }, {});
  commands.close(over);
  await expect(asked).rejects.toBe(over);
  await expect(commands.send('join_bid_room', { bidId: 'x' }, {})).rejects.toBe(over);
});

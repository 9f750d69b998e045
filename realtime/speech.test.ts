import { expect, test } from 'vitest';
import type { Namespace, Source } from './catalogue/declaration.ts';
import { appNamed, sayings } from './speech.ts';

const USER = '0190a000-0000-7000-8000-00000000000a';
const said = (
  name: string,
  data: unknown,
  speech: { app?: Source; heardFrom?: Source[]; namespace?: Namespace } = {},
) =>
  sayings(
    { app: speech.app ?? null, heardFrom: new Set(speech.heardFrom), namespace: speech.namespace ?? '/' },
    name,
    data,
    { userId: USER, isIn: () => true },
  );

test('where two applications give one name two forms, each that says who it is gets its own, others get Stoory’s', () => {
  expect(said('user_offline', { userId: USER }, { app: 'Softchat' })).toEqual([['user_offline', USER]]);
  for (const speech of [{}, { app: 'Stoory' }, { app: 'LykLuk' }, { heardFrom: ['Softchat'] }] as const) {
    expect(said('user_offline', { userId: USER }, speech as never)).toEqual([['user_offline', { userId: USER }]]);
  }
  const told = { type: 'accept_price', data: { conversation_id: USER, message: 'm', sender_id: USER } };
  expect(said('notification', told)).toEqual([['notification', told]]);
  expect(said('notification', told, { app: 'LykLuk' })).toEqual([
    ['notification', { ...told, eventType: 'notification:accept_price', recipientIds: [USER] }],
  ]);
});

test('who has used Softchat’s commands hears its names too, where Stoory has none', () => {
  const status = { userId: USER, status: 'online' };
  expect(said('user_status_change', status, { heardFrom: ['Softchat'] })).toEqual([
    ['user_status_change', status],
    ['user_online', USER],
  ]);
});

test('what LykLuk declares comes as `notification` to everybody, and fields that are arguments come by their place', () => {
  const envelope = { type: 'points_earned', eventType: 'wallet:points:earned', recipientIds: [USER], data: {} };
  for (const app of [null, 'LykLuk', 'Stoory'] as const) {
    expect(said('points_earned', envelope, app ? { app } : {})).toEqual([['notification', envelope]]);
  }
  expect(said('price_update', { symbol: 'BTC', price: '1', change: '0.5' })).toEqual([
    ['price_update', 'BTC', '1', '0.5'],
  ]);
});

test('a namespace has its own events, and the default one has all', () => {
  const gift = { code: 'HEART' };
  expect(said('gift:received', gift, { namespace: '/gifts' })).toHaveLength(1);
  expect(said('gift:received', gift, { namespace: '/chat' })).toEqual([]);
  expect(said('gift:received', gift)).toHaveLength(1);
  expect(said('notification', { type: 'x', data: {} }, { namespace: '/chat' })).toEqual([]);
});

test('applications are known by their names in either case, and by no others', () => {
  expect([appNamed('LykLuk'), appNamed('softchat'), appNamed('50BraIns')]).toEqual(['LykLuk', 'Softchat', '50BraIns']);
  for (const name of ['tiktok', '', 'toString', '__proto__']) expect(appNamed(name)).toBeNull();
});

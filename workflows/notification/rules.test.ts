import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEAL_EVENTS } from '../deal/contract.ts';
import { NOTIFICATION_EVENTS, notification, preferencesRequest, sendRequest, subscription } from './contract.ts';
import { CHANNELS, KIND_NAMES, kindFacts, OFFERED_KINDS } from './kinds.ts';
import { NO_PREFERENCES, offFor, offOf, type Preferences } from './preferences.ts';
import { type DuePush, MAX_ATTEMPTS, planPush } from './pushing.ts';
import { cut, named, whoDid, wordsOf } from './words.ts';

const NOW = '2026-06-10T12:00:00.000Z';
const like = kindFacts('video_like');

describe('preferences', () => {
  test('a kind that is off goes before all, then what is off for every kind, then what is off for this one', () => {
    const kindOff = { ...like, channels: { in_app: true, push: false, email: false } };
    const off = { push: false };
    const on = { push: true };
    expect(offOf(kindOff, 'push', on, on)).toBe('kind');
    expect(offOf(like, 'push', off, on)).toBe('global');
    expect(offOf(like, 'push', on, off)).toBe('per_kind');
    expect(offOf(like, 'push', on, on)).toBeNull();
    expect(offOf(like, 'push', {}, {})).toBeNull();
  });

  test('what is critical heeds no preference, but goes only where the kind may appear', () => {
    const all = { in_app: false, push: false, email: false };
    const preferences: Preferences = { global: all, kinds: { security: all }, quiet_hours: null };
    expect(offFor('security', 'push', preferences)).toBeNull();
    expect(offFor('security', 'in_app', preferences)).toBeNull();
    expect(offFor('security', 'email', preferences)).toBe('kind');
  });

  test('what is critical is not offered', () => {
    const critical = KIND_NAMES.filter((kind) => kindFacts(kind).critical);
    expect(critical).toEqual(['security']);
    expect(OFFERED_KINDS).toEqual(KIND_NAMES.filter((kind) => !critical.includes(kind)));
  });

  test('a deal that waits for an answer stays in the inbox whatever is preferred', () => {
    const preferences: Preferences = { global: { in_app: false, push: false }, kinds: {}, quiet_hours: null };
    expect(offFor('deal_moved', 'in_app', preferences)).toBeNull();
    expect(offFor('deal_moved', 'push', preferences)).toBe('global');
    expect(offFor('video_like', 'in_app', preferences)).toBe('global');
  });

  test('the traditional kinds are declared, with words of their own', () => {
    for (const kind of [
      'profile_followed',
      'video_comment',
      'video_like',
      'follow_request',
      'live_stream_started',
    ] as const) {
      expect(wordsOf(kind, { people: 1, names: ['ana'] })?.title).toMatch(/^ana \w/);
    }
  });
});

describe('words', () => {
  test('name one, name two, count three', () => {
    expect(whoDid({ people: 1, names: ['ana'] })).toBe('ana');
    expect(whoDid({ people: 2, names: ['ana', 'ben'] })).toBe('ana and ben');
    expect(whoDid({ people: 3, names: ['ana', 'ben', 'cleo'] })).toBe('3 people');
    expect(whoDid({ people: 1, names: [] })).toBe('Somebody');
    expect(wordsOf('video_like', { people: 3, names: ['ana', 'ben', 'cleo'] })).toEqual({
      title: '3 people liked your video',
      body: 'ana, ben and cleo',
    });
    expect(named({ people: 7, names: ['ana', 'ben', 'cleo'] })).toBe('ana, ben, cleo and 4 others');
    expect(named({ people: 4, names: ['ana', 'ben', 'cleo'] })).toBe('ana, ben, cleo and 1 other');
  });

  test('a text is cut between letters as a reader sees them, and never in one', () => {
    expect(cut('👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 3)).toBe('👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦');
    expect(cut('👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 3)).toBe('👨‍👩‍👧‍👦👨‍👩‍👧‍👦…');
    expect(cut('नमस्ते दुनिया', 4)).toMatch(/…$/);
    const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
    const count = (text: string) => [...graphemes.segment(text)].length;
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (text, most) => {
        const short = cut(text, most);
        expect(short.isWellFormed()).toBe(true);
        expect(count(short)).toBeLessThanOrEqual(most);
        if (count(text) <= most) expect(short).toBe(text);
        else expect(text.startsWith(short.slice(0, -1))).toBe(true);
      }),
    );
  });
});

describe('a push that is due', () => {
  const due = (push: Partial<DuePush> = {}): DuePush => ({
    kind: 'video_like',
    createdAt: NOW,
    attempts: 0,
    takenBack: false,
    attended: false,
    preferences: NO_PREFERENCES,
    socketHadIt: false,
    sentOfKind: 0,
    devices: [{ id: 'phone', timeZone: null, done: false }],
    ...push,
  });
  const outcome = (push: Partial<DuePush>, now = NOW) => {
    const plan = planPush(due(push), now);
    return plan.do === 'end' ? plan.outcome : 'sent to a device';
  };

  test.each<[string, Partial<DuePush>, string]>([
    ['was taken back', { takenBack: true }, 'taken_back'],
    ['was seen', { attended: true }, 'read'],
    [
      'is of a kind somebody switched off',
      { preferences: { ...NO_PREFERENCES, global: { push: false } } },
      'preference',
    ],
    ['is on a socket already', { socketHadIt: true }, 'socket_had_it'],
    ['has no device to go to', { devices: [] }, 'no_device'],
    ['comes too late', { createdAt: '2026-06-09T11:59:59.000Z' }, 'expired'],
    ['is one too many', { sentOfKind: like.throttle?.many ?? 0 }, 'throttled'],
    ['was tried too often', { attempts: MAX_ATTEMPTS }, 'failed'],
    ['had its devices', { devices: [{ id: 'phone', timeZone: null, done: true }] }, 'sent'],
    ['is like any other', {}, 'sent to a device'],
  ])('that %s ends so', (_, push, ended) => {
    expect(outcome(push)).toBe(ended);
  });

  test('what is critical passes throttles, preferences and quiet hours, and not a socket that had it', () => {
    const hours = { from: '00:00', to: '23:59', time_zone: 'UTC' };
    const preferences = { global: { push: false }, kinds: {}, quiet_hours: hours };
    expect(outcome({ kind: 'security', preferences, sentOfKind: 10_000 })).toBe('sent to a device');
    expect(outcome({ kind: 'security', preferences, socketHadIt: true })).toBe('socket_had_it');
  });

  test('each device has the quiet hours of its own zone; without one, of its user’s', () => {
    const quiet_hours = { from: '22:00', to: '07:00', time_zone: 'Europe/Berlin' };
    const devices = [
      { id: 'at home', timeZone: null, done: false },
      { id: 'in Delhi', timeZone: 'Asia/Kolkata', done: false },
      { id: 'in Lima', timeZone: 'America/Lima', done: false },
    ];
    const plan = planPush(
      due({ preferences: { ...NO_PREFERENCES, quiet_hours }, devices }),
      '2026-06-10T20:30:00.000Z',
    );
    expect(plan).toEqual({
      do: 'send',
      to: ['in Lima'],
      quiet: [
        { id: 'at home', until: '2026-06-11T05:00:00.000Z' },
        { id: 'in Delhi', until: '2026-06-11T01:30:00.000Z' },
      ],
    });
  });

  test('one that has begun is not throttled half way', () => {
    expect(outcome({ attempts: 1, sentOfKind: 1_000 })).toBe('sent to a device');
  });
});

describe('what travels', () => {
  test('a subscription has a point and a secret of the right size', () => {
    const keys = {
      p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
      auth: 'BTBZMqHH6r4Tts7J_aSIgg',
    };
    const endpoint = 'https://push.example/1';
    expect(subscription.safeParse({ endpoint, expirationTime: null, keys }).success).toBe(true);
    expect(subscription.safeParse({ endpoint, keys: { ...keys, p256dh: keys.auth } }).success).toBe(false);
    expect(subscription.safeParse({ endpoint: 'file:///etc/passwd', keys }).success).toBe(false);
  });

  test('a message to many names one audience', () => {
    const words = { title: 'Monsoon', body: '' };
    const one = '0198b0f6-2f4e-7c3a-9a51-0d8f6f0f4b11';
    expect(sendRequest.safeParse({ ...words, all: true }).success).toBe(true);
    expect(sendRequest.safeParse({ ...words, all: true, role: 'viewer' }).success).toBe(false);
    expect(sendRequest.safeParse({ ...words, role: 'all' }).success).toBe(false);
    expect(sendRequest.safeParse(words).success).toBe(false);
    expect(sendRequest.safeParse({ ...words, user_ids: [one], data: { text: 'x'.repeat(3_000) } }).success).toBe(false);
  });

  test('every example of a schema is one', () => {
    for (const schema of [preferencesRequest, sendRequest, notification, subscription]) {
      const examples = (schema.meta()?.examples ?? []) as unknown[];
      expect(examples).toHaveLength(1);
      for (const example of examples) expect(schema.safeParse(example).error).toBeUndefined();
    }
    expect(CHANNELS).toContain('email');
  });

  test('a deal’s notification is one of the store’s, in its form', () => {
    const told = {
      type: 'accept_price',
      data: {
        conversation_id: '0198b0f6-2f4e-7c3a-9a51-0d8f6f0f4b11',
        message: 'x',
        sender_id: '0198b0f6-2f4e-7c3a-9a51-0d8f6f0f4b11',
      },
    };
    expect(NOTIFICATION_EVENTS.notification.parse(DEAL_EVENTS.notification.parse(told))).toEqual(told);
  });
});

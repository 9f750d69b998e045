import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { PushMessage } from '../service.ts';
import { type PushWorld, TIMEOUT_MS } from './world.ts';

/** What every adapter promises, whoever is behind it. */
export function describePushService(name: string, open: () => Promise<PushWorld>): void {
  describe(`${name} keeps the port's contract`, () => {
    let world: PushWorld;
    beforeAll(async () => {
      world = await open();
    });
    afterEach(() => {
      world.server.calm();
      world.arrived.length = 0;
      world.refused.length = 0;
    });
    afterAll(() => world?.close());

    const message = (part: Partial<PushMessage> = {}): PushMessage => ({
      title: 'ana liked your video',
      body: '',
      data: { notification_id: 'n1', kind: 'video_like', videoId: '456' },
      collapseKey: 'video_like/video/456',
      ttlSeconds: 86_400,
      urgency: 'normal',
      ...part,
    });
    const send = (part: Partial<PushMessage> = {}, target = world.device()) =>
      world.service.send(target, message(part));

    test('a message is on the device as it was sent, believed by the service and read by nobody between', async () => {
      const target = world.device();
      const answer = await send({ body: 'नमस्ते 👋', urgency: 'high', ttlSeconds: 3_600 }, target);
      expect(answer).toEqual({ outcome: 'sent', why: expect.stringMatching(/./) });
      expect(world.refused).toEqual([]);
      expect(world.arrived).toEqual([
        expect.objectContaining({
          target: target.token,
          title: 'ana liked your video',
          body: 'नमस्ते 👋',
          data: { notification_id: 'n1', kind: 'video_like', videoId: '456' },
          ttlSeconds: 3_600,
          urgency: 'high',
        }),
      ]);
    });

    test('messages about one thing have one topic, those about another another', async () => {
      const target = world.device();
      for (const collapseKey of ['one', 'one', 'two']) await send({ collapseKey }, target);
      const [first, again, other] = world.arrived.map(({ topic }) => topic);
      expect(again).toBe(first);
      expect(other).not.toBe(first);
    });

    test('a device that has the app no longer is gone', async () => {
      const target = world.device();
      world.uninstall(target);
      expect(await send({}, target)).toMatchObject({ outcome: 'gone' });
    });

    test('a message that is refused says nothing about the device', async () => {
      world.server.trouble({ status: 400, body: { error: { status: 'INVALID_ARGUMENT', message: 'no' } } }, world.path);
      expect(await send()).toMatchObject({ outcome: 'refused', why: expect.stringContaining('400') });
    });

    test.each([
      [429, '7', 7_000],
      [503, '120', 120_000],
      [503, undefined, null],
      [500, 'nonsense', null],
    ])('%i with Retry-After %s is later by as much', async (status, header, afterMs) => {
      const headers: Record<string, string> = header === undefined ? {} : { 'retry-after': header };
      world.server.trouble({ status, headers, body: {} }, world.path);
      expect(await send()).toMatchObject({ outcome: 'later', afterMs });
    });

    test('Retry-After may be a date', async () => {
      const at = new Date(Date.now() + 60_000).toUTCString();
      world.server.trouble({ status: 503, headers: { 'retry-after': at }, body: {} }, world.path);
      const answer = await send();
      expect(answer).toMatchObject({ outcome: 'later' });
      const { afterMs } = answer as { afterMs: number };
      expect(afterMs).toBeGreaterThan(50_000);
      expect(afterMs).toBeLessThanOrEqual(60_000);
    });

    test('no answer, or half of one, is later', async () => {
      world.server.trouble('cut', world.path);
      expect(await send()).toMatchObject({ outcome: 'later', afterMs: null });
      world.server.trouble('silence', world.path);
      const began = performance.now();
      expect(await send()).toMatchObject({ outcome: 'later', afterMs: null });
      expect(performance.now() - began).toBeLessThan(3 * TIMEOUT_MS);
    });

    test('a stranger’s message is not taken, and no device is forgotten for it', async () => {
      const answer = await world.stranger.send(world.device(), message());
      expect(['refused', 'later']).toContain(answer.outcome);
      expect(world.arrived).toEqual([]);
      expect(world.refused).not.toEqual([]);
    });

    test.each([
      ['words of a script that takes many bytes', { title: 'क्ष'.repeat(200), body: '👨‍👩‍👧‍👦'.repeat(400) }],
      ['much data', { data: { notification_id: 'n1', kind: 'video_like', text: '"'.repeat(4_000) } }],
      ['quotes that are escaped', { title: '"\\'.repeat(900), body: '\u0001'.repeat(3_000) }],
    ])('a message with %s is made small enough to be taken', async (_, part) => {
      expect(await send(part)).toMatchObject({ outcome: 'sent' });
      expect(world.arrived[0]?.data).toMatchObject({ notification_id: 'n1', kind: 'video_like' });
      expect(world.arrived[0]?.title.isWellFormed()).toBe(true);
    });

    test('no more than a hundred are under way at a time, and the rest follow', async () => {
      const target = world.device();
      await world.patient.send(target, message());
      world.arrived.length = 0;
      const gate = world.server.hold();
      const sent = Array.from({ length: 130 }, () => world.patient.send(target, message()));
      await gate.reached(100);
      // Time for one more to come, if it would.
      await new Promise((done) => setTimeout(done, 100));
      expect(gate.held()).toBe(100);
      gate.goOn();
      const answers = await Promise.all(sent);
      expect(answers.filter(({ outcome }) => outcome === 'sent')).toHaveLength(130);
      expect(world.arrived).toHaveLength(130);
    });
  });
}

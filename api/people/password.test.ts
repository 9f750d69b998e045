import { availableParallelism } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { createPasswords } from './password.ts';

const free = { before: async () => {}, after: async () => {} };

test('a hash is argon2id, salted, and opened by its password alone', async () => {
  const passwords = createPasswords();
  const [one, two] = await Promise.all([passwords.hash('secret123'), passwords.hash('secret123')]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(two).not.toBe(one);
  expect(await passwords.check(one, 'secret123', free)).toBe(true);
  expect(await passwords.check(one, 'secret124', free)).toBe(false);
});

test('without a hash there is no right password', async () => {
  const passwords = createPasswords();
  expect(await passwords.check(null, 'the password of nobody', free)).toBe(false);
});

test('while passwords are hashed the event loop goes on', async () => {
  const passwords = createPasswords();
  await passwords.hash('warm-up');
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  await Promise.all(Array.from({ length: 20 }, () => passwords.hash('secret123')));
  const took = performance.now() - start;
  delay.disable();
  // On the event loop one stretch would last as long as a hash, and all of them the whole time.
  const oneHash = (took * Math.min(2, availableParallelism())) / 20;
  expect(delay.percentile(50) / 1e6).toBeLessThan(Math.max(oneHash, 5));
});

test('two are hashed at a time, in the order they came', async () => {
  const passwords = createPasswords();
  const hash = await passwords.hash('secret123');
  const order: number[] = [];
  let running = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 8 }, (_, at) =>
      passwords.check(hash, 'secret123', {
        before: async () => {
          order.push(at);
          most = Math.max(most, ++running);
        },
        after: async () => {
          running--;
        },
      }),
    ),
  );
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(most).toBe(2);
});

test('when too many wait, who comes next is sent away at once, and nobody who waits is forgotten', async () => {
  const passwords = createPasswords();
  const hash = await passwords.hash('secret123');
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const held = { before: () => gate, after: async () => {} };
  // Two at work, and five hundred who wait: refused by their own `before`, so that they cost nothing.
  const atWork = [passwords.check(hash, 'secret123', held), passwords.check(hash, 'secret123', held)];
  const turned = { before: () => Promise.reject(new Error('turned away')), after: async () => {} };
  const waiting = Array.from({ length: 500 }, (_, at) =>
    passwords
      .check(hash, 'secret123', { ...turned, who: { account: `${at}`, address: `${at % 5}` } })
      .catch(() => 'turned away'),
  );
  await expect(passwords.hash('secret123')).rejects.toMatchObject({ code: 'UNAVAILABLE', retryAfter: 5 });
  open();
  expect(await Promise.all(atWork)).toEqual([true, true]);
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['turned away']));
  expect(await passwords.check(hash, 'secret123', free)).toBe(true);
});

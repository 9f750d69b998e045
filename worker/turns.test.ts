import { expect, test } from 'vitest';
import { startTurns, takeTurns } from './turns.ts';

const HOUR_MS = 3_600_000;

test('turns follow each other, also after one that failed, each after the pause that was said', async () => {
  const said: string[] = [];
  const fourth = Promise.withResolvers<void>();
  const turns = startTurns(
    async () => {
      said.push('turn');
      if (said.length === 3) throw new Error('the second failed');
      if (said.length < 6) return 0;
      fourth.resolve();
      return HOUR_MS;
    },
    (error) => {
      said.push((error as Error).message);
      return 1;
    },
  );
  said.push('started');
  await fourth.promise;
  await turns.stop();
  expect(said).toEqual(['turn', 'started', 'turn', 'the second failed', 'turn', 'turn']);
});

test('a stop waits for the turn that is under way, for no pause, and begins no other', async () => {
  const [began, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let [begun, ended] = [0, 0];
  const turns = startTurns(
    async () => {
      begun += 1;
      began.resolve();
      await goOn.promise;
      ended += 1;
      return HOUR_MS;
    },
    () => 0,
  );
  await began.promise;
  const stopped = turns.stop().then(() => ended);
  goOn.resolve();
  expect(await stopped).toBe(1);
  expect(begun).toBe(1);
});

test('what fails because the end has come is told to nobody', async () => {
  const ending = new AbortController();
  const failures: unknown[] = [];
  const turn = async () => {
    ending.abort();
    throw new Error('closed');
  };
  await takeTurns(ending.signal, turn, (error) => {
    failures.push(error);
    return 0;
  });
  expect(failures).toEqual([]);
});

test('a turn that is stopped is told so, and ends early', async () => {
  const seen = Promise.withResolvers<AbortSignal>();
  const turns = startTurns(
    async (stopping) => {
      seen.resolve(stopping);
      await new Promise((resolve) => stopping.addEventListener('abort', resolve));
      return HOUR_MS;
    },
    () => 0,
  );
  const stopping = await seen.promise;
  expect(stopping.aborted).toBe(false);
  await turns.stop();
  expect(stopping.aborted).toBe(true);
});

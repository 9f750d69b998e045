import { expect, test } from 'vitest';
import { minutesOf } from './minutes.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 28, 12, minute, 0)).toISOString();
const values = (bars: readonly { value: number }[]) => bars.map(({ value }) => value);

test('viewers stay as many as were told last, and minutes without gifts have none', () => {
  const bars = minutesOf(
    {
      viewers: [
        { minute: at(1), viewers: 3 },
        { minute: at(3), viewers: 1 },
      ],
      gifts: [{ minute: at(2), gifts: 4, tokens: 20 }],
    },
    { from: '2026-11-28T12:00:30.000Z', to: '2026-11-28T12:04:59.000Z' },
  );
  expect(values(bars.viewers)).toEqual([0, 3, 3, 1, 1]);
  expect(values(bars.gifts)).toEqual([0, 0, 4, 0, 0]);
  expect(bars.gifts[2]?.said).toMatch(/4 gifts, 20 TOKEN$/);
});

test('of a long stream the last hour is shown, which begins with who was there before', () => {
  const bars = minutesOf({ viewers: [{ minute: at(2), viewers: 7 }], gifts: [] }, { from: at(0), to: at(200) });
  expect(bars.viewers).toHaveLength(60);
  expect(values(bars.viewers).every((value) => value === 7)).toBe(true);
});

import { expect, test } from 'vitest';
import { createGatherer, type Gathering } from './gathering.ts';
import { asNewcomer, createLine } from './line.ts';

type Ask = { by: string; what: string };
type Writing = { lane: number; whats: string[]; answer(): void; refuse(error: Error): void };

/** A gatherer whose groups are under way until a test answers them: each by what was asked, in capitals. */
function gathered(options: Partial<Gathering<Ask, string>> = {}) {
  const writings: Writing[] = [];
  const gather = createGatherer<Ask, string>({
    ...{ pool: {}, most: 3, lanes: 1, personOf: ({ by }) => by, ...options },
    write: (group, lane) =>
      new Promise((resolve, reject) => {
        const answer = () => resolve(group.map(({ what }) => (what === 'no' ? new Error(what) : what.toUpperCase())));
        writings.push({ lane, whats: group.map(({ what }) => what), answer, refuse: reject });
      }),
  });
  const ask = (by: string, what = by) => gather({ by, what });
  const underWay = () => writings.map(({ lane, whats }) => [lane, ...whats]);
  /** Ends the writings so far, and has what comes of it begin. */
  async function end(how: (writing: Writing) => void): Promise<void> {
    for (const writing of writings.splice(0)) how(writing);
    await new Promise(setImmediate);
  }
  return { ask, underWay, end };
}

const answer = (writing: Writing) => writing.answer();

test('alone one goes at once, and what comes while all lanes are under way goes together, no more than there may', async () => {
  const { ask, underWay, end } = gathered({ lanes: 2 });
  const asked = ['a', 'b', 'c', 'd', 'e', 'f'].map((by) => ask(by));
  expect(underWay()).toEqual([
    [0, 'a'],
    [1, 'b'],
  ]);
  await end(answer);
  expect(underWay()).toEqual([
    [0, 'c', 'd', 'e'],
    [1, 'f'],
  ]);
  await end(answer);
  expect(await Promise.all(asked)).toEqual(['A', 'B', 'C', 'D', 'E', 'F']);
});

test('what one person asks for follows what they asked for before, though a lane is free', async () => {
  const { ask, underWay, end } = gathered({ lanes: 2 });
  const asked = [ask('a', 'first'), ask('a', 'second'), ask('b'), ask('a', 'third')];
  expect(underWay()).toEqual([
    [0, 'first'],
    [1, 'b'],
  ]);
  await end(answer);
  expect(underWay()).toEqual([[0, 'second']]);
  await end(answer);
  expect(underWay()).toEqual([[0, 'third']]);
  await end(answer);
  expect(await Promise.all(asked)).toEqual(['FIRST', 'SECOND', 'B', 'THIRD']);
});

test('where nothing has to follow anything, what one person asks for goes together', async () => {
  const { ask, underWay, end } = gathered({ personOf: undefined });
  const asked = [ask('a', 'first'), ask('a', 'second'), ask('a', 'third')];
  await end(answer);
  expect(underWay()).toEqual([[0, 'second', 'third']]);
  await end(answer);
  expect(await Promise.all(asked)).toEqual(['FIRST', 'SECOND', 'THIRD']);
});

test('each hears what became of it, and of a group that failed all hear it', async () => {
  const { ask, end } = gathered();
  const [first, bad, good] = [ask('a'), ask('b', 'no'), ask('c')];
  await end(answer);
  await Promise.all([first, end(answer), expect(bad).rejects.toThrow('no')]);
  expect(await good).toBe('C');
  const [alone, ...others] = ['a', 'b', 'c'].map((by) => ask(by));
  await end(answer);
  expect(await alone).toBe('A');
  const all = others.map((each) => expect(each).rejects.toThrow('gone'));
  await end(({ refuse }) => refuse(new Error('gone')));
  await Promise.all(all);
  const after = ask('b');
  await end(answer);
  expect(await after).toBe('B');
});

test('those of a refused group are asked for one by one, before who came later, as often as they may be', async () => {
  const tried: { together: boolean; times: number }[] = [];
  const { ask, underWay, end } = gathered({
    again(_, how) {
      tried.push(how);
      return how.together || how.times < 2;
    },
  });
  const [first, second, third] = [ask('a'), ask('b'), ask('c')];
  await end(answer);
  expect(await first).toBe('A');
  const later = ask('d');
  const refuse = ({ refuse }: Writing) => refuse(new Error('refused'));
  await end(refuse);
  expect(underWay()).toEqual([[0, 'b']]);
  await end(answer);
  expect(await second).toBe('B');
  const never = expect(third).rejects.toThrow('refused');
  await end(refuse);
  expect(underWay()).toEqual([[0, 'c']]);
  await end(refuse);
  await never;
  expect(tried).toEqual([
    { together: true, times: 0 },
    { together: true, times: 0 },
    { together: false, times: 1 },
    { together: false, times: 2 },
  ]);
  expect(underWay()).toEqual([[0, 'd']]);
  await end(answer);
  expect(await later).toBe('D');
});

test('where as many wait as may, a newcomer is sent away', async () => {
  const line = createLine({ places: 1, longest: 2, patienceMs: 0 });
  const { ask, end } = gathered({ pool: { line } });
  const asked = ['a', 'b', 'c'].map((by) => ask(by));
  await expect(asNewcomer({ served: false }, () => ask('d'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await end(answer);
  await end(answer);
  expect(await Promise.all(asked)).toEqual(['A', 'B', 'C']);
  const welcome = asNewcomer({ served: false }, () => ask('d'));
  await end(answer);
  expect(await welcome).toBe('D');
});

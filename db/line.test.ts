import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { Failure } from '#workflows/failures.ts';
import { asNewcomer, createLine, type Line, type Newcomer, type Shed } from './line.ts';

let ms = 0;
beforeEach(() => {
  ms = 0;
});
const now = () => ms;
const PATIENCE_MS = 2_000;

const newcomer = (): Newcomer => ({ served: false });
const answer = async () => 'answer';

/** Work that is over when a test says so. */
function gate(): { work: () => Promise<void>; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { work: () => opened, open };
}

const refused = async (asked: Promise<unknown>) => {
  const why = await asked.then(
    () => null,
    (error: unknown) => error,
  );
  expect(why).toBeInstanceOf(Failure);
  expect(why).toMatchObject({ code: 'UNAVAILABLE', status: 503, retryAfter: 1 });
};

/** A line whose one place is taken until it is opened. */
function full(options: { longest?: number; patienceMs?: number } = {}): { line: Line; open: () => void; shed: Shed[] } {
  const shed: Shed[] = [];
  const line = createLine({ places: 1, longest: 0, patienceMs: 0, now, ...options, shed: (why) => shed.push(why) });
  const first = gate();
  void line.inTurn(first.work);
  return { line, open: first.open, shed };
}

test('newcomers are served in the order they came, and those who were served before go before them', async () => {
  const { line, open } = full();
  const order: string[] = [];
  const ask = (name: string, as: Newcomer) => asNewcomer(as, () => line.inTurn(async () => void order.push(name)));
  const asked = [ask('one', newcomer()), ask('two', newcomer())];
  asked.push(ask('served before', { served: true }));
  asked.push(line.inTurn(async () => void order.push('nobody’s')));
  ms = 700;
  asked.push(ask('three', newcomer()));
  expect(line.state()).toEqual({ free: 0, waiting: 5, oldestMs: 700 });
  open();
  await Promise.all(asked);
  expect(order).toEqual(['served before', 'nobody’s', 'one', 'two', 'three']);
  expect(line.state()).toEqual({ free: 1, waiting: 0, oldestMs: 0 });
});

test('a newcomer who comes when enough wait is refused at once; one who was served waits on', async () => {
  const { line, open, shed } = full({ longest: 2 });
  const waiting = [newcomer(), newcomer()].map((each) => asNewcomer(each, () => line.inTurn(answer)));
  await refused(asNewcomer(newcomer(), () => line.inTurn(answer)));
  const goingOn = asNewcomer({ served: true }, () => line.inTurn(answer));
  const held = line.take().then((leave) => leave());
  expect(shed).toEqual(['length']);
  open();
  expect(await Promise.all([...waiting, goingOn])).toEqual(['answer', 'answer', 'answer']);
  await held;
  expect(line.state().free).toBe(1);
});

test('a newcomer is served to the end once it was served', async () => {
  const { line, open } = full({ longest: 1 });
  const asker = newcomer();
  const whole = asNewcomer(asker, async () => {
    await line.inTurn(async () => {});
    const busy = gate();
    void line.inTurn(busy.work);
    const crowd = asNewcomer(newcomer(), () => line.inTurn(async () => {}));
    await refused(asNewcomer(newcomer(), () => line.inTurn(async () => {})));
    const next = line.inTurn(async () => 'the rest');
    busy.open();
    await crowd;
    return next;
  });
  open();
  expect(await whole).toBe('the rest');
});

test('however long a line stands still, and however often, nobody is sent away for it', async () => {
  const crowds = fc.array(fc.record({ many: fc.nat(60), stillMs: fc.nat(600_000), eachMs: fc.nat(50) }), {
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(crowds, async (rounds) => {
      for (const { many, stillMs, eachMs } of rounds) {
        const { line, open, shed } = full({ patienceMs: PATIENCE_MS });
        const asked = Array.from({ length: many }, () =>
          asNewcomer(newcomer(), () =>
            line.inTurn(async () => {
              ms += eachMs;
            }),
          ),
        );
        ms += stillMs;
        open();
        await Promise.all(asked);
        expect(shed).toEqual([]);
      }
    }),
  );
});

test('where for each that is answered two come, as many are sent away as have the rest answered in time', async () => {
  const { line, open, shed } = full({ patienceMs: PATIENCE_MS });
  const [waits, asked]: [number[], Promise<unknown>[]] = [[], []];
  const come = () => {
    const since = ms;
    const one = asNewcomer(newcomer(), () =>
      line.inTurn(async () => {
        waits.push(ms - since);
        ms += 50;
        for (let n = 0; n < 2 && asked.length < 1_500; n++) come();
      }),
    );
    one.catch(() => {});
    asked.push(one);
  };
  come();
  come();
  open();
  for (let n = 0; n < asked.length; n++) await Promise.allSettled([asked[n]]);
  const outcomes = await Promise.allSettled(asked);
  const sentAway = outcomes.filter(({ status }) => status === 'rejected').length;
  expect(shed).toHaveLength(sentAway);
  expect(new Set(shed)).toEqual(new Set(['age']));
  expect(sentAway).toBeGreaterThan(300);
  expect(waits).toHaveLength(1_500 - sentAway);
  expect(Math.max(...waits)).toBeGreaterThan(2 * PATIENCE_MS);
  expect(Math.max(...waits.slice(-300))).toBeLessThan(1.1 * PATIENCE_MS);
  expect(line.state()).toEqual({ free: 1, waiting: 0, oldestMs: 0 });
  expect(await asNewcomer(newcomer(), () => line.inTurn(answer))).toBe('answer');
});

test('what a caller waited for until it was gone is not done any more', async () => {
  const { line, open, shed } = full();
  const done: string[] = [];
  const ask = (name: string, as: Newcomer, withinMs?: number) =>
    asNewcomer(as, () => line.inTurn(async () => void done.push(name), withinMs));
  const gone = [ask('a newcomer’s', newcomer(), 100), ask('the rest', { served: true }, 100)];
  const patient = ask('in time', newcomer(), 101);
  ms = 100;
  open();
  for (const each of gone) await refused(each);
  await patient;
  expect(done).toEqual(['in time']);
  expect(shed).toEqual([]);
  expect(line.state()).toEqual({ free: 1, waiting: 0, oldestMs: 0 });
});

test('another line is judged alike, by how it moves itself, and whoever is let into it is served from then on', () => {
  const line = createLine({ places: 1, longest: 200, patienceMs: PATIENCE_MS, now });
  const beside = line.beside();
  const admit = (asker: Newcomer, waiting: number) => () => asNewcomer(asker, () => beside.admit(waiting));
  const asker = newcomer();
  expect(admit(asker, 200)).toThrow(Failure);
  expect(admit(asker, 199)).not.toThrow();
  for (let n = 0; n < 100; n++) {
    ms += 100;
    beside.moved(1, 100, PATIENCE_MS);
  }
  expect(admit(newcomer(), 100)).toThrow(Failure);
  expect(admit(newcomer(), 1)).not.toThrow();
  expect(admit(asker, 1_000)).not.toThrow();
  expect(() => beside.admit(1_000)).not.toThrow();
});

test('no more are served at once than there are places, and no place is lost, whatever fails', async () => {
  const asked = fc.array(fc.record({ isNew: fc.boolean(), fails: fc.boolean(), turns: fc.nat(3) }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.nat(5), asked, async (places, longest, all) => {
      const line = createLine({ places, longest, patienceMs: 0 });
      let inside = 0;
      let most = 0;
      const work = async (fails: boolean, turns: number) => {
        most = Math.max(most, ++inside);
        for (let n = 0; n < turns; n++) await null;
        inside -= 1;
        if (fails) throw new Error('no');
      };
      await Promise.allSettled(
        all.map(({ isNew, fails, turns }) =>
          asNewcomer({ served: !isNew }, () => line.inTurn(() => work(fails, turns))),
        ),
      );
      expect(most).toBeLessThanOrEqual(places);
      expect(line.state()).toEqual({ free: places, waiting: 0, oldestMs: 0 });
    }),
  );
});

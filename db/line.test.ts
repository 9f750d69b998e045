import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '#workflows/failures.ts';
import { asNewcomer, createLine, type Line, type Newcomer, type Shed } from './line.ts';

const newcomer = (): Newcomer => ({ served: false });

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
  const line = createLine({ places: 1, longest: 0, patienceMs: 0, ...options, shed: (why) => shed.push(why) });
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
  asked.push(ask('three', newcomer()));
  expect(line.state()).toMatchObject({ free: 0, waiting: 5 });
  open();
  await Promise.all(asked);
  expect(order).toEqual(['served before', 'nobody’s', 'one', 'two', 'three']);
  expect(line.state()).toEqual({ free: 1, waiting: 0, oldestMs: 0 });
});

test('a newcomer who comes when enough wait is refused at once; one who was served waits on', async () => {
  const { line, open, shed } = full({ longest: 2 });
  const waiting = [newcomer(), newcomer()].map((each) => asNewcomer(each, () => line.inTurn(async () => 'answer')));
  await refused(asNewcomer(newcomer(), () => line.inTurn(async () => 'answer')));
  const goingOn = asNewcomer({ served: true }, () => line.inTurn(async () => 'answer'));
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

test('a newcomer who has waited for too long is sent away, the first who came first', async () => {
  const { line, open, shed } = full({ patienceMs: 20 });
  const gone: number[] = [];
  const asked = [0, 1, 2].map((n) =>
    refused(asNewcomer(newcomer(), () => line.inTurn(async () => {}))).then(() => gone.push(n)),
  );
  const patient = asNewcomer({ served: true }, () => line.inTurn(async () => 'answer'));
  await Promise.all(asked);
  expect(gone).toEqual([0, 1, 2]);
  expect(shed).toEqual(['age', 'age', 'age']);
  // Whoever was served waits longer than that, so whoever comes now would wait longer still.
  await refused(asNewcomer(newcomer(), () => line.inTurn(async () => {})));
  open();
  expect(await patient).toBe('answer');
  expect(await asNewcomer(newcomer(), () => line.inTurn(async () => 'again'))).toBe('again');
});

test('another line is judged alike, and whoever is let into it is served from then on', () => {
  const line = createLine({ places: 1, longest: 2, patienceMs: 20 });
  const asker = newcomer();
  const admit = (waiting: number, ms: number) => () => asNewcomer(asker, () => line.admit(waiting, ms));
  expect(admit(2, 0)).toThrow(Failure);
  expect(admit(0, 20)).toThrow(Failure);
  expect(admit(1, 19)).not.toThrow();
  expect(admit(99, 99)).not.toThrow();
  expect(() => line.admit(99, 99)).not.toThrow();
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

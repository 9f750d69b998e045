import type { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import * as ws from 'ws';
import { Frames, Written } from './frames.ts';
import { until } from './testing/place.ts';

// What its types do not tell of.
const { Receiver } = ws as unknown as { Receiver: new (options: { isServer: boolean }) => Writable };

/** As a client’s WebSocket reads it. */
async function read(frame: Buffer): Promise<string> {
  const receiver = new Receiver({ isServer: false });
  const text = new Promise<string>((resolve, reject) => {
    receiver.on('message', (data: Buffer) => resolve(data.toString())).on('error', reject);
  });
  receiver.write(frame);
  return text;
}

test.each([0, 1, 125, 126, 127, 65_535, 65_536, 70_000])('a text of %i bytes is a frame that says it', async (size) => {
  const [frame] = new Written('x'.repeat(size)).framed();
  expect(await read(frame as Buffer)).toBe('x'.repeat(size));
});

test('letters of several bytes are counted by their bytes, and each line is a frame behind the prefix', async () => {
  const frames = new Written('₹5\n🙂').framed('4');
  expect(await Promise.all(frames.map(read))).toEqual(['4₹5', '4🙂']);
});

test('all lines of a text go out as one, each a frame of its own', async () => {
  const written = new Written('one\ntwo\n🙂');
  const receiver = new Receiver({ isServer: false });
  const heard: string[] = [];
  receiver.on('message', (data: Buffer) => heard.push(data.toString()));
  receiver.write(written.whole('4'));
  await until(() => heard.length === 3, 'all are read');
  expect(heard).toEqual(['4one', '4two', '4🙂']);
  expect(written.count).toBe(3);
  expect(written.whole('4')).toBe(written.whole('4'));
});

test('each form is made once', () => {
  const frames = new Frames();
  let made = 0;
  const make = (text: string) => () => {
    made++;
    return text;
  };
  for (let n = 0; n < 3; n++) {
    expect(frames.in('one', make('1')).text).toBe('1');
    expect(frames.in('other', make('2')).text).toBe('2');
    expect(frames.in('third', make('3')).text).toBe('3');
  }
  expect(made).toBe(3);
  expect(frames.in('one', make('1')).framed()).toBe(frames.in('one', make('1')).framed());
});

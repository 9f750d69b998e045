import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createCork } from './cork.ts';

test('all that is written in one turn of the event loop goes out in one write', async () => {
  const writes: string[] = [];
  const socket = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      writes.push(String(chunk));
      done();
    },
    writev(chunks, done) {
      writes.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
  });
  const cork = createCork();
  for (const text of ['a', 'b', 'c']) {
    cork(socket);
    socket.write(text);
  }
  expect(writes).toEqual([]);
  await turn();
  cork(socket);
  socket.write('d');
  await turn();
  expect(writes).toEqual(['abc', 'd']);
});

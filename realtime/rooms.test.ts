import { expect, test } from 'vitest';
import { Rooms } from './rooms.ts';

const [asha, ben] = [{ name: 'asha' }, { name: 'ben' }];

test('a member in several of the rooms asked for is found once, with the first', () => {
  const rooms = new Rooms<object>();
  rooms.join('one', asha);
  rooms.join('two', asha);
  rooms.join('two', ben);
  expect([...rooms.among(['nobody', 'two', 'one'])]).toEqual([
    [asha, 'two'],
    [ben, 'two'],
  ]);
});

test('who leaves a room stays in the others, who is forgotten is in none', () => {
  const rooms = new Rooms<object>();
  for (const name of ['one', 'two', 'three']) rooms.join(name, asha);
  rooms.leave('one', asha);
  expect(rooms.has('one', asha)).toBe(false);
  expect(rooms.of(asha)).toEqual(['two', 'three']);
  rooms.forget(asha);
  expect(rooms.of(asha)).toEqual([]);
  expect(rooms.in('two')).toEqual([]);
});

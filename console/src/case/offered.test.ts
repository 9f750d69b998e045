import { expect, test } from 'vitest';
import { offered } from './offered.ts';
import type { Action } from './queries.ts';

function action(name: string, change: Partial<Action> = {}): Action {
  return { name, label: name, style: 'success', input: null, data: {}, aside: false, consequence: null, ...change };
}
const text = [{ id: 'text', label: 'Text', type: 'textarea' as const, required: true, max_length: 10 }];
const ask = { title: 'A question', subtitle: 'to you' };
const names = (actions: Action[]) => actions.map(({ name }) => name);

test('what answers the question comes first, what leaves it stands beside', () => {
  const actions = [action('accept'), action('offer', { input: text }), action('withdraw', { aside: true })];
  const { asked, field, more } = offered({ ask, awaiting: 'me', actions });
  expect([names(asked), field, names(more)]).toEqual([['accept', 'offer'], null, ['withdraw']]);
});

test('the one thing to fill in is filled in where it stands', () => {
  const actions = [action('offer', { input: text }), action('decline', { style: 'danger' })];
  expect(offered({ ask, awaiting: 'me', actions })).toMatchObject({
    asked: [{ name: 'decline' }],
    field: { name: 'offer' },
  });
});

test('what need not be filled in is a button', () => {
  const optional = text.map((field) => ({ ...field, required: false }));
  expect(offered({ ask, awaiting: 'me', actions: [action('approve', { input: optional })] }).field).toBeNull();
});

test('while another is awaited everything stands beside; while nobody is, nothing need', () => {
  const actions = [action('close')];
  expect(names(offered({ ask: null, awaiting: 'another', actions }).more)).toEqual(['close']);
  expect(names(offered({ ask: null, awaiting: null, actions }).asked)).toEqual(['close']);
});

import { describe, expect, test } from 'vitest';
import type { Machine } from '../case/queries.ts';
import { layOut, type Node } from './layout.ts';

/** A machine with all that makes drawing one hard: a loop, ways that skip states, a way out from everywhere. */
const machine: Machine = {
  kind: 'deal',
  label: 'Deal',
  parties: [
    { role: 'brand_owner', label: 'Brand owner' },
    { role: 'influencer', label: 'Influencer' },
  ],
  phases: [],
  variants: [
    { name: 'campaign', opens: 'initial' },
    { name: 'bid', opens: 'influencer_responding' },
  ],
  states: [
    state('initial', 'brand_owner'),
    state('influencer_responding', 'influencer'),
    state('brand_owner_pricing', 'brand_owner'),
    state('influencer_price_response', 'influencer'),
    state('payment_pending', 'brand_owner'),
    state('work_in_progress', 'influencer'),
    state('work_submitted', 'brand_owner'),
    state('disputed', null),
    state('chat_closed', null),
  ],
  transitions: [
    move('initial', 'brand_owner_pricing', 'campaign'),
    move('influencer_responding', 'brand_owner_pricing', 'bid'),
    move('brand_owner_pricing', 'influencer_price_response'),
    move('brand_owner_pricing', 'payment_pending', 'campaign'),
    move('influencer_price_response', 'payment_pending'),
    move('payment_pending', 'payment_pending'),
    move('payment_pending', 'work_in_progress'),
    move('work_in_progress', 'work_submitted'),
    move('work_submitted', 'work_in_progress'),
    move('work_submitted', 'disputed'),
    move('initial', 'chat_closed', 'campaign'),
    move('brand_owner_pricing', 'chat_closed'),
    move('influencer_price_response', 'chat_closed'),
    move('work_in_progress', 'chat_closed'),
    move('disputed', 'chat_closed'),
  ],
};

function state(name: string, awaiting: string | null): Machine['states'][number] {
  return { name, label: name, awaiting, phase: 'all', ends: name === 'chat_closed' };
}

function move(from: string, to: string, variant: string | null = null): Machine['transitions'][number] {
  return { from, to, command: `${from}_${to}`, label: 'on', by: ['brand_owner'], variant };
}

const LANES: Record<string, Node['lane']> = { brand_owner: 'left', influencer: 'right' };

describe.each(['campaign', 'bid'] as const)('the picture of a %s', (kind) => {
  const { nodes, edges, width, height } = layOut(machine, kind);
  const rowOf = (name: string) => nodes.find((node) => node.name === name)?.row ?? Number.NaN;

  test('has only what such a deal can be in, from its beginning to its end', () => {
    const other = kind === 'campaign' ? 'influencer_responding' : 'initial';
    expect(nodes.map(({ name }) => name)).not.toContain(other);
    expect(nodes).toHaveLength(machine.states.length - 1);
    expect(nodes[0]?.name).toBe(machine.variants.find(({ name }) => name === kind)?.opens);
    expect(nodes.at(-1)?.name).toBe('chat_closed');
  });

  test('runs downwards, and back only where the deal goes round', () => {
    expect(edges.filter(({ way }) => way === 'back').map(({ from, to }) => [from, to])).toEqual([
      ['work_submitted', 'work_in_progress'],
    ]);
    for (const { from, to, way } of edges) expect(rowOf(from) < rowOf(to)).toBe(way !== 'back');
  });

  test('has an arrow for every step that changes the state, and no arrow twice', () => {
    const wanted = machine.transitions.filter((each) => each.from !== each.to && (each.variant ?? kind) === kind);
    const drawn = edges.map(({ from, to }) => `${from} ${to}`);
    expect(drawn.toSorted()).toEqual(wanted.map(({ from, to }) => `${from} ${to}`).toSorted());
  });

  test('puts each state on the side of whoever is awaited, inside the picture and apart from all others', () => {
    for (const node of nodes) {
      expect(node.lane).toBe(LANES[machine.states.find(({ name }) => name === node.name)?.awaiting ?? ''] ?? 'both');
      expect(node.x).toBeGreaterThan(0);
      expect(node.x).toBeLessThan(width);
      expect(node.y).toBeLessThan(height);
    }
    expect(new Set(nodes.map(({ row }) => row)).size).toBe(nodes.length);
    const x = (lane: Node['lane']) => nodes.find((node) => node.lane === lane)?.x ?? Number.NaN;
    expect(x('left')).toBeLessThan(x('both'));
    expect(x('both')).toBeLessThan(x('right'));
  });
});

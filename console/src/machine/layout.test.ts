import { describe, expect, test } from 'vitest';
import type { Flow } from '../deal/queries.ts';
import { type Kind, layOut, type Node } from './layout.ts';

/** A machine with all that makes drawing one hard: a loop, ways that skip states, a way out from everywhere. */
const flow = {
  states: [
    state('initial', 'brand_owner', 'campaign'),
    state('influencer_responding', 'influencer', 'bid'),
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
} satisfies Flow;

type Name = Flow['states'][number]['name'];

function state(name: Name, awaiting_role: Node['lane'] | null, opens: Kind | null = null): Flow['states'][number] {
  return { name, awaiting_role: awaiting_role === 'both' ? null : awaiting_role, chat_status: 'automated', opens };
}

function move(from: Name, to: Name, kind: Kind | null = null): Flow['transitions'][number] {
  return { from, to, on: `${from}_${to}`, by: ['brand_owner'], kind };
}

describe.each(['campaign', 'bid'] as const)('the picture of a %s', (kind) => {
  const { nodes, edges, width, height } = layOut(flow, kind);
  const rowOf = (name: Name) => nodes.find((node) => node.name === name)?.row ?? Number.NaN;

  test('has only what such a deal can be in, from its beginning to its end', () => {
    const other = kind === 'campaign' ? 'influencer_responding' : 'initial';
    expect(nodes.map(({ name }) => name)).not.toContain(other);
    expect(nodes).toHaveLength(flow.states.length - 1);
    expect(flow.states.find(({ name }) => name === nodes[0]?.name)?.opens).toBe(kind);
    expect(nodes.at(-1)?.name).toBe('chat_closed');
  });

  test('runs downwards, and back only where the deal goes round', () => {
    expect(edges.filter(({ way }) => way === 'back').map(({ from, to }) => [from, to])).toEqual([
      ['work_submitted', 'work_in_progress'],
    ]);
    for (const { from, to, way } of edges) expect(rowOf(from) < rowOf(to)).toBe(way !== 'back');
  });

  test('has an arrow for every step that changes the state, and no arrow twice', () => {
    const wanted = flow.transitions.filter((each) => each.from !== each.to && (each.kind ?? kind) === kind);
    const drawn = edges.map(({ from, to }) => `${from} ${to}`);
    expect(drawn.toSorted()).toEqual(wanted.map(({ from, to }) => `${from} ${to}`).toSorted());
  });

  test('puts each state on the side of whoever is awaited, inside the picture and apart from all others', () => {
    for (const node of nodes) {
      expect(node.lane).toBe(flow.states.find(({ name }) => name === node.name)?.awaiting_role ?? 'both');
      expect(node.x).toBeGreaterThan(0);
      expect(node.x).toBeLessThan(width);
      expect(node.y).toBeLessThan(height);
    }
    expect(new Set(nodes.map(({ row }) => row)).size).toBe(nodes.length);
    const x = (lane: Node['lane']) => nodes.find((node) => node.lane === lane)?.x ?? Number.NaN;
    expect(x('brand_owner')).toBeLessThan(x('both'));
    expect(x('both')).toBeLessThan(x('influencer'));
  });
});

import type { Machine } from '../case/queries.ts';

export type State = Machine['states'][number];
/** The machine's first party on the left, its second on the right, as they sit on the page. */
export type Lane = 'left' | 'both' | 'right';

export type Node = { name: State['name']; label: string; lane: Lane; row: number; x: number; y: number };
export type Edge = {
  from: State['name'];
  to: State['name'];
  /** An SVG path. */
  path: string;
  /** Ways out lead along the picture's edge to where every deal ends. */
  way: 'on' | 'back' | 'out';
};
export type Layout = { width: number; height: number; nodes: Node[]; edges: Edge[] };

export const LANES: readonly Lane[] = ['left', 'both', 'right'];
export const SIZE = { lane: 150, row: 31, top: 30, node: { width: 132, height: 23 }, gutter: 18, bottom: 8 } as const;

/**
 * Places the machine of one way that a kind goes. A state's lane is whose turn it is, so that it stands on their side of the
 * page; its row is how far from the beginning it can be, so that it runs downwards, and turns back only where it
 * goes round.
 */
export function layOut(machine: Machine, variant: string | null): Layout {
  const moves = movesOf(machine, variant);
  const order = orderOf(machine, variant, moves);
  const nodes = order.map((name, row) =>
    place(machine, machine.states.find((state) => state.name === name) as State, row),
  );
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const last = nodes.at(-1)?.name;
  const edges = moves.flatMap(({ from, to }): Edge[] => {
    const [a, b] = [byName.get(from), byName.get(to)];
    if (!a || !b) return [];
    const out = to === last && a.lane !== 'both';
    return [{ from, to, path: out ? wayOut(a, b) : curve(a, b), way: out ? 'out' : b.row < a.row ? 'back' : 'on' }];
  });
  const width = LANES.length * SIZE.lane + 2 * SIZE.gutter;
  return { width, height: SIZE.top + nodes.length * SIZE.row + SIZE.bottom, nodes, edges };
}

type Move = { from: State['name']; to: State['name'] };

/** Pairs of different states that something leads between, each once. */
function movesOf(machine: Machine, variant: string | null): Move[] {
  const seen = new Set<string>();
  return machine.transitions.filter(({ from, to, variant: only }) => {
    const key = `${from} ${to}`;
    if (from === to || (only !== null && only !== variant) || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** States that one can be in that goes this way, each after all that lead on to it. */
function orderOf(machine: Machine, variant: string | null, moves: readonly Move[]): State['name'][] {
  const start = (machine.variants.find(({ name }) => name === variant) ?? machine.variants[0])?.opens;
  if (!start) return [];
  const open = new Set<string>();
  const depths = new Map<string, number>();
  const onward: Move[] = [];

  // Depth first: what leads to a state that is still being explored goes round, and does not count.
  const explore = (name: State['name']) => {
    open.add(name);
    depths.set(name, 0);
    for (const move of moves) {
      if (move.from !== name || open.has(move.to)) continue;
      onward.push(move);
      if (!depths.has(move.to)) explore(move.to);
    }
    open.delete(name);
  };
  explore(start);

  // As far down as the longest way there: at most as many rounds as there are states.
  for (let round = 0, moved = true; moved && round < depths.size; round += 1) {
    moved = false;
    for (const { from, to } of onward) {
      const depth = (depths.get(from) ?? 0) + 1;
      if (depth <= (depths.get(to) ?? 0)) continue;
      depths.set(to, depth);
      moved = true;
    }
  }
  const named = machine.states.map(({ name }) => name).filter((name) => depths.has(name));
  return named.sort((a, b) => (depths.get(a) ?? 0) - (depths.get(b) ?? 0));
}

function place({ parties }: Machine, state: State, row: number): Node {
  const at = parties.findIndex(({ role }) => role === state.awaiting);
  const lane: Lane = at === 0 ? 'left' : at === 1 ? 'right' : 'both';
  return {
    name: state.name,
    label: state.label,
    lane,
    row,
    x: SIZE.gutter + (LANES.indexOf(lane) + 0.5) * SIZE.lane,
    y: SIZE.top + (row + 0.5) * SIZE.row,
  };
}

const HALF = { width: SIZE.node.width / 2, height: SIZE.node.height / 2 };
/** Ways that leave a state and ways that reach it keep this far apart. */
const APART = 4.5;

/** From one state's side to the other's; straight down where they stand below each other. */
function curve(a: Node, b: Node): string {
  if (a.lane === b.lane) {
    if (b.row === a.row + 1) return `M${a.x} ${a.y + HALF.height} V${b.y - HALF.height}`;
    // Around those between them, on the side where the lane has room.
    const side = a.lane === 'right' ? -1 : 1;
    const x = a.x + side * HALF.width;
    const bulge = x + side * Math.min(16 + 7 * Math.abs(b.row - a.row), SIZE.lane * 0.45);
    return `M${x} ${a.y + APART} C${bulge} ${a.y + APART} ${bulge} ${b.y - APART} ${x} ${b.y - APART}`;
  }
  const side = b.x > a.x ? 1 : -1;
  const [x1, x2] = [a.x + side * HALF.width, b.x - side * HALF.width];
  const bend = Math.max(24, Math.abs(x2 - x1) * 0.5);
  return `M${x1} ${a.y + APART} C${x1 + side * bend} ${a.y + APART} ${x2 - side * bend} ${b.y - APART} ${x2} ${b.y - APART}`;
}

/** Along the outer edge down to the end. */
function wayOut(a: Node, end: Node): string {
  const side = a.lane === 'right' ? 1 : -1;
  const edge = a.x + side * (SIZE.lane / 2 + SIZE.gutter / 2);
  const corner = 6;
  return [
    `M${a.x + side * HALF.width} ${a.y}`,
    `H${edge - side * corner}`,
    `Q${edge} ${a.y} ${edge} ${a.y + corner}`,
    `V${end.y - corner}`,
    `Q${edge} ${end.y} ${edge - side * corner} ${end.y}`,
    `H${end.x + side * HALF.width}`,
  ].join(' ');
}

/** The machine as a Mermaid state diagram, made from the transition table. */
import {
  AFTER_PAYMENT,
  ANSWERING,
  type DealKind,
  PARTIES,
  type Role,
  STATES,
  type State,
  TRANSITIONS,
} from './table.ts';

type Row = { from: readonly State[]; by: readonly Role[]; on: string; to: State | 'same'; variant?: DealKind };

/** States that many rows leave together are drawn in a box of their own, with one arrow instead of ten. */
const BOXES = {
  agreeing: [...ANSWERING, 'payment_pending'],
  working: [...AFTER_PAYMENT],
} as const satisfies Record<string, readonly State[]>;
type Node = State | keyof typeof BOXES;

const BOX_TITLES: Record<keyof typeof BOXES, string> = {
  agreeing: 'nothing paid yet',
  working: 'the price is held in escrow',
};

const NAMES: Record<Role, string> = {
  brand_owner: 'brand owner',
  influencer: 'influencer',
  admin: 'administrator',
  provider: 'provider',
  system: 'Tandem',
};

export type Arrow = { from: Node; to: State; rows: readonly { on: string; by: readonly Role[]; variant?: DealKind }[] };

/** What is drawn: every row of the table that leads to another state. */
export function arrows(): Arrow[] {
  const drawn = new Map<string, { from: Node; to: State; rows: Row[] }>();
  for (const row of TRANSITIONS as unknown as readonly Row[]) {
    const { to } = row;
    if (to === 'same') continue;
    for (const from of boxed(row)) {
      const arrow = drawn.get(`${from} ${to}`) ?? { from, to, rows: [] };
      arrow.rows.push(row);
      drawn.set(`${from} ${to}`, arrow);
    }
  }
  return [...drawn.values()];
}

/** The states a row leaves, with those of a whole box replaced by the box. */
function boxed(row: Row): Node[] {
  let left: Node[] = [...row.from];
  for (const [name, states] of Object.entries(BOXES) as [keyof typeof BOXES, readonly State[]][]) {
    if (!states.every((state) => left.includes(state))) continue;
    left = [name, ...left.filter((state) => !(states as readonly Node[]).includes(state))];
  }
  return left;
}

/** The states of a box of the diagram, or the state itself. */
export function statesIn(node: Node): readonly State[] {
  return node in BOXES ? BOXES[node as keyof typeof BOXES] : [node as State];
}

/** Mermaid's text. */
export function diagram(): string {
  const lines = ['stateDiagram-v2', '  [*] --> initial : an influencer applies to a campaign'];
  lines.push('  [*] --> influencer_responding : a brand owner connects to a bid');
  for (const [name, states] of Object.entries(BOXES) as [keyof typeof BOXES, readonly State[]][]) {
    lines.push(`  state "${BOX_TITLES[name]}" as ${name} {`, ...states.map((state) => `    ${state}`), '  }');
  }
  for (const { from, to, rows } of arrows()) lines.push(`  ${from} --> ${to} : ${labelOf(rows)}`);
  lines.push('  chat_closed --> [*]');
  return lines.join('\n');
}

/** What may be done without leaving a state, in a line each; "anywhere" where it may be in all of them. */
export function loops(): { on: string; by: string; in: string }[] {
  return (TRANSITIONS as unknown as readonly Row[])
    .filter(({ to }) => to === 'same')
    .map(({ on, by, from }) => ({
      on,
      by: whoOf(by),
      in: from.length === STATES.length ? 'anywhere' : from.join(', '),
    }));
}

function whoOf(by: readonly Role[]): string {
  return PARTIES.every((party) => by.includes(party)) ? 'either side' : by.map((role) => NAMES[role]).join(' or ');
}

/** "brand owner - accept_price, reject_price", one line for each set of roles. */
function labelOf(rows: Arrow['rows']): string {
  const byRoles = new Map<string, string[]>();
  for (const { by, on, variant } of rows) {
    const who = whoOf(by);
    const what = on === 'expire' ? 'time is up' : variant ? `${on} (${variant})` : on;
    byRoles.set(who, [...(byRoles.get(who) ?? []), what]);
  }
  return [...byRoles].map(([who, what]) => `${who} - ${what.join(', ')}`).join('<br/>');
}

import { useId, useMemo } from 'react';
import type { HistoryEntry, Machine } from '../case/queries.ts';
import { LANES, type Lane, layOut, type Node, SIZE } from './layout.ts';
import classes from './Picture.module.css';
import { roleWords } from './words.ts';

type Steps = readonly Pick<HistoryEntry, 'from' | 'to'>[];
type Props = { machine: Machine; variant: string | null; state: string | null; steps: Steps };

/** A kind's machine: where it stands, the way it took, and where it can go from here. */
export function Picture({ machine, variant, state, steps }: Props) {
  const id = useId();
  const { width, height, nodes, edges } = useMemo(() => layOut(machine, variant), [machine, variant]);
  const taken = useMemo(() => new Set(steps.map(({ from, to }) => `${from} ${to}`)), [steps]);
  const been = useMemo(() => new Set(steps.flatMap(({ from, to }) => [from, to])), [steps]);
  const next = new Set(state ? edges.filter(({ from }) => from === state).map(({ to }) => to) : []);
  // What matters lies on top.
  const rank = (edge: { from: string; to: string }) =>
    taken.has(`${edge.from} ${edge.to}`) ? 2 : edge.from === state ? 1 : 0;
  const drawn = [...edges].sort((a, b) => rank(a) - rank(b));

  return (
    <svg
      className={classes.picture}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-labelledby={`${id}-title ${id}-text`}
      data-state={state ?? undefined}
    >
      <title id={`${id}-title`}>The machine of a {machine.label.toLowerCase()}</title>
      <desc id={`${id}-text`}>{describe(machine, variant, state, steps)}</desc>
      <defs>
        {(['quiet', 'next', 'taken'] as const).map((kind) => (
          <marker
            key={kind}
            id={`${id}-${kind}`}
            className={classes[kind]}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            markerUnits="userSpaceOnUse"
            orient="auto-start-reverse"
          >
            <path d="M0 .8 L7.5 4 L0 7.2 z" />
          </marker>
        ))}
      </defs>
      {LANES.map(
        (lane, at) =>
          // Of a kind with one party there is nobody on the other side.
          nodes.some((node) => node.lane === lane) && (
            <g key={lane} className={classes.lane} data-lane={lane}>
              <rect x={SIZE.gutter + at * SIZE.lane + 3} y={4} width={SIZE.lane - 6} height={height - 8} rx={8} />
              <text x={SIZE.gutter + (at + 0.5) * SIZE.lane} y={20}>
                {laneTitle(machine, lane)}
              </text>
            </g>
          ),
      )}
      {drawn.map((edge) => {
        const kind = (['quiet', 'next', 'taken'] as const)[rank(edge)] ?? 'quiet';
        return (
          <path
            key={`${edge.from} ${edge.to}`}
            className={`${classes.edge} ${classes[kind]}`}
            data-way={edge.way}
            d={edge.path}
            markerEnd={`url(#${id}-${kind})`}
          />
        );
      })}
      {nodes.map((node) => (
        <StateNode
          key={node.name}
          node={node}
          standing={
            node.name === state ? 'here' : been.has(node.name) ? 'been' : next.has(node.name) ? 'next' : 'quiet'
          }
        />
      ))}
    </svg>
  );
}

function StateNode({ node, standing }: { node: Node; standing: 'here' | 'been' | 'next' | 'quiet' }) {
  const { width, height } = SIZE.node;
  return (
    <g className={classes.node} data-lane={node.lane} data-standing={standing} data-node={node.name}>
      <rect x={node.x - width / 2} y={node.y - height / 2} width={width} height={height} rx={height / 2} />
      <text x={node.x} y={node.y}>
        {node.label}
      </text>
    </g>
  );
}

function laneTitle({ parties }: Machine, lane: Lane): string {
  if (lane === 'both') return parties.length > 1 ? 'Nobody’s, or both’s' : 'Nobody’s turn';
  return `${parties[lane === 'left' ? 0 : 1]?.label ?? ''}’s turn`;
}

/** The picture in words, for those who do not see it. */
function describe(machine: Machine, variant: string | null, state: string | null, steps: Steps): string {
  const label = (name: string) => machine.states.find((each) => each.name === name)?.label ?? name;
  if (!state) return 'Nothing is open.';
  const moved = steps.filter(({ from, to }) => from !== to);
  const way =
    moved.length > 0
      ? ` The way so far: ${[moved[0]?.from ?? '', ...moved.map(({ to }) => to)].map(label).join(', ')}.`
      : '';
  const ways = waysFrom(machine, variant, state).map(
    (each) => `${each.label} (${each.by.map(roleWords).join(' or ')}) leads to ${label(each.to)}`,
  );
  return `The ${machine.label.toLowerCase()} is in ${label(state)}.${way}${ways.length > 0 ? ` From here: ${ways.join('; ')}.` : ' It has ended.'}`;
}

/** What can happen in a state. */
export function waysFrom(machine: Machine, variant: string | null, state: string): Machine['transitions'] {
  return machine.transitions.filter(
    ({ from, to, variant: only }) => from === state && from !== to && (only === null || only === variant),
  );
}

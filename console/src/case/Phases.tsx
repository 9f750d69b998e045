import { useMachine } from './CaseBoard.tsx';
import classes from './Phases.module.css';
import type { Case } from './queries.ts';

/** How far a case has come, phase by phase. */
export function Phases({ seen }: { seen: Case }) {
  const phases = useMachine(seen.kind).machine?.phases ?? [];
  const here = phases.findIndex(({ name }) => name === seen.phase);
  if (here < 0) return null;
  return (
    <ol className={classes.phases} aria-label="Phases">
      {phases.map(({ name, label }, at) => (
        <li
          key={name}
          data-phase={at < here || (at === here && seen.ended) ? 'past' : at === here ? 'here' : 'ahead'}
          aria-current={at === here ? 'step' : undefined}
        >
          {label}
        </li>
      ))}
    </ol>
  );
}

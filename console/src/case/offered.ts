import type { Action, Case } from './queries.ts';

export type Offered = {
  /** What answers the question, or all that may be done where nobody is awaited. */
  asked: Action[];
  /** The one that is filled in where it stands, as nothing but turning down is beside it. */
  field: Action | null;
  /** What may be done beside it. */
  more: Action[];
};

const needsText = ({ input }: Action) => input?.some(({ required }) => required) ?? false;

/** What somebody may do: the answers to the open question first, then the rest. */
export function offered({ ask, awaiting, actions }: Pick<Case, 'ask' | 'awaiting' | 'actions'>): Offered {
  if (!ask && awaiting !== null) return { asked: [], field: null, more: actions };
  const all = actions.filter(({ aside }) => !aside);
  const more = actions.filter(({ aside }) => aside);
  const [first] = all.filter(needsText);
  const alone = first && all.every((each) => each === first || each.style === 'danger');
  return alone
    ? { asked: all.filter((each) => each !== first), field: first, more }
    : { asked: all, field: null, more };
}

/**
 * A kind's transition table: who may do what in which state, and where it leads. Types, the database's
 * `machine_states`, pictures and the exhaustive test of a machine are all made from it.
 */

/** Roles beside a kind's parties that any step may be taken by. */
export const OUTSIDERS = ['admin', 'provider', 'system'] as const;

export type Row = {
  /** Where the command is accepted. */
  from: readonly string[];
  by: readonly string[];
  on: string;
  /** Where it leads. `same` stays, without entering the state anew; `again` enters it anew, with a deadline of its own. */
  to: string;
  /** Only in processes of this variant. */
  variant?: string;
};

/** What there is to know of a state besides its rows. */
export type StateFacts = {
  /** Whose turn it is; null where nobody's, or everybody's. */
  awaits: string | null;
  /** `rests`: it has no deadline. A state that holds money never rests, unless a promise about it is open. */
  rests?: true;
  /** `ends`: there is nothing more to wait for. An ended state rests. */
  ends?: true;
};

export type Table = {
  states: Readonly<Record<string, StateFacts>>;
  /** Who takes part, by role. */
  parties: readonly string[];
  /** Order matters where one command stands in several rows: the first row's state is the command's own. */
  rows: readonly Row[];
};

/** A table with what is looked up in it, made once: every step looks up a few dozen. */
export type Lookup = {
  readonly states: readonly string[];
  readonly commands: readonly string[];
  /** The row for a command in a state, or null. */
  findRow(state: string, on: string, variant: string | null): Row | null;
  /** The rows of a state by their command, in the table's order; a state has at most one for each. */
  rowsIn(state: string, variant: string | null): ReadonlyMap<string, Row>;
  /** Every state a command belongs to, its own first. */
  statesOf(on: string): readonly string[];
  /** Who may ever give a command. */
  rolesOf(on: string): readonly string[];
};

const NO_ROWS: ReadonlyMap<string, Row> = new Map();
const lookups = new WeakMap<Table, Lookup>();

export function lookupIn(table: Table): Lookup {
  const known = lookups.get(table);
  if (known) return known;
  const made = makeLookup(table);
  lookups.set(table, made);
  return made;
}

function makeLookup({ states, rows }: Table): Lookup {
  const commands = [...new Set(rows.map(({ on }) => on))];
  const variants = [null, ...new Set(rows.flatMap(({ variant }) => variant ?? []))];
  const rowsOf = (variant: string | null, state: string) =>
    new Map(
      commands.flatMap((on) => {
        const row = rows.find(
          (each) =>
            each.on === on && each.from.includes(state) && (each.variant === undefined || each.variant === variant),
        );
        return row ? [[on, row] as const] : [];
      }),
    );
  const byVariant = new Map(
    variants.map((variant) => [
      variant,
      new Map(Object.keys(states).map((state) => [state, rowsOf(variant, state)] as const)),
    ]),
  );
  const rowsIn = (state: string, variant: string | null) =>
    (byVariant.get(variant) ?? byVariant.get(null))?.get(state) ?? NO_ROWS;
  const ofCommand = (on: string) => rows.filter((row) => row.on === on);
  const statesOf = new Map(commands.map((on) => [on, [...new Set(ofCommand(on).flatMap(({ from }) => from))]]));
  const rolesOf = new Map(commands.map((on) => [on, [...new Set(ofCommand(on).flatMap(({ by }) => by))]]));
  return {
    states: Object.keys(states),
    commands,
    rowsIn,
    findRow: (state, on, variant) => rowsIn(state, variant).get(on) ?? null,
    statesOf: (on) => statesOf.get(on) ?? [],
    rolesOf: (on) => rolesOf.get(on) ?? [],
  };
}

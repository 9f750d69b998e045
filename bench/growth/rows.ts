/** Parts of statements whose rows are numbered `n`, where `$3` is how many people there are. */

/** Somebody else than who made it: the so-manieth who has to do with it. Others for the next one. */
export const other = (place: string) => `growth_person(1 + (n + 1 + ${place}) % ($3::int - 1))`;

/**
 * What is told of processes (`due`) that nobody has moved since they were opened, and who takes part in them, by role.
 * `state` and `terms` are expressions of its columns.
 */
export const opened = (kind: string, state: string, terms: string, seats: Record<string, string>) => `
  made AS (
    INSERT INTO processes (id, kind, state, terms, entered_at, stepped_at, deadline, held, asset, opened, opened_at)
    SELECT id, '${kind}', ${state}, ${terms}, at, at, deadline, 0, 'TOKEN', '{}', at FROM due
  ), seated AS (
    INSERT INTO seats (process_id, role, user_id)
    ${Object.entries(seats)
      .map(([role, user]) => `SELECT id, '${role}', ${user} FROM due`)
      .join(' UNION ALL ')}
  ), relayed AS (
    INSERT INTO relays (process_id, kind, version, told, behind, deadline, look_at)
    SELECT id, '${kind}', 0, 0, false, deadline, deadline FROM due
  )`;

/** An instant as JSON has it. */
export const iso = (instant: string) => `to_char(${instant} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/**
 * A transfer of tokens by the ledger's own function, which locks accounts in their order: `payer` and `earner` are
 * columns of people, and what the earner has no share of is issued no more.
 */
export const paid = (id: string, kind: string, payer: string, earner: string, [price, share]: [number, number]) => {
  const wallets = [`least(${earner}, ${payer})`, `greatest(${earner}, ${payer})`];
  return `ledger_transfer(${id}, '${kind}', NULL, at,
    ARRAY['issuance/TOKEN', ${wallets.map((owner) => `'wallet/' || ${owner}`).join(', ')}],
    '{issuance,wallet,wallet}', '{TOKEN,TOKEN,TOKEN}', ARRAY[NULL, ${wallets.join(', ')}]::uuid[],
    CASE WHEN ${payer} < ${earner} THEN '{${price - share},-${price},${share}}'::bigint[]
      ELSE '{${price - share},${share},-${price}}'::bigint[] END)`;
};

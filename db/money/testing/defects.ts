/**
 * Ledgers with a defect each, such as real ones had: what `ledger_transfer` and what is around it are changed to, by the
 * law that it offends.
 */
import { z } from 'zod';
import { verbatim } from '../../invariants.ts';
import { type Pool, sql } from '../../pool.ts';

/** Of the function: what it says, and what it says in its place. Beside it: statements. */
export type Defect = { says?: [from: string, to: string][]; statements?: string[] };

const RAISES_OVERDRAFT = `RAISE EXCEPTION 'overdrawn'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_accounts_not_negative';`;
const UPDATES = `      WITH moved AS (
        UPDATE ledger_accounts SET balance = balance + p_amounts[i]`;
const THE_ACCOUNT = 'SELECT balance FROM ledger_accounts WHERE code = p_codes[i] AND asset = p_assets[i]';

export const DEFECTS: Record<string, Defect> = {
  // Two legs are taken for balanced because they are two.
  'balanced per currency': {
    says: [['WHEN 2 THEN p_assets[1] <> p_assets[2] OR p_amounts[1] <> -p_amounts[2]', 'WHEN 2 THEN false']],
  },
  // Somebody needed to put an entry right.
  'append-only': { statements: ['DROP TRIGGER ledger_entries_immutable ON ledger_entries'] },
  // Each entry is hashed by itself.
  'hash chain': { says: [['ledger_entry_hash(hash, v_hash,', "ledger_entry_hash('', v_hash,"]] },
  // A repeat touches the account.
  'duplicate is a no-op': {
    says: [
      [
        '    RETURN false;',
        `    UPDATE ledger_accounts SET moved_at = moved_at + interval '1 ms'
    WHERE code = p_codes[1] AND asset = p_assets[1];
    RETURN false;`,
      ],
    ],
  },
  // First it is looked whether there is one, and then one is made.
  '64 concurrent duplicates are one': {
    statements: ['ALTER TABLE ledger_transfers DROP CONSTRAINT ledger_transfers_key_unique'],
    says: [
      [
        `  ON CONFLICT (key) DO NOTHING
  RETURNING id INTO v_transfer_id;
  IF v_transfer_id IS NULL THEN`,
        `  RETURNING id INTO v_transfer_id;
  END IF;
  IF v_transfer_id IS NULL THEN`,
      ],
      [
        '  INSERT INTO ledger_transfers (key,',
        `  IF NOT EXISTS (SELECT FROM ledger_transfers WHERE key = p_key) THEN
  IF 500 = ANY (p_amounts) THEN PERFORM pg_sleep(0.3); END IF;
  INSERT INTO ledger_transfers (key,`,
      ],
    ],
  },
  // What was there is read before it is locked, where something is added.
  '500 concurrent credits lose nothing': {
    says: [
      ['  v_moved integer;', '  v_moved integer;\n  v_there bigint;'],
      [
        UPDATES,
        `      v_there := coalesce((${THE_ACCOUNT}), 0);
      IF p_amounts[i] > 0 AND p_kinds[i] = 'escrow' THEN PERFORM pg_sleep(0.002); END IF;
      WITH moved AS (
        UPDATE ledger_accounts
        SET balance = CASE WHEN p_amounts[i] > 0 THEN v_there ELSE balance END + p_amounts[i]`,
      ],
    ],
  },
  // What is shared out among two loses a unit by rounding.
  conservation: {
    says: [
      [
        '  FOR i IN 1 .. v_many LOOP',
        `  IF v_many = 3 THEN
    p_amounts[3] := p_amounts[3] - CASE WHEN p_amounts[3] > 1 THEN 1 WHEN p_amounts[3] < 0 THEN 1 ELSE 0 END;
  END IF;
  FOR i IN 1 .. v_many LOOP`,
      ],
    ],
  },
  // The journal’s column is too narrow for what is large.
  'balance equals journal': {
    says: [
      [
        'v_transfer_id, p_amounts[i], moved.balance',
        'v_transfer_id, greatest(least(p_amounts[i], 1000), -1000), moved.balance',
      ],
    ],
  },
  // It is looked whether there is enough, and then it is taken.
  'overdraft guard under concurrent drain': {
    statements: ['ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_not_negative'],
    says: [
      [
        UPDATES,
        `      IF p_kinds[i] = 'escrow' AND p_amounts[i] < 0 AND coalesce((${THE_ACCOUNT}), 0) + p_amounts[i] < 0 THEN
        ${RAISES_OVERDRAFT}
      END IF;
      IF p_amounts[i] = -30 THEN PERFORM pg_sleep(0.005); END IF;
${UPDATES}`,
      ],
    ],
  },
  // Interest, or a float: now and then a unit more.
  'no drift over 1,000 one-unit moves': {
    says: [
      [
        'SET balance = balance + p_amounts[i],',
        'SET balance = balance + p_amounts[i] + CASE WHEN version = 700 THEN 1 ELSE 0 END,',
      ],
    ],
  },
  // An account is found by its name alone.
  'no currency mixing': {
    says: [
      [
        'WHERE code = p_codes[i] AND asset = p_assets[i] AND kind = p_kinds[i]',
        'WHERE id = (SELECT min(id) FROM ledger_accounts WHERE code = p_codes[i] AND kind = p_kinds[i])',
      ],
    ],
  },
  // A correction is noted, and nothing comes of it.
  'reversal is compensation': {
    says: [
      [
        '  FOR i IN 1 .. v_many LOOP',
        "  IF p_more ? 'corrects' THEN RETURN true; END IF;\n  FOR i IN 1 .. v_many LOOP",
      ],
    ],
  },
  // What an account begins with is in no entry.
  'rebuild from the log': {
    statements: [
      `CREATE FUNCTION begin_with_something() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         NEW.balance := 1;
         RETURN NEW;
       END $$`,
      `CREATE TRIGGER begins_with_something BEFORE INSERT ON ledger_accounts FOR EACH ROW WHEN (NEW.kind = 'suspense')
       EXECUTE FUNCTION begin_with_something()`,
    ],
  },
  // Numbers of pages of twenty are taken ahead, and one is lost.
  'per-account sequence': {
    says: [['version = version + 1,', 'version = version + CASE WHEN version = 20 THEN 2 ELSE 1 END,']],
  },
  // A key that is known is done, whatever it was for.
  'a refused duplicate is not reported applied': { says: [['IF v_known <> v_hash THEN', 'IF false THEN']] },
};

/** Has a database’s ledger be so. Throws where the function says nothing of the kind. */
export async function defect(pool: Pool, { says = [], statements = [] }: Defect): Promise<void> {
  let text = await pool.oneFirst(sql.type(z.object({ text: z.string() }))`
    SELECT pg_get_functiondef('ledger_transfer'::regproc) AS text
  `);
  for (const [from, to] of says) {
    if (!text.includes(from)) throw new Error(`ledger_transfer does not say: ${from}`);
    text = text.replace(from, () => to);
  }
  for (const statement of [...statements, text]) await pool.query(sql.typeAlias('void')(verbatim(statement)));
}

/**
 * Damage to the books, each of which one invariant alone sees. Whoever damages books may know how they are kept, so
 * hashes are made anew where they would give it away. Triggers are off; all of it is undone.
 */

/** Makes the hashes of an account anew, from its entries as they are. */
const rehash = (account: string) => `
  DO $$
  DECLARE
    v_hash bytea := '';
    v_entry record;
  BEGIN
    FOR v_entry IN
      SELECT entry.*, transfer.input_hash FROM ledger_entries AS entry
      LEFT JOIN ledger_transfers AS transfer ON transfer.id = entry.transfer_id
      WHERE account_id = (${account}) ORDER BY account_version
    LOOP
      v_hash := ledger_entry_hash(v_hash, v_entry.input_hash, v_entry.account_version, v_entry.amount,
        v_entry.balance_after, v_entry.recorded_at);
      UPDATE ledger_entries SET hash = v_hash
      WHERE account_id = v_entry.account_id AND account_version = v_entry.account_version;
    END LOOP;
    UPDATE ledger_accounts SET hash = v_hash WHERE id = (${account});
  END $$`;

const account = (code: string, asset = 'INR') =>
  `SELECT id FROM ledger_accounts WHERE code = '${code}' AND asset = '${asset}'`;
const transfer = (key: string) => `SELECT id FROM ledger_transfers WHERE key = '${key}'`;

/** Makes a transfer's hash anew, from its row and legs as they are. */
const reask = (key: string) => `
  UPDATE ledger_transfers AS transfer SET input_hash = ledger_input_hash(transfer.key, transfer.reason,
    transfer.conversation_id, legs.codes, legs.kinds, legs.assets, legs.amounts, transfer.more)
  FROM (
    SELECT array_agg(code ORDER BY code, asset) AS codes, array_agg(kind ORDER BY code, asset) AS kinds,
      array_agg(asset ORDER BY code, asset) AS assets, array_agg(entry.amount ORDER BY code, asset) AS amounts
    FROM ledger_entries AS entry JOIN ledger_accounts AS account ON account.id = entry.account_id
    WHERE entry.transfer_id = (${transfer(key)})
  ) AS legs
  WHERE transfer.key = '${key}'`;

/** An entry's amount moved by so much, in books that agree with it: nothing but its transfer is off. */
const nudge = (key: string, code: string, by: number) => `
  UPDATE ledger_entries SET amount = amount + ${by}
  WHERE transfer_id = (${transfer(key)}) AND account_id = (${account(code)});
  UPDATE ledger_entries AS entry SET balance_after = summed.running
  FROM (
    SELECT account_id, account_version, sum(amount) OVER (ORDER BY account_version) AS running
    FROM ledger_entries WHERE account_id = (${account(code)})
  ) AS summed
  WHERE entry.account_id = summed.account_id AND entry.account_version = summed.account_version;
  UPDATE ledger_accounts SET balance = balance + ${by} WHERE code = '${code}' AND asset = 'INR'`;

/**
 * By invariant: statements, between which stands `;;`. They damage two deals' accounts "escrow/<one>", "escrow/<other>",
 * which were filled by the transfers "fill_<one>", "fill_<other>" and again by "more_<one>", and a user's wallet.
 */
export function damageOf(one: string, other: string, userId: string): Record<string, string[]> {
  const [first, second] = [`escrow/${one}`, `escrow/${other}`];
  return {
    transfers_balance: [
      ...nudge(`fill_${one}`, first, 1).split(';'),
      ...nudge(`fill_${other}`, second, -1).split(';'),
      reask(`fill_${one}`),
      reask(`fill_${other}`),
      ...['external/damage/0', first, second].map((code) => rehash(account(code))),
    ],
    transfers_move_something: [
      `INSERT INTO ledger_transfers (key, input_hash, reason, occurred_at) VALUES ('nothing', '', 'nothing', now())`,
    ],
    transfers_are_as_they_were_asked: [`UPDATE ledger_transfers SET reason = 'another' WHERE key = 'fill_${one}'`],
    transfers_are_made_once: [
      'ALTER TABLE ledger_transfers DROP CONSTRAINT ledger_transfers_key_unique',
      `UPDATE ledger_transfers SET key = 'fill_${one}' WHERE key = 'more_${one}'`,
      `UPDATE ledger_transfers SET input_hash = twin.input_hash FROM (
         SELECT ledger_input_hash('fill_${one}', transfer.reason, transfer.conversation_id,
           array_agg(code ORDER BY code, asset), array_agg(kind ORDER BY code, asset),
           array_agg(asset ORDER BY code, asset), array_agg(entry.amount ORDER BY code, asset), transfer.more) AS input_hash,
           transfer.id
         FROM ledger_transfers AS transfer JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
         JOIN ledger_accounts AS account ON account.id = entry.account_id
         WHERE transfer.key = 'fill_${one}' GROUP BY transfer.id
       ) AS twin WHERE twin.id = ledger_transfers.id`,
      ...['external/damage/0', first].map((code) => rehash(account(code))),
    ],
    corrections_name_a_transfer: [
      `UPDATE ledger_transfers SET more = '{"corrects": "nothing"}' WHERE key = 'more_${one}'`,
      reask(`more_${one}`),
      ...['external/damage/0', first].map((code) => rehash(account(code))),
    ],
    conversions_are_at_their_rate: [`UPDATE ledger_rates SET numerator = numerator + 1`],
    // What was looked through is not looked through again: what is wrong there shows in the sum of everything.
    books_sum_to_zero: [
      ...nudge(`fill_${one}`, first, 1).split(';'),
      rehash(account(first)),
      `INSERT INTO ledger_watermark (transfer_id, set_at) SELECT max(id), now() FROM ledger_transfers`,
      `SET LOCAL tandem.whole_books = 'off'`,
    ],
    balances_are_those_of_the_journal: [
      `UPDATE ledger_accounts SET balance = balance + 1 WHERE id = (${account(first)})`,
      `UPDATE ledger_accounts SET balance = balance - 1 WHERE id = (${account(second)})`,
    ],
    entries_are_numbered: [
      `UPDATE ledger_entries SET account_version = account_version + 1
       WHERE account_id = (${account(second)}) AND account_version = 1`,
      rehash(account(second)),
      `UPDATE ledger_accounts SET version = version + 1 WHERE id = (${account(second)})`,
    ],
    entries_add_up: [
      `UPDATE ledger_entries SET balance_after = balance_after + 1
       WHERE account_id = (${account(first)}) AND account_version = 1`,
      rehash(account(first)),
    ],
    entries_are_in_time: [
      `UPDATE ledger_entries SET recorded_at = recorded_at + interval '1 day'
       WHERE account_id = (${account(first)}) AND account_version = 1`,
      rehash(account(first)),
    ],
    entries_are_hash_chained: [
      `UPDATE ledger_entries SET hash = sha256(hash) WHERE account_id = (${account(first)}) AND account_version = 1`,
    ],
    entries_are_of_something: [`DELETE FROM ledger_transfers WHERE key = 'more_${one}'`],
    balances_were_never_negative: [`UPDATE ledger_account_kinds SET overdraft = false WHERE kind = 'external'`],
    books_are_append_only: ['ALTER TABLE ledger_entries DISABLE TRIGGER ledger_entries_immutable'],
    holds_are_what_is_held: [`UPDATE ledger_holds SET returned = returned + 1 WHERE user_id = '${userId}'`],
    lots_are_balances: [
      `UPDATE ledger_lots SET amount = amount + 1 WHERE account_id = (${account(`wallet/${userId}`, 'LYK')})`,
    ],
    penalties_took_what_they_say: [`UPDATE wallet_penalties SET taken = taken - 1 WHERE user_id = '${userId}'`],
  };
}

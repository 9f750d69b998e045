import { z } from 'zod';
import { accounts, transfer } from '../money/ledger.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';

const budgetRow = z.object({ daily: z.bigint(), left: z.bigint().nullable() });

/** What may be minted on a day, and what is left of it. */
export async function getBudget(executor: Executor, day: string): Promise<{ daily: bigint; left: bigint }> {
  const { code, asset } = accounts.budget(day, 'LYK');
  const { daily, left } = await executor.one(sql.type(budgetRow)`
    SELECT daily, (SELECT balance FROM ledger_accounts WHERE code = ${code} AND asset = ${asset}) AS left
    FROM reward_budget
  `);
  return { daily, left: left ?? daily };
}

/** From the next day on that has none yet. */
export async function updateBudget(executor: Executor, daily: bigint): Promise<void> {
  await executor.query(sql.typeAlias('void')`UPDATE reward_budget SET daily = ${daily}`);
}

/** What is left of a day's budget, which nobody else takes of before this transaction is over. */
export async function lockBudget(transaction: Transaction, day: string, now: string): Promise<bigint> {
  return (await lockLeft(transaction, day)) ?? open(transaction, day, now);
}

async function lockLeft(transaction: Transaction, day: string): Promise<bigint | null> {
  const { code, asset } = accounts.budget(day, 'LYK');
  const row = await transaction.maybeOne(sql.type(z.object({ balance: z.bigint() }))`
    SELECT balance FROM ledger_accounts WHERE code = ${code} AND asset = ${asset} FOR NO KEY UPDATE
  `);
  return row?.balance ?? null;
}

/** The day's first award puts its budget there. */
async function open(transaction: Transaction, day: string, now: string): Promise<bigint> {
  const { daily } = await getBudget(transaction, day);
  await transfer(transaction, {
    key: `budget_${day}`,
    reason: 'mint_budget',
    conversationId: null,
    occurredAt: now,
    legs: [
      { account: accounts.budget(day, 'LYK'), amount: daily },
      { account: accounts.issuance('LYK', '00'), amount: -daily },
    ],
  });
  return (await lockLeft(transaction, day)) ?? 0n;
}

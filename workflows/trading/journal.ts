/** What is done with a pair, in the order of its journal: what each command brings, and what comes of it. */
import type { FailureCode } from '../failures.ts';
import type { Asset } from '../money.ts';
import type { Level, Side } from './book.ts';
import type { NewOrder, Order } from './order.ts';
import type { PairState } from './pair.ts';

export type Bodies = {
  place: NewOrder;
  /** Of the whole order, with what is traded of it. */
  amend: { ticks: number | null; lots: number | null };
  cancel: Record<string, never>;
  /** All orders, or those of one side or one account; by an administrator's word where `operator`. */
  cancel_all: { side: Side | null; userId: string | null; operator: boolean };
  /** The pair's own clock: its time is up. */
  expire: Record<string, never>;
  set: { state: PairState | null; bandBps: number | null };
};
export type CommandKind = keyof Bodies;

export type Command = {
  [Kind in CommandKind]: {
    kind: Kind;
    /** Who gave it; null for the pair's own clock. */
    userId: string | null;
    /** Which order it is about. */
    orderId: string | null;
    body: Bodies[Kind];
  };
}[CommandKind];

export type Refusal = { code: FailureCode; message: string; details: Record<string, unknown> };

/** Two orders met. `n` counts the pair's trades. */
export type Trade = {
  n: number;
  makerOrderId: string;
  takerOrderId: string;
  makerId: string;
  takerId: string;
  takerSide: Side;
  ticks: number;
  lots: number;
  /** In minor units of the quote. */
  cost: bigint;
  makerFee: bigint;
  takerFee: bigint;
};

/** Money that one command moves, added up by where it lies. */
export type Move = { account: 'wallet' | 'hold' | 'fee'; userId: string | null; asset: Asset; amount: bigint };

export type Worked = {
  /** The number in the pair's journal, from 1 without gaps. */
  n: number;
  at: string;
  command: Command;
  refusal: Refusal | null;
  /** The order that the command is about, as it stands after it. */
  order: Order | null;
  trades: readonly Trade[];
  /** All orders that stand otherwise than before, that one among them. */
  touched: readonly Order[];
  moves: readonly Move[];
};

export type BookChange = { bids: readonly Level[]; asks: readonly Level[] };

import type { Process, Step } from '#workflows/process/machine.ts';

/** A process with what belongs to it and is not its machine's business. */
export type StoredProcess = {
  process: Process;
  /** Who takes part, by role. */
  seats: Readonly<Record<string, string>>;
  /** The payment that is in its escrow: what a refund gives back. */
  captureId: string | null;
  /** Whether a provider's fact came in that is not booked yet. */
  factsWait: boolean;
};

/** What is written of a message. Its number and its instant are given to it under its conversation's lock. */
export type Said = {
  id: string;
  sender_id: string;
  receiver_id: string;
  message: string;
  message_type: 'user_input' | 'system' | 'automated' | 'audit';
};

/** A step that was taken, with the process before and after it and what it says. */
export type Taken<Message extends Said = Said> = {
  step: Step;
  before: Process;
  process: Process;
  messages: readonly Message[];
};

/** When something of ours happens, in whose name it speaks, and the request that began it. */
export type Origin = { now: string; systemUserId: string; correlationId: string | null };

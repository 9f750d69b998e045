import { randomUUID } from 'node:crypto';
import { signTimestamped } from '../signature.ts';

/** What the sandbox tells by webhook, as whoever tries or measures something makes it up. `at` is the provider's clock. */
export type SandboxEvent = { id?: string; type: string; data: Record<string, unknown>; at?: Date };

/** As the sandbox sends it: its body as it is signed, byte by byte, and all headers. */
export type SandboxLetter = { path: string; text: string; headers: Record<string, string> };

export function sandboxLetter(secret: string, { id, type, data, at = new Date() }: SandboxEvent): SandboxLetter {
  const created_at = Math.floor(at.getTime() / 1_000);
  const text = JSON.stringify({ id: id ?? `evt_${randomUUID()}`, type, created_at, data });
  return {
    ...{ path: '/api/webhooks/sandbox', text },
    headers: { 'content-type': 'application/json', 'x-sandbox-signature': signTimestamped(secret, text, at) },
  };
}

/** An order as it was answered with, in minor units. */
export type PaidOrder = { order_id: string; amount: number; currency: string };

/** That an order is paid, by a payment of its own; the same event for the same payment. */
export function paidEvent({ order_id, amount, currency }: PaidOrder, payment_id = `pay_${randomUUID()}`): SandboxEvent {
  const data = { order_id, payment_id, amount, currency };
  return { id: `evt_${payment_id}`, type: 'payment.captured', data };
}

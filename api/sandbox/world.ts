/** Where processes are played: who plays, how a request is made, and how the checkout’s buttons are pressed. */

/** One request; the `data` of its answer. Throws for what is refused. */
export type Call<P extends Player = Player> = (
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  by: P | null,
  body?: object,
) => Promise<Data>;
// biome-ignore lint/suspicious/noExplicitAny: what is answered is read by name, as a client without types reads it.
export type Data = any;

export type Player = { id: string; handle: string; access: string };

/** `P` is what a place knows of its players beside that. */
export type World<P extends Player = Player> = {
  call: Call<P>;
  /** Whoever plays a role: somebody who was handed in, or a new account. */
  player(role: string, roles: readonly string[]): Promise<P>;
  /** Pays an order in full, or fails to, and comes back when what its provider told is booked. */
  pay(orderId: string, button: 'pay' | 'fail' | 'pay_twice', processId: string): Promise<void>;
  /** Has a payer ask their bank for the money of a process's order back; answers the process that comes of it. */
  chargeBack(orderId: string, by: P, processId: string): Promise<string>;
};

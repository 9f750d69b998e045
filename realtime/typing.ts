import { Rooms } from './rooms.ts';

/**
 * Who is typing where. Each beginning holds for a while and has to be said again; the end is told once, by whichever
 * comes first: the time, a word, or the connection's end.
 */
export class Typing<Member extends { readonly userId: string }> {
  readonly #ms: number;
  readonly #tell: (member: Member, conversationId: string, isTyping: boolean) => void;
  readonly #rooms = new Rooms<Member>();
  readonly #timers = new Map<Member, Map<string, NodeJS.Timeout>>();

  constructor(ms: number, tell: (member: Member, conversationId: string, isTyping: boolean) => void) {
    this.#ms = ms;
    this.#tell = tell;
  }

  begin(member: Member, conversationId: string): void {
    const timers = this.#timers.get(member) ?? new Map<string, NodeJS.Timeout>();
    this.#timers.set(member, timers);
    const timer = timers.get(conversationId);
    if (timer !== undefined) timer.refresh();
    else timers.set(conversationId, setTimeout(() => this.end(member, conversationId), this.#ms).unref());
    this.#rooms.join(conversationId, member);
    this.#tell(member, conversationId, true);
  }

  /** Nothing where it had ended already, which a user's other device that still types keeps from being told. */
  end(member: Member, conversationId: string): void {
    if (!this.#rooms.has(conversationId, member)) return;
    this.#rooms.leave(conversationId, member);
    const timers = this.#timers.get(member);
    clearTimeout(timers?.get(conversationId));
    timers?.delete(conversationId);
    if (timers?.size === 0) this.#timers.delete(member);
    const elsewhere = this.#rooms.in(conversationId).some(({ userId }) => userId === member.userId);
    if (!elsewhere) this.#tell(member, conversationId, false);
  }

  forget(member: Member): void {
    for (const conversationId of this.#rooms.of(member)) this.end(member, conversationId);
  }

  close(): void {
    for (const timers of this.#timers.values()) for (const timer of timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}

/** What an operator is shown of a run: its page at once, what searches find it by as often as the server bears. */
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { attentionOf, detailsOf, SEARCH_ATTRIBUTE_KEYS, type Standing, searchAttributesOf } from './board.ts';
import { isEnded, type Machine, type Process } from './machine.ts';

/**
 * Search attributes are renewed at once so many times in a row; a process at which clicks come without pause then has
 * its turn this often, and an alarm that each click need not move. Their update is a fifth of what a Signal costs the
 * server: with 20 in a row instead of 3, workflows were 1.7 times as far behind at 300 clicks a second over 64 of them.
 */
const SHOWN_AT_ONCE = 3;
/**
 * From half of it to one and a half times as long, each process another. Where it was the same for all, those that were
 * clicked together had their turn together, and all workflows were twice as far behind for three seconds of every ten.
 */
const SHOWN_EVERY_MS = 10_000;
/** For so long a step that comes may renew them in passing, before a workflow is woken for nothing else. */
const SHOWN_IN_PASSING_MS = 2_000;

export class Shown {
  readonly #machine: Machine;
  readonly #every: number;
  #found = '';
  #attention: string | null = null;
  /** From when they may be renewed at once; a time before now is what was saved up. */
  #from = 0;
  #latest: string | null = null;

  constructor(machine: Machine, processId: string) {
    this.#machine = machine;
    this.#every = Math.round(SHOWN_EVERY_MS * (0.5 + fractionOf(processId)));
  }

  /** When search attributes are to be renewed at the latest; null while they are as they should be. */
  get latest(): string | null {
    return this.#latest;
  }

  show(process: Process, standing: Standing): void {
    const attention = attentionOf(this.#machine, process, standing);
    setCurrentDetails(detailsOf(this.#machine, process, standing, attention));
    const attributes = searchAttributesOf(this.#machine, process, attention);
    const found = JSON.stringify(attributes.map(({ value }) => value));
    this.#latest = null;
    if (found === this.#found) return;
    const now = Date.now();
    const isOver = isEnded(this.#machine, process) && standing.promises.length === 0;
    // What calls for an operator, and how it ended, is not put off.
    if (now < this.#from && attention === this.#attention && !isOver) {
      this.#latest = new Date(this.#from + SHOWN_IN_PASSING_MS).toISOString();
      return;
    }
    this.#found = found;
    this.#attention = attention;
    this.#from = Math.max(this.#from, now - SHOWN_AT_ONCE * this.#every) + this.#every;
    upsertSearchAttributes(attributes);
  }

  /** Where nothing is known of a process but why it cannot be read. */
  showParked(why: string): void {
    setCurrentDetails(`attention: **parked**\n\n- ${why}`);
    upsertSearchAttributes([
      { key: SEARCH_ATTRIBUTE_KEYS.kind, value: this.#machine.kind },
      { key: SEARCH_ATTRIBUTE_KEYS.attention, value: 'parked' },
    ]);
  }
}

/** From 0 to 1, always the same for an id, whose last digits are chance. */
function fractionOf(id: string): number {
  return Number.parseInt(id.slice(-4), 16) / 0x10000;
}

import type { Gift, Stream } from './queries.ts';
import type { Given, Trigger } from './show.ts';

export const STATUSES: Record<Stream['status'], { label: string; colour: string }> = {
  scheduled: { label: 'Announced', colour: 'indigo' },
  live: { label: 'On air', colour: 'red' },
  ended: { label: 'Over', colour: 'gray' },
  archived: { label: 'Over', colour: 'gray' },
  cancelled: { label: 'Cancelled', colour: 'gray' },
};

export const FOR_WHOM: Record<Stream['visibility'], string> = {
  public: 'For everybody',
  followers: 'For followers',
  subscribers: 'For subscribers',
  ticket: 'For those with a ticket',
};

/** "ben gave 4 × Rose". */
export function giftWords(given: Given, gifts: readonly Gift[]): string {
  const { count } = given.combo;
  return `${given.fromHandle} gave ${count > 1 ? `${count} × ` : ''}${nameOf(given.code, gifts)}`;
}

export function nameOf(code: string, gifts: readonly Gift[]): string {
  return gifts.find((gift) => gift.code === code)?.name ?? code;
}

/** What a gift has the stream do, for those who do not see or hear it. */
export function triggerWords({ action, payload }: Trigger): string {
  const of = (name: string) => String(payload[name] ?? '').replaceAll('_', ' ');
  switch (action) {
    case 'confetti':
      return 'Confetti falls';
    case 'spin_wheel':
      return `The wheel says: ${of('sector')}`;
    case 'background':
      return 'The stream takes on another colour';
    case 'sound':
      return `One hears: ${of('sound')}`;
    case 'challenge_boost':
      return `What helps the challenge counts ${of('percent')} % more`;
  }
}

/** 45 → "45 s", 600 → "10 min". */
export function secondsWords(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

export function clockOf(instant: string): string {
  return new Date(instant).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

export function dateOf(instant: string): string {
  return new Date(instant).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
}

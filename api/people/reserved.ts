import { Failure } from '#workflows/failures.ts';

/** Whom nobody may pass for: what people read as "this is the house speaking". */
const WHOLE = new Set([
  ...['system', 'admin', 'administrator', 'root', 'superuser', 'moderator', 'mod', 'staff', 'official'],
  ...[
    'support',
    'help',
    'helpdesk',
    'security',
    'escrow',
    'payments',
    'payouts',
    'billing',
    'team',
    'bot',
    'me',
    'null',
    'deleted',
  ],
]);
/** As a word among others: `tandem-payouts`, `the.system`. */
const WORDS = new Set(['tandem', 'system', 'admin', 'administrator', 'support', 'moderator', 'official']);

/** What is read alike is one letter: digits that stand for letters, and `rn`, which stands for `m`. */
const ALIKE: Record<string, string> = { '0': 'o', '1': 'i', l: 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b' };

const read = (text: string) =>
  text
    .toLowerCase()
    .replaceAll('rn', 'm')
    .replace(/[013-578l]/g, (letter) => ALIKE[letter] ?? letter);

const [wholeRead, wordsRead] = [WHOLE, WORDS].map((names) => new Set([...names].map(read))) as [
  Set<string>,
  Set<string>,
];

/** Whether a handle could be taken for the system’s own, however it is spelt. */
export function looksLikeTheSystem(handle: string): boolean {
  const words = handle.split(/[._-]+/).filter((word) => word !== '');
  const joined = words.join('');
  // `support7`: a number at the end makes nobody another.
  const wholes = [joined, joined.replace(/\d+$/, '')].map(read);
  return (
    wholes.some((whole) => wholeRead.has(whole)) ||
    words.some((word) => wordsRead.has(read(word))) ||
    // Who left is called so.
    read(words[0] ?? '') === read('deleted')
  );
}

/** CONFLICT for such a handle: like one that is taken, as it will never be free. */
export function refuseReserved(handle: string): void {
  if (!looksLikeTheSystem(handle)) return;
  throw new Failure('CONFLICT', 'This handle could be taken for the system’s.', { details: { field: 'handle' } });
}

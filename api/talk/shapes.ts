import { words as wordsOf } from '#workflows/talk/contract.ts';

export const tags = ['Messages'];

/** What a person writes. */
export const words = wordsOf(5_000);

export const roomTags = ['Rooms'];

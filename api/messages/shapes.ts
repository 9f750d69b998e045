import { z } from 'zod';

export const tags = ['Messages'];

/** What a person writes. */
export const words = z.string().trim().min(1).max(5_000);

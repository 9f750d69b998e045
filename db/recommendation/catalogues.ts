import type { Recommended } from '#workflows/recommendation/contract.ts';
import type { Catalogue } from './catalogue.ts';
import { creators } from './creators.ts';
import { videos } from './videos.ts';

/** Whatever may be recommended. A new kind is a file, an entry here, and its name in the contract. */
export const CATALOGUES: Record<Recommended, Catalogue> = { videos, creators };

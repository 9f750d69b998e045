import type { Learned, Recommended } from '#workflows/recommendation/contract.ts';
import type { Catalogue, LearnedCatalogue, PassingCatalogue } from './catalogue.ts';
import { creators } from './creators.ts';
import { streams } from './streams.ts';
import { videos } from './videos.ts';

/** Those that models are built of. */
export const LEARNED_CATALOGUES: Record<Learned, LearnedCatalogue> = { videos, creators };

/** Those whose things are over before a model of them would be built. */
export const PASSING_CATALOGUES: Record<Exclude<Recommended, Learned>, PassingCatalogue> = { streams };

/** Whatever may be recommended. A new kind is a file, an entry here, and its name in the contract. */
export const CATALOGUES: Record<Recommended, Catalogue> = { ...LEARNED_CATALOGUES, ...PASSING_CATALOGUES };

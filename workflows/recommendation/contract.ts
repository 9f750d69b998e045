/** What travels of recommendations. */
import { z } from 'zod';
import { id } from '../deal/contract.ts';

/** What may be recommended: `db/recommendation/catalogues.ts` has an entry each. */
const RECOMMENDED = ['videos', 'creators', 'streams'] as const;
export type Recommended = (typeof RECOMMENDED)[number];
/** Those that models are built of. The others are over before one would be. */
export const LEARNED = ['videos', 'creators'] as const satisfies readonly Recommended[];
export type Learned = (typeof LEARNED)[number];
export const recommended = z.enum(RECOMMENDED);

const THING = '0190a000-0000-7000-8000-000000000001';
const OTHER = '0190a000-0000-7000-8000-000000000002';

const REASONS = ['because', 'about', 'popular', 'latest', 'explore'] as const;

const reason = z
  .object({
    code: z
      .enum(REASONS)
      .describe(
        '`because` of something you did; `about` something you like; `popular` now; `latest`; `explore`: hardly anybody has seen it',
      ),
    text: z.string().describe('A sentence for people'),
    about_id: z.string().nullable().describe('Of `because`: what you did it with'),
  })
  .meta({
    id: 'RecommendationReason',
    examples: [{ code: 'because', text: 'Because you liked “Amazing Dance”', about_id: OTHER }],
  });
export type Reason = z.infer<typeof reason>;

export const recommendation = z
  .object({
    id: id.describe('Of a video, of a creator’s account, or of a stream that is live'),
    score: z.number().describe('Greater is better, within one list'),
    source: z
      .enum(['personal', 'labels', 'popular', 'latest', 'explore'])
      .describe(
        'What speaks for it most: what people like you like, what you like it to be about, what all like. ' +
          '`popular` and `latest` are what newcomers get',
      ),
    reasons: z.array(reason).describe('The most important first'),
  })
  .meta({
    id: 'Recommendation',
    examples: [
      {
        ...{ id: THING, score: 1.234, source: 'personal' },
        reasons: [{ code: 'because', text: 'Because you liked “Amazing Dance”', about_id: OTHER }],
      },
    ],
  });
export type Recommendation = z.infer<typeof recommendation>;

/**
 * What creators reach. Each is announced and paid once, in credits to be boosted with: LykCoins are for what others do, and
 * a thousand likes are a thousand of them.
 */

export const METRICS = ['followers', 'views', 'likes', 'videos'] as const;
export type Metric = (typeof METRICS)[number];

const TARGETS: Record<Metric, { targets: readonly number[]; title(target: string): string }> = {
  followers: { targets: [100, 1_000, 10_000, 100_000, 1_000_000], title: (many) => `${many} followers` },
  views: { targets: [1_000, 10_000, 100_000, 1_000_000, 10_000_000], title: (many) => `${many} views` },
  likes: { targets: [100, 1_000, 10_000, 100_000, 1_000_000], title: (many) => `${many} likes` },
  videos: { targets: [1, 10, 100], title: (many) => (many === '1' ? 'Your first video' : `${many} videos`) },
};

/** What reaching one pays. */
export const MILESTONE_REWARD = { asset: 'CREDIT', amount: 10n } as const;

export type Milestone = { id: string; title: string; metric: Metric; target: number };

export const MILESTONES: readonly Milestone[] = METRICS.flatMap((metric) =>
  TARGETS[metric].targets.map((target) => ({
    id: `${metric}_${target}`,
    title: TARGETS[metric].title(target.toLocaleString('en-US')),
    metric,
    target,
  })),
);

/** Those that somebody has reached by what they have. */
export function reachedBy(progress: Readonly<Partial<Record<Metric, number>>>): readonly Milestone[] {
  return MILESTONES.filter(({ metric, target }) => (progress[metric] ?? 0) >= target);
}

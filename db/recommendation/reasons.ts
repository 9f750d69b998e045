import type { Reason, Recommendation } from '#workflows/recommendation/contract.ts';
import type { Deed } from '#workflows/recommendation/feedback.ts';
import type { Parts, Weights } from '#workflows/recommendation/ranking.ts';
import type { OwnSignalRow } from './catalogue.ts';

/** Why something is in a list, in words. */

const DONE: Record<Deed, string> = {
  liked: 'liked',
  watched: 'watched',
  shared: 'shared',
  commented: 'wrote about',
  followed: 'follow',
  tipped: 'tipped',
};

/** A deed that says more comes first where there are several with one thing. */
const MOST_TELLING: readonly Deed[] = ['tipped', 'followed', 'liked', 'shared', 'commented', 'watched'];

type Source = Recommendation['source'];
type About = { labels: readonly string[]; creatorId: string; creatorHandle: string };

/** What speaks for it most. */
export function sourceOf(parts: Parts, weights: Weights, isCold: boolean): Source {
  const shares: [Source, number][] = [
    [isCold ? 'labels' : 'personal', weights.collaborative * parts.collaborative],
    ['labels', weights.content * parts.content],
    ['popular', weights.popular * parts.popular],
    ['latest', weights.fresh * parts.fresh],
  ];
  return shares.reduce((most, each) => (each[1] > most[1] ? each : most))[0];
}

/** Every list's item has a reason at least; the first is that of its source. */
export function reasonsOf(
  source: Source,
  { because, about, signals }: { because: string | null; about: About; signals: readonly OwnSignalRow[] },
): Reason[] {
  const own = source === 'personal' || source === 'labels';
  const reasons = [own && because !== null && deedReason(because, signals), own && labelReason(about, signals)];
  const found = reasons.filter((each) => each !== false && each !== null);
  return found.length > 0 ? found : [plain(own ? 'popular' : source)];
}

const PLAIN = {
  popular: 'Popular now',
  latest: 'New',
  explore: 'Hardly anybody has seen this yet',
} as const;

function plain(code: keyof typeof PLAIN): Reason {
  return { code, text: PLAIN[code], about_id: null };
}

/** What one may not see any more has no name, and is no reason. */
function deedReason(itemId: string, signals: readonly OwnSignalRow[]): Reason | null {
  const done = signals.filter(({ item_id, name }) => item_id === itemId && name !== null);
  const deed = MOST_TELLING.find((each) => done.some((signal) => signal.deed === each));
  const name = done[0]?.name;
  if (!deed || !name) return null;
  return { code: 'because', text: `Because you ${DONE[deed]} “${name}”`, about_id: itemId };
}

/** What it shares with most of what one did. */
function labelReason({ labels, creatorId, creatorHandle }: About, signals: readonly OwnSignalRow[]): Reason | null {
  const many = new Map<string, number>();
  for (const { labels: said, label } of signals) {
    for (const each of label === null ? said : [label]) many.set(each, (many.get(each) ?? 0) + 1);
  }
  const [label] = labels
    .filter((each) => many.has(each))
    .sort((one, other) => (many.get(other) ?? 0) - (many.get(one) ?? 0));
  if (label === undefined) return null;
  const isCreator = label === `creator:${creatorId}`;
  const follows = isCreator && signals.some(({ deed, label: of }) => deed === 'followed' && of === label);
  if (follows) return { code: 'because', text: `Because you follow ${creatorHandle}`, about_id: creatorId };
  const what = isCreator ? creatorHandle : label.slice(label.indexOf(':') + 1);
  return { code: 'about', text: `You like ${what}`, about_id: null };
}

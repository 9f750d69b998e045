import { v7 as uuid } from 'uuid';
import { Failure } from '#workflows/failures.ts';
import { arrange, type Candidate } from '#workflows/recommendation/arranging.ts';
import type { Recommendation, Recommended } from '#workflows/recommendation/contract.ts';
import { LEARNING } from '#workflows/recommendation/factorise.ts';
import { weightOf } from '#workflows/recommendation/feedback.ts';
import { createLot, seedOf } from '#workflows/recommendation/lot.ts';
import { createModel, type Item, type Model } from '#workflows/recommendation/model.ts';
import { bestOf, type Ranking, rank, weightsFor } from '#workflows/recommendation/ranking.ts';
import { tasteOf } from '#workflows/recommendation/taste.ts';
import type { Pool } from '../pool.ts';
import { type Catalogue, type LatestRow, type OwnSignalRow, type PassingCatalogue, signalOf } from './catalogue.ts';
import { CATALOGUES, PASSING_CATALOGUES } from './catalogues.ts';
import { keepPage, listPages, type Page, type Shown } from './pages.ts';
import { reasonsOf, sourceOf } from './reasons.ts';
import { findVersion, loadVersion } from './versions.ts';

/** Lists for one reader, made of the newest model and of what they did up to this moment. */

/** Of what one did the newest so many are looked at. */
const SIGNALS = 150;
/** The newest things, which a model may not have yet. */
const LATEST = 40;
/** The best of the model that are looked at at once, and how often where most may not be shown. */
const CANDIDATES = { atOnce: 120, rounds: 8 };
/** Drawn by lot, to be explored: of what hardly anybody did anything with. */
const DRAWN = { tries: 60, kept: 15, popularity: 0.2 };
/** A list ends here. */
const LONGEST = 500;
/** Of what is over within hours, lists are made of so many. */
const NOW = 1_000;
/** Whether there is a newer version, or what there is now, is asked so often, in ms. */
const LOOK_EVERY_MS = 2_000;

export type Asked = {
  kind: Recommended;
  readerId: string;
  limit: number;
  /** Which page of which list; null begins one. */
  from: { listId: string; n: number } | null;
  now: string;
};
export type Answered = { items: Recommendation[]; next: { listId: string; n: number } | null };

export type Recommender = { recommend(asked: Asked): Promise<Answered> };

/** Keeps the newest model of each kind in memory: some 300 bytes a thing beside its factors and labels. */
export function createRecommender(pool: Pool): Recommender {
  const models = createModels(pool);

  return {
    async recommend(asked) {
      const { kind, readerId, from } = asked;
      const catalogue = CATALOGUES[kind];
      const pages = from ? await listPages(pool, { listId: from.listId, readerId, kind }) : [];
      const listId = from?.listId ?? uuid();
      const n = from?.n ?? 0;
      if (from && (pages.length === 0 || n > pages.length)) throw noList();
      const kept = pages[n];
      if (kept) return replay(catalogue, readerId, listId, kept);
      const before = pages.flatMap(({ shown }) => shown);
      const shown = await compose(pool, catalogue, { asked, listId, n, before, model: await models.newest(kind) });
      const more = shown.length === asked.limit && before.length + shown.length < LONGEST;
      if (!(await keepPage(pool, { listId, n, readerId, kind, now: asked.now, shown, more }))) {
        // Asked for twice at once: both are answered the same.
        const again = (await listPages(pool, { listId, readerId, kind }))[n];
        if (again) return replay(catalogue, readerId, listId, again);
      }
      return answer(shown, listId, { n, more });
    },
  };

  /** The same as before, but for what may not be shown any more. */
  async function replay(catalogue: Catalogue, readerId: string, listId: string, page: Page): Promise<Answered> {
    const ids = page.shown.map(({ id }) => id);
    const still = new Set((await catalogue.listShowable(pool, readerId, ids)).map(({ id }) => id));
    const left = page.shown.filter(({ id }) => still.has(id));
    return answer(left, listId, page);
  }
}

function noList(): Failure {
  const fields = [{ field: 'cursor', problem: 'is of no list that is kept: begin anew' }];
  return new Failure('VALIDATION_FAILED', 'This list is not kept: begin anew.', { details: { fields } });
}

function answer(shown: readonly Shown[], listId: string, { n, more }: { n: number; more: boolean }): Answered {
  return { items: shown.map(({ creator_id: _, ...item }) => item), next: more ? { listId, n: n + 1 } : null };
}

type Composing = { asked: Asked; listId: string; n: number; before: readonly Shown[]; model: Model | null };
type Ready = Candidate & { handle: string; item: Item; place: number | null; score: number };

/** A page that follows what a list had before. */
async function compose(
  pool: Pool,
  catalogue: Catalogue,
  { asked, listId, n, before, model: kept }: Composing,
): Promise<Shown[]> {
  const { readerId, limit, now } = asked;
  const [signals, latest] = await Promise.all([
    catalogue.listOwnSignals(pool, readerId, SIGNALS),
    catalogue.listLatest(pool, readerId, LATEST + before.length),
  ]);
  const model = kept ?? createModel([], { blend: 'popular', factors: null, learning: LEARNING });
  const taste = tasteOf(signals.map(signalOf), Date.parse(now));
  const ranking = rank(model, taste, Date.parse(now));
  const over = signals.filter(({ deed, part }) => catalogue.over.includes(deed) && weightOf(deed, part) > 0);
  const had = new Set([...before.map(({ id }) => id), ...over.map(({ item_id }) => item_id ?? '')]);
  const drawn = drawUnknown(model, `${listId} ${n}`, had);
  const news = latest.filter(({ id }) => !model.places.has(id) && !had.has(id)).map((row) => readyOfNew(row, ranking));
  const known: Ready[] = [];
  const explored: Ready[] = [];
  const wanted = limit * 2;
  const best = bestOf(ranking.scores, CANDIDATES.atOnce * CANDIDATES.rounds, (place) =>
    had.has(model.items[place]?.id ?? ''),
  );
  for (let round = 0; round < CANDIDATES.rounds; round += 1) {
    const places = best.slice(round * CANDIDATES.atOnce, (round + 1) * CANDIDATES.atOnce);
    const lots = round === 0 ? drawn : [];
    if (places.length + lots.length === 0) break;
    const ids = [...new Set([...places, ...lots])].map((place) => model.items[place]?.id ?? '');
    const showable = new Map((await catalogue.listShowable(pool, readerId, ids)).map((row) => [row.id, row]));
    const ready = (place: number): Ready[] => {
      const item = model.items[place] as Item;
      const row = showable.get(item.id);
      if (!row) return [];
      const score = ranking.scores[place] as number;
      return [{ id: row.id, creatorId: row.creator_id, handle: row.creator_handle, item, place, score }];
    };
    known.push(...places.flatMap(ready));
    explored.push(...lots.flatMap(ready));
    if (known.length >= wanted) break;
  }
  const ranked = [...known, ...news].sort((one, other) => other.score - one.score);
  const page = arrange(ranked, explored.slice(0, DRAWN.kept), {
    limit: Math.min(limit, LONGEST - before.length),
    before: before.map(({ id, creator_id }) => ({ id, creatorId: creator_id })),
  });
  const unknown = new Set(explored);
  return page.map((each) => shownAs(each, { model, ranking, signals, taste, isExplored: unknown.has(each) }));
}

function readyOfNew(row: LatestRow, ranking: Ranking): Ready {
  const item: Item = {
    ...{ id: row.id, creatorId: row.creator_id, labels: row.labels, popularity: 0 },
    createdAt: Date.parse(row.created_at),
  };
  const score = ranking.scoreOf(ranking.partsOfNew(item));
  return { id: row.id, creatorId: row.creator_id, handle: row.creator_handle, item, place: null, score };
}

/** Places of what hardly anybody knows, by lot: the same for one page however often it is asked for. */
function drawUnknown({ items, popularity }: Model, seed: string, had: ReadonlySet<string>): number[] {
  const lot = createLot(seedOf(seed));
  const places = new Set<number>();
  for (let tries = 0; items.length > 0 && tries < DRAWN.tries; tries += 1) {
    const place = Math.floor(lot() * items.length);
    if ((popularity[place] as number) <= DRAWN.popularity && !had.has(items[place]?.id ?? '')) places.add(place);
  }
  return [...places].slice(0, DRAWN.kept * 2);
}

type Beside = {
  model: Model;
  ranking: Ranking;
  signals: readonly OwnSignalRow[];
  taste: ReturnType<typeof tasteOf>;
  isExplored: boolean;
};

function shownAs(each: Ready, { model, ranking, signals, taste, isExplored }: Beside): Shown {
  const parts = each.place === null ? ranking.partsOfNew(each.item) : ranking.partsOf(each.place);
  const isCold = each.place === null || model.popularity[each.place] === 0;
  const source = isExplored ? 'explore' : sourceOf(parts, weightsFor(model, taste), isCold);
  const because = source === 'personal' && each.place !== null ? ranking.because(each.place) : null;
  const about = { labels: each.item.labels, creatorId: each.creatorId, creatorHandle: each.handle };
  return {
    ...{ id: each.id, creator_id: each.creatorId, score: Math.round(each.score * 1e4) / 1e4, source },
    reasons: reasonsOf(source, { because, about, signals }),
  };
}

/** Of what is over within hours: what there is now, by what it is about and by how many are at it. */
async function modelOfNow(pool: Pool, catalogue: PassingCatalogue): Promise<Model> {
  const items = (await catalogue.listNow(pool, NOW)).map(
    ({ id, creator_id: creatorId, labels, created_at, popularity }): Item => ({
      ...{ id, creatorId, labels, popularity, createdAt: Date.parse(created_at) },
    }),
  );
  return createModel(items, { blend: 'content', factors: null, learning: LEARNING });
}

/** The newest model of each kind: an older one is served on while a newer is read. */
function createModels(pool: Pool) {
  type Kept = { id: string | null; model: Model | null; lookedAt: number; looking: Promise<void> | null };
  const models = new Map<Recommended, Kept>();

  async function look(kind: Recommended, kept: Kept): Promise<void> {
    if (Object.hasOwn(PASSING_CATALOGUES, kind)) {
      kept.model = await modelOfNow(pool, PASSING_CATALOGUES[kind as keyof typeof PASSING_CATALOGUES]);
      kept.lookedAt = performance.now();
      return;
    }
    const id = await findVersion(pool, kind);
    kept.lookedAt = performance.now();
    if (id === kept.id || id === null) return;
    const model = await loadVersion(pool, id);
    if (model) Object.assign(kept, { id, model });
  }

  return {
    async newest(kind: Recommended): Promise<Model | null> {
      const kept = models.get(kind) ?? { id: null, model: null, lookedAt: Number.NEGATIVE_INFINITY, looking: null };
      models.set(kind, kept);
      if (performance.now() - kept.lookedAt >= LOOK_EVERY_MS) {
        kept.looking ??= look(kind, kept).finally(() => {
          kept.looking = null;
        });
        // Nobody waits for a newer one who has one.
        if (kept.model === null) await kept.looking;
        else kept.looking.catch(() => {});
      }
      return kept.model;
    },
  };
}

/**
 * How good a list is, given what its reader liked afterwards. `hits`: for each place of the list, best first, whether it
 * was liked; `liked`: how many there were to be found.
 */

/** Which part of the first `k` was liked. */
export function precision(hits: readonly boolean[], k: number): number {
  return count(hits, k) / k;
}

/** Which part of what was liked is among the first `k`. */
export function recall(hits: readonly boolean[], k: number, liked: number): number {
  return liked === 0 ? 0 : count(hits, k) / liked;
}

function count(hits: readonly boolean[], k: number): number {
  return hits.slice(0, k).filter(Boolean).length;
}

/** Normalised discounted cumulative gain: 1 where all that could be in front is (Järvelin and Kekäläinen, 2002; log₂ of place + 1). */
export function ndcg(hits: readonly boolean[], k: number, liked: number): number {
  const best = gain(Array.from({ length: Math.min(k, liked) }, () => 1));
  return best === 0 ? 0 : gain(hits.slice(0, k).map(Number)) / best;
}

/** Discounted cumulative gain of graded places. */
export function gain(grades: readonly number[]): number {
  return grades.reduce((sum, grade, place) => sum + grade / Math.log2(place + 2), 0);
}

/** Average precision at `k`: the mean, over what could be found, of the precision at each find. */
export function averagePrecision(hits: readonly boolean[], k: number, liked: number): number {
  let [found, sum] = [0, 0];
  for (const [place, hit] of hits.slice(0, k).entries()) {
    if (!hit) continue;
    found += 1;
    sum += found / (place + 1);
  }
  return liked === 0 ? 0 : sum / Math.min(k, liked);
}

/** How probable it is that something liked stands before something not liked: 0.5 is chance. By places from 0 of `all`. */
export function areaUnderCurve(places: readonly number[], all: number): number {
  const others = all - places.length;
  if (places.length === 0 || others === 0) return 0.5;
  const inOrder = [...places].sort((one, other) => one - other);
  const behind = inOrder.reduce((sum, place, before) => sum + (others - (place - before)), 0);
  return behind / (places.length * others);
}

/** The mean of differences over its standard error: how surely one is better than the other, and not by chance. */
export function sureness(differences: readonly number[]): number {
  const many = differences.length;
  if (many < 2) return 0;
  const mean = differences.reduce((sum, each) => sum + each, 0) / many;
  const variance = differences.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (many - 1);
  return variance === 0 ? Math.sign(mean) * Number.POSITIVE_INFINITY || 0 : mean / Math.sqrt(variance / many);
}

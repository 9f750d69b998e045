import type { Book } from './queries.ts';

type Level = { price: number; amount: number; sum: number };

/** Levels of a side with all that lies before them: what one would get down to each price. The best first. */
export function levelsOf(side: Book['bids']): Level[] {
  let sum = 0;
  return side.map(([price, amount]) => {
    sum += Number(amount);
    return { price: Number(price), amount: Number(amount), sum };
  });
}

/** Two stairs that rise from the middle outwards, as paths in a box of 100 by 100: bids to the left, asks to the right. */
export function stairsOf(bids: readonly Level[], asks: readonly Level[]): { bids: string; asks: string } {
  const prices = [...bids, ...asks].map(({ price }) => price);
  const [least, greatest] = [Math.min(...prices), Math.max(...prices)];
  // Beside the outermost there is room, so that a lone one has a step too.
  const [low, high] = [least - (greatest - least) / 8, greatest + (greatest - least) / 8];
  const most = Math.max(...[...bids, ...asks].map(({ sum }) => sum), Number.MIN_VALUE);
  const x = (price: number) => (high === low ? 50 : (100 * (price - low)) / (high - low));
  const y = (sum: number) => 100 - (95 * sum) / most;
  const stair = (levels: readonly Level[], end: number) => {
    const [best] = levels;
    if (!best) return '';
    const steps = levels.map(
      ({ price, sum }, at) => `H${x(price)}V${y(sum)}${at === levels.length - 1 ? `H${end}` : ''}`,
    );
    return `M${x(best.price)} 100${steps.join('')}V100Z`;
  };
  return { bids: stair(bids, 0), asks: stair(asks, 100) };
}

/** "0.50000000" → "0.5". */
export function trimmed(amount: string): string {
  return amount.includes('.') ? amount.replace(/\.?0+$/, '') : amount;
}

import type { Data } from 'tandem-client';
import type { Bar } from '../chart/Bars.tsx';

type Analytics = Pick<Data<'streams.analytics'>, 'viewers' | 'gifts'>;

const MINUTE = 60_000;
/** As many as can be told apart beside each other. */
const AT_MOST = 60;

/**
 * The latest minutes of a stream, one a bar: viewers, who are told where their number changed and stay as many until
 * then, and gifts.
 */
export function minutesOf(
  { viewers, gifts }: Analytics,
  { from, to }: { from: string; to: string },
): { viewers: Bar[]; gifts: Bar[] } {
  const last = startOf(to);
  const first = Math.max(startOf(from), last - (AT_MOST - 1) * MINUTE);
  const changes = new Map(viewers.map((each) => [startOf(each.minute), each.viewers]));
  const given = new Map(gifts.map((each) => [startOf(each.minute), each]));
  let many = viewers.findLast(({ minute }) => startOf(minute) < first)?.viewers ?? 0;
  const bars: ReturnType<typeof minutesOf> = { viewers: [], gifts: [] };
  for (let at = first; at <= last; at += MINUTE) {
    many = changes.get(at) ?? many;
    const { gifts: count = 0, tokens = 0 } = given.get(at) ?? {};
    const label = new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    bars.viewers.push({ label, value: many, said: `${label}: ${many} watching` });
    bars.gifts.push({
      label,
      value: count,
      said: `${label}: ${count} ${count === 1 ? 'gift' : 'gifts'}, ${tokens} TOKEN`,
    });
  }
  return bars;
}

function startOf(instant: string): number {
  return Math.floor(Date.parse(instant) / MINUTE) * MINUTE;
}

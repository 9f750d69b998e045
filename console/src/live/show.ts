import type { EventOf } from 'tandem-client';

export type Given = EventOf<'gift:send'>['data'];
export type Trigger = EventOf<'overlay:trigger'>['data'];

/** What is shown for a while in a stream that one watches, and is kept nowhere. */
export type Show = {
  /** Gifts since one came, latest last: of a combo the last one, which counts them. */
  given: readonly Given[];
  /** Of those that fly just now, by their combo. */
  flying: readonly string[];
  triggers: readonly Trigger[];
};

export const NOTHING_SHOWN: Show = { given: [], flying: [], triggers: [] };

/** As many as are read beside the chat. */
const GIVEN_AT_MOST = 50;
/** As many as can be told apart over a picture. */
const FLYING_AT_MOST = 8;

/** A gift that was given; the same again changes nothing. */
export function give(show: Show, gift: Given): Show {
  if (show.given.some(({ giftId }) => giftId === gift.giftId)) return show;
  const combo = gift.combo.id;
  // What was told out of order would count backwards.
  if (show.given.some((other) => other.combo.id === combo && other.combo.count > gift.combo.count)) return show;
  return {
    ...show,
    given: [...show.given.filter((other) => other.combo.id !== combo), gift].slice(-GIVEN_AT_MOST),
    flying: [...show.flying.filter((id) => id !== combo), combo].slice(-FLYING_AT_MOST),
  };
}

/** Its time in the air is over, unless another of its combo has come meanwhile. */
export function land(show: Show, gift: Given): Show {
  const latest = show.given.find(({ combo }) => combo.id === gift.combo.id);
  if (latest !== undefined && latest.giftId !== gift.giftId) return show;
  return { ...show, flying: show.flying.filter((id) => id !== gift.combo.id) };
}

export function begin(show: Show, trigger: Trigger): Show {
  const others = show.triggers.filter(({ action }) => action !== trigger.action);
  return { ...show, triggers: [...others, trigger] };
}

export function end(show: Show, trigger: Trigger): Show {
  return { ...show, triggers: show.triggers.filter(({ giftId }) => giftId !== trigger.giftId) };
}

/** Those in the air, with what they are. */
export function flyingOf({ given, flying }: Show): Given[] {
  return flying.flatMap((id) => given.find(({ combo }) => combo.id === id) ?? []);
}

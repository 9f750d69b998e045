import type { Call, Data, Player, World } from './world.ts';

/** Streams and what is open in them, what creators sell and battles, brought to where one wants to see them. */

export type Streamed = { id: string; creator: Player };

type OnAir = { streamId: string; creator: Player; viewers: readonly Player[] };

/** Answers its id. */
export async function announce<P extends Player>(call: Call<P>, creator: P, said: object = {}): Promise<string> {
  return (await call('POST', '/api/streams', creator, { title: 'Monsoon cooking', ...said })).stream.id;
}

export async function begin<P extends Player>(call: Call<P>, creator: P, said: object = {}): Promise<string> {
  const id = await announce(call, creator, said);
  await call('POST', `/api/streams/${id}/start`, creator);
  return id;
}

/** On air, with three who write in its chat; one of them may be somebody who was handed in. */
async function onAir({ call, player }: World): Promise<OnAir> {
  const creator = await player('creator', ['creator']);
  const viewers = [
    await player('viewer', ['viewer']),
    await player('second_viewer', ['viewer']),
    await player('third_viewer', ['viewer']),
  ];
  const streamId = await begin(call, creator, { category: 'food', tags: ['rain'] });
  const said = ['Hello from Kochi!', 'Which rice is that?', 'It rains here, too.'];
  for (const [place, viewer] of viewers.entries()) {
    await call('POST', `/api/streams/${streamId}/chat`, viewer, { text: said[place] as string });
  }
  return { streamId, creator, viewers };
}

/** Somebody has as much for sure, whatever they spent before. */
const fund = ({ call }: World, by: Player, amount: string) =>
  call('POST', '/api/sandbox/faucet', by, { asset: 'TOKEN', amount });

export async function live(world: World): Promise<Streamed> {
  const { streamId, creator, viewers } = await onAir(world);
  const [viewer] = viewers as [Player, ...Player[]];
  await fund(world, viewer, '10');
  await world.call('POST', `/api/streams/${streamId}/gifts`, viewer, { code: 'ROSE', message: 'Well stirred' });
  return { id: streamId, creator };
}

export async function polled({ call, ...world }: World): Promise<Streamed> {
  const { streamId, creator, viewers } = await onAir({ call, ...world });
  const asked = { question: 'What is next?', options: ['Rice', 'Noodles', 'Soup'], duration_seconds: 900 };
  const { poll } = await call('POST', `/api/streams/${streamId}/polls`, creator, asked);
  // Whoever was handed in is left to vote.
  for (const [place, viewer] of viewers.slice(1).entries()) {
    await call('POST', `/api/streams/${streamId}/polls/${poll.id}/votes`, viewer, { option: place });
  }
  return { id: poll.id, creator };
}

export async function challenged(world: World): Promise<Streamed> {
  const { streamId, creator, viewers } = await onAir(world);
  const asked = { type: 'gifts', target: 100, duration_seconds: 900, reward: 'I sing what you like' };
  const { challenge } = await world.call('POST', `/api/streams/${streamId}/challenges`, creator, asked);
  const giver = viewers[1] as Player;
  await fund(world, giver, '10');
  await world.call('POST', `/api/streams/${streamId}/gifts`, giver, { code: 'ROSE' });
  return { id: challenge.id, creator };
}

export type Fought = { id: string; challenger: Player; opponent: Player };

export async function invited(world: World): Promise<Fought> {
  const challenger = await world.player('challenger', ['creator']);
  const opponent = await world.player('opponent', ['creator']);
  for (const side of [challenger, opponent]) await fund(world, side, '25');
  const asked = { opponent_id: opponent.id, duration_seconds: 300, stake: { asset: 'TOKEN', amount: '25' } };
  const { battle } = await world.call('POST', '/api/battles', challenger, asked);
  return { id: battle.id, challenger, opponent };
}

export async function fought(world: World): Promise<Fought> {
  const battle = await invited(world);
  await world.call('POST', `/api/battles/${battle.id}/accept`, battle.opponent);
  const fan = await world.player('fan', ['viewer']);
  await world.call('POST', `/api/battles/${battle.id}/vote`, fan, { participantId: battle.challenger.id });
  return battle;
}

export type Subscribed = { id: string; subscriber: Player; creator: Player };

/** A creator sells a month for so many tokens. */
export async function sellMonths<P extends Player>(
  call: Call<P>,
  creator: P,
  { price, code = TIER }: { price: number; code?: string },
): Promise<void> {
  const tiers = [{ code, name: 'Gold', price, perks: ['A name in the credits'] }];
  await call('PUT', `/api/creator/${creator.id}/tiers`, creator, { tiers });
}

const TIER = 'gold';

/** Answers the subscription, and its order where there is one. */
export const subscribe = <P extends Player>(call: Call<P>, fan: P, creator: P, more: object = {}): Promise<Data> =>
  call('POST', '/api/subscriptions', fan, { creator_id: creator.id, tier: TIER, ...more });

/** To somebody new: nobody has two subscriptions to one creator. */
export async function subscribed(world: World): Promise<Subscribed> {
  const subscriber = await world.player('subscriber', ['viewer']);
  const creator = await world.player('creator', ['creator']);
  await sellMonths(world.call, creator, { price: 50 });
  await fund(world, subscriber, '50');
  const { subscription } = await subscribe(world.call, subscriber, creator);
  return { id: subscription.id, subscriber, creator };
}

const DAY_MS = 86_400_000;

/** For people to come in a week, with one of its three seats sold. */
export async function onSale(world: World): Promise<Streamed> {
  const creator = await world.player('creator', ['creator']);
  const starts_at = new Date(Date.now() + 7 * DAY_MS).toISOString();
  const announced = { title: 'An evening of ragas', starts_at, capacity: 3, price: '20' };
  const { event } = await world.call('POST', '/api/events', creator, announced);
  const guest = await world.player('guest', ['viewer']);
  await fund(world, guest, '20');
  await world.call('POST', `/api/events/${event.id}/tickets`, guest);
  return { id: event.id, creator };
}

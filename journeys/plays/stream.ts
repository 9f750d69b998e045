import { listed, type Owed, type Play, purse, stands } from './playing.ts';

/** A stream with chat, a question, a poll, a challenge, a gift and a battle, which its end decides. */
export const playStream: Play = async (stage) => {
  const { ask } = stage;
  const [creator, rival, fan] = await Promise.all([
    stage.newcomer('creator'),
    stage.newcomer('creator'),
    stage.newcomer('viewer'),
  ]);
  const { stream } = await ask((key) => creator.post('/api/streams', { title: 'Monsoon cooking' }, key));
  const on = `/api/streams/${stream.id}`;
  await ask((key) => creator.post(`${on}/start`, {}, key));
  const goal = { type: 'gifts', target: 5, duration_seconds: 3_600 };
  const { challenge } = await ask((key) => creator.post(`${on}/challenges`, goal, key));
  const text = `hello from ${fan.handle}`;
  await ask((key) => fan.post(`${on}/chat`, { text }, key));
  const { question } = await ask((key) => fan.post(`${on}/questions`, { text: 'Who is there?' }, key));
  await ask(() => fan.post(`${on}/questions/${question.id}/upvote`, {}));
  const asked = { question: 'What is next?', options: ['Rice', 'Noodles'], duration_seconds: 3_600 };
  const { poll } = await ask((key) => creator.post(`${on}/polls`, asked, key));
  await ask(() => fan.post(`${on}/polls/${poll.id}/votes`, { option: 1 }));
  await ask((key) => creator.post(`${on}/polls/${poll.id}/close`, {}, key));
  await ask((key) => fan.post(`${on}/gifts`, { code: 'ROSE' }, key));
  const stake = { asset: 'TOKEN', amount: '30' };
  const fight = { opponent_id: rival.id, stream_id: stream.id, duration_seconds: 60, stake };
  const { battle } = await ask((key) => creator.post('/api/battles', fight, key));
  await ask((key) => rival.post(`/api/battles/${battle.id}/accept`, {}, key));
  await ask((key) => fan.post(`/api/battles/${battle.id}/vote`, { participantId: rival.id }, key));
  // Whoever ends the stream that they fight in has lost; else the vote of a fan decides after its minute.
  const isForfeited = stage.draw(2) === 0;
  if (isForfeited) await ask((key) => creator.post(`${on}/end`, {}, key));
  const owed: Owed[] = [
    stands(`poll ${poll.id} is closed`, creator, `${on}/polls/${poll.id}`, ({ poll: { status, counts } }) => {
      return status === 'closed' && counts.join() === '0,1';
    }),
    stands(`battle ${battle.id} is won`, rival, `/api/battles/${battle.id}`, ({ battle: { status, winner_id } }) => {
      return status === 'ended' && winner_id === rival.id;
    }),
    purse(fan, 'TOKEN', 95n),
    // Of the rose its creator has three; the stakes are the winner's.
    purse(creator, 'TOKEN', 73n),
    purse(rival, 'TOKEN', 130n),
    listed(`challenge ${challenge.id} is won`, creator, `${on}/challenges`, 1n, ({ status }) => status === 'won'),
    listed(`chat of ${stream.id}`, creator, `${on}/chat`, 1n, (said) => said.text === text),
  ];
  if (!isForfeited) return owed;
  const isOver = ({ stream: { status } }: { stream: { status: string } }) => ['ended', 'archived'].includes(status);
  return [...owed, stands(`stream ${stream.id} is over`, creator, on, isOver)];
};

import { listed, type Play, purse, stands } from './playing.ts';

/** People who write to each other, and who like what they watch and are rewarded for it. */

export const playTalk: Play = async (stage) => {
  const { ask } = stage;
  const [one, other] = await Promise.all([stage.newcomer('viewer'), stage.newcomer('viewer')]);
  const { room } = await ask((key) =>
    one.post('/api/chat/rooms', { kind: 'group', name: 'We', member_ids: [other.id] }, key),
  );
  const texts: string[] = [];
  for (const who of [one, other, one, other]) {
    const text = `${who.handle} says ${texts.length}`;
    texts.push(text);
    await ask((key) => who.post(`/api/conversations/${room.id}/messages`, { content: text }, key));
  }
  const path = `/api/conversations/${room.id}/messages?limit=50`;
  return texts.map((text) => listed(`"${text}"`, other, path, 1n, (said) => said.content === text));
};

/** Whoever asks for rewards follows a hundred, but for this: an administrator says so once, before it begins. */
export const OPEN_TO_ALL = ['video_liked', 'video_shared', 'comment_posted', 'like_received', 'share_received'];

export const playLike: Play = async (stage) => {
  const { ask } = stage;
  const [creator, viewer] = await Promise.all([stage.newcomer('creator'), stage.newcomer('viewer')]);
  const said = { title: 'Dance', duration_seconds: 20, media_url: 'https://media.example/dance.mp4' };
  const { video } = await ask((key) => creator.post('/api/videos', said, key));
  const on = `/api/videos/${video.id}`;
  await ask(() => viewer.post(`${on}/like`));
  await ask((key) => viewer.post(`${on}/comments`, { text: 'Beautiful' }, key));
  await ask((key) => viewer.post(`${on}/share`, {}, key));
  return [
    stands(`likes of ${video.id}`, viewer, on, ({ counts }) => counts.likes === 1 && counts.comments === 1),
    // For a like, a comment and a share; and for a like and a share that came.
    purse(viewer, 'LYK', 500n),
    purse(creator, 'LYK', 200n),
  ];
};

/** The house's second axis: one noun a room, the same name in every ring, and one meaning a word. */

/** Folders that belong to one ring alone, whatever it is about. */
const FITTINGS: Record<string, readonly string[]> = {
  workflows: ['testing', 'histories'],
  db: ['testing', 'migrations'],
  api: ['testing', 'console', 'docs'],
};

/** What every room reckons with stands beside the room that has its name. */
const BESIDE = /^workflows\/money(\.test)?\.ts$/;

const singular = (noun: string): string => noun.replace(/ies$/, 'y').replace(/s$/, '');

/**
 * What is wrong with the rooms of a house, given every file of it. A room is a folder directly in one of these rings: a
 * noun, which at least one other ring knows by the same name, as a room or as a file. What is named for a room of its
 * ring lies in it.
 */
export function complaintsOfRooms(files: readonly string[]): string[] {
  const rooms = new Map<string, Set<string>>();
  const named = new Map<string, Set<string>>();
  for (const file of files) {
    const [ring = '', name = '', within] = file.split('/');
    const isRoom = within !== undefined && FITTINGS[ring] && !FITTINGS[ring].includes(name);
    if (isRoom) rooms.set(name, (rooms.get(name) ?? new Set()).add(ring));
    const noun = within === undefined ? name.replace(/(\.int)?\.test\.ts$|\.ts$/, '') : name;
    named.set(noun, (named.get(noun) ?? new Set()).add(ring));
  }
  const complaints: string[] = [];
  for (const [room, rings] of rooms) {
    const same = [...rooms.keys()].filter((other) => other < room && singular(other) === singular(room));
    for (const other of same) complaints.push(`${other}/ and ${room}/ are one noun`);
    if (named.get(room)?.size === 1)
      complaints.push(`${[...rings][0]}/${room}/ is in no other ring: is it another's room?`);
    for (const file of files) {
      const [ring = '', name = '', within] = file.split('/');
      const noun = singular(name.replace(/(\.int)?\.test\.ts$|\.ts$/, ''));
      if (within === undefined && !BESIDE.test(file) && rings.has(ring) && noun === singular(room)) {
        complaints.push(`${file} belongs in ${ring}/${room}/`);
      }
    }
  }
  return complaints.sort();
}

/** Words that meant several things, with what they mean and where a file or a type may be called so. */
const WORDS: readonly { word: string; means: string; at: RegExp }[] = [
  { word: 'ring', means: 'a folder of the house, and what its files may import', at: /^worker\/testing\/house\.ts$/ },
  { word: 'place', means: 'where money of a process lies: escrow, fee, a wallet, a hold', at: /\/(process|money)\// },
  { word: 'door', means: 'where a command is decided and written', at: /\/process\// },
  { word: 'told', means: 'what a workflow was told of its steps', at: /\/process\// },
  { word: 'provider', means: 'who takes and pays out money for us', at: /^payments\/|\/(payment|sandbox)\// },
  // Temporal calls Signals, Updates and Queries so, and a room's messages.ts declares them.
  { word: 'message', means: 'what one says to the other', at: /\/talk\/|^workflows\/\w+\/messages\.ts$/ },
];

/** Where one of those words is the name of a file or of a kind of thing it exports, and means something else there. */
export function complaintsOfWords(exported: ReadonlyMap<string, readonly string[]>): string[] {
  return [...exported].flatMap(([file, names]) => {
    const base =
      file
        .split('/')
        .at(-1)
        ?.replace(/(\.int)?\.test\.ts$|\.\w+$/g, '') ?? '';
    const kinds = names.filter((name) => /^[A-Z]/.test(name)).map((name) => name.toLowerCase());
    return [...new Set([base, ...kinds])].flatMap((name) =>
      WORDS.filter(({ word, at }) => singular(name) === word && !at.test(file)).map(
        ({ word, means }) => `${file}: ${name}, but a ${word} is ${means}`,
      ),
    );
  });
}

import { randomUUID } from 'node:crypto';
import { type Json, PASSWORD, type Person, register, signIn } from '../person.ts';
import { type Ask, orLater, patiently } from './asking.ts';
import { staysSignedIn } from './signedIn.ts';

/** What a play is given, and what it answers. */

export type Stage = {
  url: string;
  ask: Ask;
  /** A new account of its own, so that what is in its wallet is this play's alone. */
  newcomer(...roles: string[]): Promise<Person>;
  /** One of so many, by the seed. */
  draw(many: number): number;
};

/**
 * What there has to be, now that it was promised: so many, or so much in the smallest unit. Less is lost, more was done
 * twice. Somebody who cannot be asked now throws.
 */
export type Owed = { what: string; due: bigint; look: () => Promise<bigint> };

/** Plays one through. Throws where anybody is refused what is allowed. */
export type Play = (stage: Stage) => Promise<Owed[]>;

/** Registers until that is so: whose answer was lost signs in. */
export async function newcomer(url: string, roles: string[]): Promise<Person> {
  const handle = `s${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  const person = await patiently(
    () => register(url, roles, handle).catch(() => signIn(url, handle, PASSWORD).catch(() => null)),
    (found) => found !== null,
  );
  return staysSignedIn(url, person as Person);
}

/** The data of a read. Throws where there is none now. */
async function read(person: Person, path: string): Promise<Json> {
  const { status, body } = await orLater(person.get(path));
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
  return body.data;
}

/** Waits until something that is read is so. */
export function untilRead(person: Person, path: string, isSo: (data: Json) => boolean): Promise<Json> {
  return patiently(
    () => read(person, path).catch(() => null),
    (data) => data !== null && isSo(data),
    undefined,
    { mostPauseMs: 3_000 },
  );
}

/** All that somebody has of an asset, free or set aside. */
export function purse(person: Person, asset: string, due: bigint): Owed {
  const path = `/api/wallet/${person.id}/balance`;
  return { what: `${asset} of ${person.handle}`, due, look: async () => totalIn(await read(person, path), asset) };
}

export function totalIn({ balances }: Json, asset: string): bigint {
  const total: string = balances.find((each: Json) => each.asset === asset)?.total ?? '0';
  return BigInt(total.replace('.', ''));
}

/** That something which is read stands so: once, or not at all. */
export function stands(what: string, person: Person, path: string, isSo: (data: Json) => boolean): Owed {
  return { what, due: 1n, look: async () => (isSo(await read(person, path)) ? 1n : 0n) };
}

/** How many of a list are such. */
export function listed(what: string, person: Person, path: string, due: bigint, isOne: (each: Json) => boolean): Owed {
  return { what, due, look: async () => BigInt((await read(person, path)).filter(isOne).length) };
}

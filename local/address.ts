import { holderOf, whyNotFree } from './ports.ts';
import { SettingInvalid } from './settings.ts';

/** Where one of our programs listens, and the settings that say so. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly settings: { readonly host: string; readonly port: string };
}

/** Throws `SettingInvalid` when nobody can listen there. */
export async function requireFree(address: Address): Promise<void> {
  const code = await whyNotFree(address.port, address.host);
  if (code !== null) throw new SettingInvalid(sentenceFor(code, address));
}

export function sentenceFor(code: string, { host, port, settings }: Address): string {
  switch (code) {
    case 'EADDRINUSE': {
      const holder = holderOf(port);
      const by = holder === null ? '' : ` by ${holder}`;
      return `Port ${port} is in use${by}: stop that, or choose another with ${settings.port}=${port + 1} npm start.`;
    }
    case 'EACCES':
      return `Port ${port} needs privileges that this user does not have: choose one from 1024 on, as with ${settings.port}=3000 npm start.`;
    case 'EADDRNOTAVAIL':
      return `${settings.host} is "${host}", which is not an address of this machine.`;
    default:
      return `${settings.host} is "${host}", and on that nobody can listen here (${code}): it has to be an address of this machine.`;
  }
}

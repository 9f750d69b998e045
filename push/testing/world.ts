import type { PushService, PushTarget } from '../service.ts';
import type { PushServer } from './server.ts';

/** What a push service took, as the device it is for would have it. */
export type Arrived = {
  target: string;
  title: string;
  body: string;
  data: Record<string, string>;
  topic: string;
  ttlSeconds: number;
  urgency: 'high' | 'normal' | 'low';
};

/** One push service with everything around it that its adapter has to cope with. */
export type PushWorld = {
  /** The adapter, with `timeoutMs` of TIMEOUT_MS. */
  service: PushService;
  /** The same adapter, which waits for as long as a test does. */
  patient: PushService;
  /** The same adapter with keys that the service does not know. */
  stranger: PushService;
  server: PushServer;
  /** A device that is there. */
  device(): PushTarget;
  /** It has the app no longer. */
  uninstall(target: PushTarget): void;
  /** All that was taken. */
  arrived: Arrived[];
  /** What was refused, with the reason. */
  refused: string[];
  /** Where messages are sent to. */
  path: RegExp;
  close(): Promise<void>;
};

export const TIMEOUT_MS = 1_500;
export const PATIENT_MS = 60_000;

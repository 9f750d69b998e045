import type { Logger } from 'pino';

/** Says what cannot be done when that begins, and when it can be done again; what fails in between is for who debugs. */
type Outage = {
  goesOn(error: unknown): void;
  isOver(): void;
};

export function createOutage(log: Logger, says: { begins: string; ends: string }): Outage {
  let isOn = false;
  return {
    goesOn(error) {
      log[isOn ? 'debug' : 'warn']({ err: error }, says.begins);
      isOn = true;
    },
    isOver() {
      if (isOn) log.info(says.ends);
      isOn = false;
    },
  };
}

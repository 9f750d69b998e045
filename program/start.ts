/** The beginning of a program: what it cannot start with is said without a stack, and ends it with 1. */
export function orExit<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    return exitSaying(error as Error);
  }
}

export function exitSaying({ message }: Error): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

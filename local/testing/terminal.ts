/** The environment of a terminal that knows nothing of the tests which it runs in. */
export function terminal(): NodeJS.ProcessEnv {
  const theirs = /^(VITEST.*|TANDEM_TEST_REPORT|TEST|PROD|DEV|MODE|BASE_URL|SSR|NODE_ENV|NODE_OPTIONS|FORCE_.*)$/;
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !theirs.test(name))), NO_COLOR: '1' };
}

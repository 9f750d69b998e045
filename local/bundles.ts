import { workflowBundle } from '#worker/bundle.ts';

/** Makes both bundles of the workflows where they are not kept: of files that start at once, each would make its own. */
await Promise.all([true, false].map((traced) => workflowBundle({ traced })));

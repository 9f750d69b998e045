/** Every workflow, as the worker bundles them. */
export { collaboration } from './collaboration/workflow.ts';
export { refund } from './refund/workflow.ts';

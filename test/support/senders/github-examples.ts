import examples from '@octokit/webhooks-examples' with { type: 'json' };
import type { Message } from './sender.ts';

/** Every payload of GitHub's that its own examples hold. Megabytes: more than workerd takes as one module. */
export const gitHubExamples: readonly Message[] = examples.flatMap(({ name, examples: payloads }) =>
  payloads.map((payload) => ({ event: name, payload })),
);

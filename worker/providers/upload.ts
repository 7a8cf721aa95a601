import type { ActionProvider, Progress, ProviderRun } from './provider.ts';

/** Source/Upload: puts out the revision that the execution was started with. */
export const upload: ActionProvider = {
  types: ['Source/Upload'],
  start: (run) => Promise.resolve(revisionOf(run)),
  poll: (run) => Promise.resolve(revisionOf(run)),
  cancel: () => Promise.resolve('Cancelled'),
};

function revisionOf({ revision, outputs }: ProviderRun): Progress {
  if (revision === undefined) {
    return { kind: 'Failed', code: 'RevisionUnavailable', message: 'The execution was started without a revision.' };
  }
  const { id, digest, sizeBytes, summary } = revision;
  return {
    kind: 'Succeeded',
    variables: { RevisionId: id, Digest: digest, Summary: summary },
    artifacts: outputs.map(({ name }) => ({ name, digest, sizeBytes })),
    summary: summary === '' ? id : summary,
  };
}

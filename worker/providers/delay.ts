import type { ActionProvider, Progress, ProviderRun } from './provider.ts';

const SECONDS_MAX = 7 * 24 * 3600;

/** Invoke/Delay: waits on the execution's own timer. Nothing runs anywhere, so there is nothing to start twice or to cancel. */
export const delay: ActionProvider = {
  types: ['Invoke/Delay'],
  start: (run) => Promise.resolve(waiting(run)),
  poll: () => Promise.resolve(succeeded),
  cancel: () => Promise.resolve('Cancelled'),
};

const succeeded: Progress = { kind: 'Succeeded', variables: {}, artifacts: [] };

function waiting(run: ProviderRun): Progress {
  const text = run.configuration['Seconds'] ?? '';
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds <= SECONDS_MAX)) {
    const message = `Seconds is "${text}"; it must be a number from 0 to ${SECONDS_MAX}.`;
    return { kind: 'Failed', code: 'ConfigurationError', message };
  }
  return seconds === 0 ? succeeded : { kind: 'Running', checkAfterMs: Math.ceil(seconds * 1000) };
}

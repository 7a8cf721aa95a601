import type { Redactor } from './redactor.ts';
import type { JobResult } from '../runner-protocol.ts';

/** What a job says of itself, without the secrets that it had: the runner has masked it already, if it is one of ours. */
export function cleanResult(redactor: Redactor, result: JobResult): JobResult {
  const clean = (text: string): string => redactor.text(text);
  return {
    ...result,
    message: clean(result.message),
    variables: Object.fromEntries(
      Object.entries(result.variables).map(([name, value]) => [clean(name), clean(value)]),
    ),
    artifacts: result.artifacts.map((artifact) => ({ ...artifact, name: clean(artifact.name) })),
  };
}

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobPayload } from '../../../contract/runner-protocol.ts';
import { aPayload } from './jobs.ts';

/** A job that writes down in `scratch` that it ran, and its process, and goes on when it is told to. */
export function aWaitingJob(scratch: string, overrides: Partial<JobPayload> = {}): JobPayload {
  const commands = [
    `echo "$MILLRACE_STAGE" >> ${scratch}/ran`,
    `echo $$ > ${scratch}/pid`,
    `while [ ! -e ${scratch}/go ]; do sleep 0.02; done`,
    'echo done',
  ];
  return aPayload({ commands, ...overrides });
}

export function go(scratch: string): Promise<void> {
  return writeFile(join(scratch, 'go'), '');
}

/** How often it ran, of whatever attempt. */
export async function runs(scratch: string): Promise<number> {
  return (await readFile(join(scratch, 'ran'), 'utf8')).split('\n').length - 1;
}

import { z } from 'zod';
import { PermanentFailure } from '../../kernel/failure.ts';
import type { CommitStatus } from '../git-host.ts';
import type { HostApi } from '../support/host-api.ts';
import { writeMarked } from '../support/marked-comment.ts';
import { segments } from '../support/path.ts';
import { projectAt } from './place.ts';
import { STATUS } from './shapes.ts';

const STATES: Readonly<Record<CommitStatus['state'], string>> = {
  pending: 'pending',
  running: 'running',
  success: 'success',
  failure: 'failed',
  cancelled: 'canceled',
};

/** What says nothing new is not sent: to GitLab a status is a job, and a job cannot begin twice. */
export async function setStatus(
  api: HostApi,
  repository: string,
  commit: string,
  status: CommitStatus,
): Promise<void> {
  const { context: name, description, url, ref } = status;
  const sha = segments(commit);
  const body = {
    state: STATES[status.state],
    name,
    description,
    ...(url === undefined ? {} : { target_url: url }),
    ...(ref === undefined ? {} : { ref }),
  };
  // Only the newest of each name, unless all are asked for.
  const statuses = `${projectAt(repository)}/repository/commits/${sha}/statuses`;
  const [there] = await api.get(statuses, STATUS.array(), { name, ref });
  const isSame =
    there?.status === body.state && there.description === description && (there.target_url ?? undefined) === url;
  if (isSame) return;
  try {
    await api.send({ method: 'POST', path: `${projectAt(repository)}/statuses/${sha}`, body }, z.unknown());
  } catch (error) {
    // Others were faster, or it is said for the second time: where it stands is where it should.
    const isThere = error instanceof PermanentFailure && error.message.includes('Cannot transition status');
    if (!isThere) throw error;
  }
}

export function comment(
  api: HostApi,
  repository: string,
  number: number,
  marker: string,
  text: string,
): Promise<void> {
  const notes = `${projectAt(repository)}/merge_requests/${number}/notes`;
  const at = { list: notes, one: (id: number) => `${notes}/${id}`, paging: { size: 100 }, edit: 'PUT' } as const;
  return writeMarked(api, at, marker, text);
}

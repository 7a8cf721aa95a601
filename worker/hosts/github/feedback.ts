import { z } from 'zod';
import type { CommitStatus } from '../git-host.ts';
import type { HostApi } from '../support/host-api.ts';
import { writeMarked } from '../support/marked-comment.ts';
import { segments } from '../support/path.ts';
import { STATUSES } from './shapes.ts';

const STATES: Readonly<Record<CommitStatus['state'], string>> = {
  pending: 'pending',
  running: 'pending',
  success: 'success',
  failure: 'failure',
  cancelled: 'error',
};
const DESCRIPTION_MAX_LENGTH = 140;
const PAGE = 100;

/** GitHub keeps a thousand statuses of one context at a commit: what says nothing new is not sent. */
export async function setStatus(
  api: HostApi,
  repository: string,
  commit: string,
  status: CommitStatus,
): Promise<void> {
  const { context, url = null } = status;
  const sha = segments(commit);
  const body = {
    state: STATES[status.state],
    ...(url === null ? {} : { target_url: url }),
    description: status.description.slice(0, DESCRIPTION_MAX_LENGTH),
    context,
  };
  const { statuses } = await api.get(`/repos/${segments(repository)}/commits/${sha}/status`, STATUSES, {
    per_page: PAGE,
  });
  const there = statuses.find((one) => one.context === context);
  const isSame =
    there?.state === body.state && there.description === body.description && (there.target_url ?? null) === url;
  if (isSame) return;
  await api.send({ method: 'POST', path: `/repos/${segments(repository)}/statuses/${sha}`, body }, z.unknown());
}

export function comment(
  api: HostApi,
  repository: string,
  number: number,
  marker: string,
  text: string,
): Promise<void> {
  const issues = `/repos/${segments(repository)}/issues`;
  const list = `${issues}/${number}/comments`;
  return writeMarked(api, { list, one: (id) => `${issues}/comments/${id}`, paging: { size: PAGE } }, marker, text);
}

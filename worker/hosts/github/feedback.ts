import type { CommitStatus } from '../git-host.ts';
import type { HostApi } from '../support/host-api.ts';
import { segments } from '../support/path.ts';
import { z } from 'zod';
import { COMMENT, STATUSES } from './shapes.ts';

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
    target_url: url,
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

/** The marker begins the text, so that nobody who quotes it has their comment rewritten. */
export async function comment(
  api: HostApi,
  repository: string,
  number: number,
  marker: string,
  text: string,
): Promise<void> {
  const body = `${marker}\n${text}`;
  const path = `/repos/${segments(repository)}/issues/${number}/comments`;
  const comments = await api.list(path, COMMENT, { size: PAGE, pagesMax: 10 });
  const there = comments.find((one) => one.body?.startsWith(marker) === true);
  if (there === undefined) await api.send({ method: 'POST', path, body: { body } }, z.unknown());
  else if (there.body !== body) {
    const own = `/repos/${segments(repository)}/issues/comments/${there.id}`;
    await api.send({ method: 'PATCH', path: own, body: { body } }, z.unknown());
  }
}

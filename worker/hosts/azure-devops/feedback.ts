import { z } from 'zod';
import type { CommitStatus } from '../git-host.ts';
import type { HostApi } from '../support/host-api.ts';
import { segments } from '../support/path.ts';
import type { Place } from './place.ts';
import { list, STATUS, THREAD } from './shapes.ts';

const STATES: Readonly<Record<CommitStatus['state'], string>> = {
  pending: 'pending',
  running: 'pending',
  success: 'succeeded',
  failure: 'failed',
  cancelled: 'error',
};

/** Every status is kept over there: what says nothing new is not sent. */
export async function setStatus(api: HostApi, place: Place, commit: string, status: CommitStatus): Promise<void> {
  const path = `${place.repository}/commits/${segments(commit)}/statuses`;
  const { context, description, url } = status;
  // Azure DevOps names a status by a genre and a name within.
  const [genre = '', ...rest] = context.split('/');
  const named = rest.length === 0 ? { name: context, genre: 'millrace' } : { name: rest.join('/'), genre };
  const body = {
    state: STATES[status.state],
    description,
    ...(url === undefined ? {} : { targetUrl: url }),
    context: named,
  };
  const { value: statuses } = await api.get(path, list(STATUS), { latestOnly: true, top: 1_000 });
  const there = statuses.find((one) => one.context.name === named.name && one.context.genre === named.genre);
  const isSame =
    there?.state === body.state && there.description === description && (there.targetUrl ?? undefined) === url;
  if (!isSame) await api.send({ method: 'POST', path, body }, z.unknown());
}

/** A comment is the first in a thread of its own; closed, so that nobody has to resolve it before they may merge. */
export async function comment(
  api: HostApi,
  place: Place,
  number: number,
  marker: string,
  text: string,
): Promise<void> {
  const content = `${marker}\n${text}`;
  const path = `${place.repository}/pullRequests/${number}/threads`;
  const { value: threads } = await api.get(path, list(THREAD));
  const ours = threads.find(
    ({ isDeleted, comments }) => isDeleted !== true && comments?.[0]?.content?.startsWith(marker) === true,
  );
  const first = ours?.comments?.[0];
  if (ours === undefined || first === undefined || first.isDeleted === true) {
    const comments = [{ parentCommentId: 0, content, commentType: 'text' }];
    await api.send({ method: 'POST', path, body: { comments, status: 'closed' } }, z.unknown());
  } else if (first.content !== content) {
    const own = `${path}/${ours.id}/comments/${first.id}`;
    await api.send({ method: 'PATCH', path: own, body: { content } }, z.unknown());
  }
}

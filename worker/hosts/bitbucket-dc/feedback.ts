import { z } from 'zod';
import { PermanentFailure } from '../../kernel/failure.ts';
import type { CommitStatus } from '../git-host.ts';
import { hiddenMarker } from '../support/hidden-marker.ts';
import type { HostApi } from '../support/host-api.ts';
import { segments } from '../support/path.ts';
import { pages } from './pages.ts';
import { placeOf } from './place.ts';
import { ACTIVITY, STATUS } from './shapes.ts';

const STATES: Readonly<Record<CommitStatus['state'], string>> = {
  pending: 'INPROGRESS',
  running: 'INPROGRESS',
  success: 'SUCCESSFUL',
  failure: 'FAILED',
  cancelled: 'CANCELLED',
};

/** The same key replaces what was there; what says nothing new is not sent. */
export async function setStatus(
  { api, siteUrl }: { readonly api: HostApi; readonly siteUrl: string },
  repository: string,
  commit: string,
  status: CommitStatus,
): Promise<void> {
  const { context: key, description, ref } = status;
  const at = `${placeOf(repository)}/commits/${segments(commit)}`;
  const body = {
    key,
    state: STATES[status.state],
    name: key,
    description,
    // Without one Bitbucket takes no status.
    url: status.url ?? `${siteUrl}${at}`,
    ...(ref === undefined ? {} : { ref: `refs/heads/${ref}` }),
  };
  const path = `${at}/builds`;
  const there = await api.find(path, STATUS, { key });
  const isSame = there?.state === body.state && there.description === description && there.url === body.url;
  if (isSame || (await api.change({ method: 'POST', path, body }))) return;
  throw new PermanentFailure('RevisionUnavailable', `There is no commit ${commit} in ${repository}.`);
}

export async function comment(
  api: HostApi,
  repository: string,
  number: number,
  marker: string,
  text: string,
): Promise<void> {
  const path = `${placeOf(repository)}/pull-requests/${number}`;
  const hidden = hiddenMarker(marker);
  const body = `${hidden}\n${text}`;
  const found = await pages(api, `${path}/activities`, ACTIVITY, { query: { limit: 100 } });
  const there = found?.values.find((one) => one.comment?.text.startsWith(hidden) === true)?.comment;
  if (!there) await api.send({ method: 'POST', path: `${path}/comments`, body: { text: body } }, z.unknown());
  // Line ends and spaces at the end are not kept.
  else if (there.text.trimEnd() !== body.trimEnd()) {
    const change = { text: body, version: there.version };
    await api.send({ method: 'PUT', path: `${path}/comments/${there.id}`, body: change }, z.unknown());
  }
}

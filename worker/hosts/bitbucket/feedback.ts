import { z } from 'zod';
import { sha256 } from '../../kernel/crypto.ts';
import type { CommitStatus } from '../git-host.ts';
import { hiddenMarker } from '../support/hidden-marker.ts';
import { segments } from '../support/path.ts';
import type { BitbucketApi } from './api.ts';
import { pages } from './pages.ts';
import { COMMENT, STATUS } from './shapes.ts';

const KEY_MAX_LENGTH = 40;
const STATES: Readonly<Record<CommitStatus['state'], string>> = {
  pending: 'INPROGRESS',
  running: 'INPROGRESS',
  success: 'SUCCESSFUL',
  failure: 'FAILED',
  cancelled: 'STOPPED',
};

/** The same key replaces what was there; what says nothing new is not sent all the same, for each is mailed to whoever watches. */
export async function setStatus(
  { api, siteUrl }: BitbucketApi,
  repository: string,
  commit: string,
  status: CommitStatus,
): Promise<void> {
  const { context: name, description, ref } = status;
  const key = await keyOf(name);
  const path = `/repositories/${segments(repository)}/commit/${segments(commit)}/statuses/build`;
  const body = {
    key,
    state: STATES[status.state],
    name,
    description,
    // Without one Bitbucket takes no status.
    url: status.url ?? `${siteUrl}/${segments(repository)}/commits/${segments(commit)}`,
    ...(ref === undefined ? {} : { refname: ref }),
  };
  const there = await api.find(`${path}/${segments(key)}`, STATUS);
  const isSame = there?.state === body.state && there.description === description && there.url === body.url;
  if (!isSame) await api.send({ method: 'POST', path, body }, z.unknown());
}

export async function comment(
  { api, apiUrl }: BitbucketApi,
  repository: string,
  number: number,
  marker: string,
  text: string,
): Promise<void> {
  const path = `/repositories/${segments(repository)}/pullrequests/${number}/comments`;
  const hidden = hiddenMarker(marker);
  const raw = `${hidden}\n${text}`;
  const found = await pages(api, apiUrl, path, COMMENT, { query: { pagelen: 100 }, pagesMax: 10 });
  const there = found?.values.find(
    ({ deleted, content }) => deleted !== true && content?.raw?.startsWith(hidden) === true,
  );
  const body = { content: { raw } };
  if (there === undefined) await api.send({ method: 'POST', path, body }, z.unknown());
  // Line ends and spaces at the end are not kept.
  else if (there.content?.raw?.trimEnd() !== raw.trimEnd()) {
    await api.send({ method: 'PUT', path: `${path}/${there.id}`, body }, z.unknown());
  }
}

/** No longer than Bitbucket takes, and a name of its own for each context, however long that is. */
async function keyOf(context: string): Promise<string> {
  return `millrace-${await sha256(context)}`.slice(0, KEY_MAX_LENGTH);
}

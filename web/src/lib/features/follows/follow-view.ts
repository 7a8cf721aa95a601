import type { Follow, FollowOrder } from '#lib/api/contract.ts';
import type { Mark } from '#lib/features/deliveries/delivery-view.ts';

export function followMark({ connection, problem, commit, version }: Follow): Mark {
  if (connection === null) return { tone: 'bad', word: 'Its connection is gone' };
  if (problem !== null) return { tone: 'bad', word: 'The newest commit is no definition' };
  if (commit === null || version === null) return { tone: 'ask', word: 'Not looked at yet' };
  return { tone: 'ok', word: 'In step' };
}

/** What somebody has typed; empty: nothing. */
export interface FollowForm {
  readonly connection: string;
  readonly repository: string;
  readonly branch: string;
  readonly path: string;
}

export function followForm(follow: Follow | undefined): FollowForm {
  const { connection, repository, branch, path } = follow ?? {};
  return {
    connection: connection ?? '',
    repository: repository ?? '',
    branch: branch ?? '',
    path: path ?? 'millrace.yaml',
  };
}

export function followOrder({ connection, repository, branch, path }: FollowForm): FollowOrder {
  return {
    connection: connection.trim(),
    repository: repository.trim(),
    ...(branch.trim() === '' ? {} : { branch: branch.trim() }),
    ...(path.trim() === '' ? {} : { path: path.trim() }),
  };
}

/** An address of our own, whichever name of the server the picture was asked for under. */
export function badgePath(url: string): string {
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}

import type { HostKind } from '../../../worker/hosts/git-host.ts';
import type { GitHostDouble, Received } from '../git-host-double/server.ts';
import type { Sender } from '../senders/sender.ts';

/** A Git host with one repository, as a server of its own, and what it was asked to do there. */
export interface SourceHost {
  readonly kind: HostKind;
  readonly double: GitHostDouble;
  /** Its full name and its id, as the host has them. */
  readonly repository: { readonly name: string; readonly id: string };
  /** What a connection to it is made with, beside its name and kind. */
  readonly connection: Readonly<Record<string, unknown>>;
  readonly sender: Sender;
  /** From here on the host has this commit; with a branch, at its tip. */
  push(commit: string, branch?: string): void;
  /** A request that made a hook, or gave it another secret. */
  hookIn(request: Received): { readonly url: string; readonly secret: string } | undefined;
  statusIn(request: Received): ToldStatus | undefined;
}

export interface ToldStatus {
  readonly commit: string;
  readonly context: string;
  /** In the host's own word. */
  readonly state: string;
  readonly url: string | undefined;
}

export interface ToldHook {
  readonly url: string;
  readonly secret: string;
}

/** Where the host was told to deliver, and with which secret. */
export function hookOf({ double, hookIn }: SourceHost): ToldHook {
  const hook = double.requests.flatMap((request) => hookIn(request) ?? []).at(-1);
  if (hook === undefined) throw new Error('nobody has made a hook');
  return hook;
}

/** What the host was told of a commit, in that order. */
export function statusesOf({ double, statusIn }: SourceHost, commit: string): readonly ToldStatus[] {
  return double.requests.flatMap((request) => statusIn(request) ?? []).filter((status) => status.commit === commit);
}

import type { ChangedFiles, Commit, PullRequestEvent } from '../engine/source-event.ts';

/**
 * One connection to a Git host, with its credentials inside. Every call goes through the `HttpPort`, which guards addresses, follows
 * redirects by hand and never sends credentials to another origin. Calls throw RetryableFailure when the host misbehaved (5xx, 429, a
 * spent rate limit, with `retryAfterMs` if it said so) and PermanentFailure when asking again is useless (401, 403, 404). `repository`
 * is the host's full name, like `example-org/shop`.
 */
export interface GitHost {
  readonly kind: HostKind;
  /** Who the credentials are and what they may: what a connection shows once it has been tested. Throws like every other call. */
  test(): Promise<HostIdentity>;
  repository(name: string): Promise<HostRepository>;
  /** The commit at the tip of a branch. Undefined: there is no such branch. */
  head(repository: string, branch: string): Promise<Commit | undefined>;
  /** A commit by its id, or by the name of a tag. Undefined: there is none. */
  commit(repository: string, id: string): Promise<CommitDetails | undefined>;
  /** What a push has changed. `before` undefined (a new branch): compared with the default branch. */
  changedFiles(repository: string, before: string | undefined, after: string): Promise<ChangedFiles>;
  pullRequestFiles(repository: string, number: number): Promise<ChangedFiles>;
  /** A ZIP or a tar.gz of the tree at a commit, streamed; `topFolder`: everything lies in one folder that the host has named. */
  archive(repository: string, commit: string): Promise<SourceArchive>;
  /** The text of one file, 1 MiB at most. Undefined: there is none. */
  file(repository: string, commit: string, path: string): Promise<string | undefined>;
  /** What `git clone` takes, and the credentials as user and password; they go to the runner alone. */
  clone(repository: string): Promise<CloneReference>;
  /** The same `context` at the same commit replaces what was there, or is kept when nothing has changed. */
  setStatus(repository: string, commit: string, status: CommitStatus): Promise<void>;
  /** Writes, or rewrites, the one comment at a pull request that carries this marker. Undefined: the host's API has no comments. */
  readonly comment?: (repository: string, number: number, marker: string, text: string) => Promise<void>;
  /** Makes the host deliver to `url`, or brings a hook that is there already up to date. */
  ensureHook(repository: string, hook: HookOrder): Promise<HookState>;
  hookState(repository: string, id: string): Promise<HookState | undefined>;
  removeHook(repository: string, id: string): Promise<void>;
  /** Deliveries that the host could not hand over since then, if it can say; it is asked to send them again. */
  readonly redeliverFailed?: (repository: string, hookId: string, since: number) => Promise<number>;
  /** Open pull requests, for finding those that no delivery told of. */
  readonly openPullRequests?: (repository: string) => Promise<readonly OpenPullRequest[]>;
}

export type HostKind = 'github' | 'gitlab' | 'bitbucket' | 'bitbucket-dc' | 'gitea' | 'azure-devops';

export interface HostIdentity {
  /** An account, or an app's name. */
  readonly name: string;
  /** What the credentials may, as far as the host says. */
  readonly scopes?: readonly string[];
  /** What is missing for something that Millrace does, in sentences. */
  readonly warnings?: readonly string[];
}

export interface HostRepository {
  readonly name: string;
  readonly id: string;
  readonly defaultBranch: string;
  readonly url: string;
  readonly isPrivate: boolean;
}

export interface CommitDetails extends Commit {
  readonly message: string;
  readonly author?: string;
  readonly committedAt?: number;
}

export interface SourceArchive {
  readonly body: ReadableStream<Uint8Array>;
  readonly format: 'zip' | 'tar.gz';
  readonly topFolder: boolean;
}

export interface CloneReference {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

export interface CommitStatus {
  /** Like `millrace/web-shop/Build`. */
  readonly context: string;
  readonly state: 'pending' | 'running' | 'success' | 'failure' | 'cancelled';
  /** 140 characters at most. */
  readonly description: string;
  /** Where people read more; absent: this installation does not know its own address. */
  readonly url?: string;
  /** Of the branch, where the host asks for it. */
  readonly ref?: string;
}

export interface HookOrder {
  readonly url: string;
  readonly secret: string;
  /** The id that the host gave it before, if it has. */
  readonly id?: string;
}

export interface HookState {
  readonly id: string;
  readonly isActive: boolean;
  /** How the host says its last delivery went. */
  readonly lastDelivery?: { readonly at?: number; readonly status?: number; readonly message?: string };
}

export type OpenPullRequest = Pick<
  PullRequestEvent,
  'number' | 'title' | 'url' | 'head' | 'base' | 'isFork' | 'isDraft'
>;

/** The way to a host. Refuses addresses that the tenant may not call, ends after `timeoutMs`, follows redirects only with `get`. */
export interface HttpPort {
  /** The answer itself, whatever its status; redirects are not followed. Throws RetryableFailure when there is none. */
  send(request: HttpRequest): Promise<Response>;
  /** GET that follows up to three redirects; credentials stay at the origin that they are for. */
  follow(request: Omit<HttpRequest, 'method' | 'body'>): Promise<Response>;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
}

/** Where a connection leads and what it says there; secrets in clear, for as long as one request takes. */
export interface HostAccess {
  readonly kind: HostKind;
  /** Like `https://github.com` or `https://git.example.com`; no slash at the end. */
  readonly baseUrl: string;
  /** Where the API is, if that does not follow from the base. */
  readonly apiUrl?: string;
  readonly credentials: HostCredentials;
}

export type HostCredentials =
  | { readonly kind: 'token'; readonly token: string; /** Of those that ask for one. */ readonly user?: string }
  | {
      readonly kind: 'app';
      readonly appId: string;
      readonly installationId?: string;
      /** PKCS#8 or PKCS#1, PEM. */
      readonly privateKey: string;
    };

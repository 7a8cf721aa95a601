import { vi } from 'vitest';

export interface HookAtHost {
  readonly id: number;
  active: boolean;
  url: string;
  secret: string;
}

/** Stands in for a GitHub Enterprise Server and for AWS STS: until the test ends, requests to them end here. */
export class GitHubDouble {
  static readonly BASE = 'https://github.example-org.net';
  readonly hooks = new Map<number, HookAtHost>();
  /** Tokens, and whether they may make hooks. */
  readonly tokens = new Map<string, { readonly login: string; readonly mayMakeHooks: boolean }>();
  readonly repositories = new Map<string, number>([['Example-Org/Shop', 4711]]);
  readonly asked: string[] = [];
  /** Files that every pull request changes. */
  readonly changed: string[] = [];
  /** Tips of branches, of whichever repository. */
  readonly branches = new Map<string, string>();
  /** Texts of files, by `commit:path`. */
  readonly files = new Map<string, string>();
  /** What was told of commits: the context and the state. */
  readonly statuses: {
    readonly sha: string;
    readonly context: string;
    readonly state: string;
    readonly description: string;
  }[] = [];
  isDown = false;

  static open(): GitHubDouble {
    const double = new GitHubDouble();
    const real = globalThis.fetch;
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const request = new Request(input, init);
      const { origin, pathname } = new URL(request.url);
      if (origin !== GitHubDouble.BASE && !origin.endsWith('.amazonaws.com')) return real(input, init);
      double.asked.push(`${request.method} ${origin === GitHubDouble.BASE ? pathname : origin}`);
      if (double.isDown) throw new TypeError('network connection lost');
      return origin === GitHubDouble.BASE ? double.#answer(request, pathname) : stsAnswer(request);
    });
    return double;
  }

  async #answer(request: Request, pathname: string): Promise<Response> {
    const path = pathname.replace('/api/v3', '');
    const token = (request.headers.get('authorization') ?? '').replace('Bearer ', '');
    const known = this.tokens.get(token);
    // As carelessly as a host might: it repeats what it was given.
    if (known === undefined) return Response.json({ message: `Bad credentials: ${token}` }, { status: 401 });
    if (path === '/user') return Response.json({ login: known.login }, { headers: { 'x-oauth-scopes': 'repo' } });
    const [, name = '', rest = ''] = /^\/repos\/([^/]+\/[^/]+)(.*)$/.exec(path) ?? [];
    const found = [...this.repositories].find(
      ([one]) => one.toLowerCase() === decodeURIComponent(name).toLowerCase(),
    );
    if (found === undefined) return Response.json({ message: 'Not Found' }, { status: 404 });
    if (rest === '') return Response.json(repositoryOf(found));
    const told = await this.#tell(request, rest);
    if (told !== undefined) return told;
    if (!known.mayMakeHooks) return Response.json({ message: 'Resource not accessible' }, { status: 403 });
    const [, id] = /^\/hooks\/(\d+)$/.exec(rest) ?? [];
    return this.#hooks(request, id === undefined ? undefined : Number(id));
  }

  /** Of commits and files; whatever nobody has said is not there. */
  async #tell(request: Request, rest: string): Promise<Response | undefined> {
    if (rest.startsWith('/hooks')) return undefined;
    if (/^\/pulls\/\d+\/files$/.test(rest)) {
      return Response.json(this.changed.map((filename) => ({ filename, status: 'modified' })));
    }
    const [, ref] = /^\/commits\/(?:heads\/|heads%2F)?([^/]+)$/.exec(rest) ?? [];
    const tip = ref === undefined ? undefined : this.branches.get(ref);
    if (tip !== undefined) return Response.json(commitOf(tip));
    if (rest.endsWith('/status')) return Response.json({ statuses: [] });
    if (rest.startsWith('/statuses/')) {
      const status = await request.json<{ context: string; state: string; description: string }>();
      this.statuses.push({ sha: rest.slice('/statuses/'.length), ...status });
      return Response.json({}, { status: 201 });
    }
    const [, path = ''] = /^\/contents\/(.+)$/.exec(rest) ?? [];
    const text = this.files.get(`${new URL(request.url).searchParams.get('ref') ?? ''}:${decodeURIComponent(path)}`);
    if (text !== undefined) return Response.json({ type: 'file', encoding: 'base64', content: btoa(text) });
    return Response.json({ message: 'Not Found' }, { status: 404 });
  }

  async #hooks(request: Request, id: number | undefined): Promise<Response> {
    const known = id === undefined ? undefined : this.hooks.get(id);
    if (id === undefined && request.method === 'GET') return Response.json([...this.hooks.values()].map(hookOf));
    if (id !== undefined && known === undefined) return Response.json({ message: 'Not Found' }, { status: 404 });
    if (request.method === 'GET' && known !== undefined) return Response.json(hookOf(known));
    if (request.method === 'DELETE') {
      this.hooks.delete(id ?? 0);
      return new Response(null, { status: 204 });
    }
    const { active, config } = await request.json<{ active: boolean; config: { url: string; secret: string } }>();
    const hook = { id: id ?? this.hooks.size + 1, active, url: config.url, secret: config.secret };
    this.hooks.set(hook.id, hook);
    return Response.json(hookOf(hook), { status: 201 });
  }
}

function repositoryOf([name, id]: readonly [string, number]) {
  return {
    id,
    full_name: name,
    default_branch: 'trunk',
    html_url: `${GitHubDouble.BASE}/${name}`,
    private: true,
    fork: false,
  };
}

function commitOf(sha: string) {
  const person = { name: 'Ada', date: '2026-11-25T12:00:00Z' };
  return {
    sha,
    html_url: `${GitHubDouble.BASE}/c/${sha}`,
    commit: { message: 'Sell at night', author: person, committer: person },
  };
}

function hookOf({ id, active, url }: HookAtHost) {
  return { id, active, events: ['push'], config: { url }, last_response: { code: 202, status: 'ok', message: 'OK' } };
}

/** Knows one key, and lets it assume any role whose session names an external id. */
async function stsAnswer(request: Request): Promise<Response> {
  const isKnown = (request.headers.get('authorization') ?? '').includes('AKIAKNOWNKEY0000');
  if (!isKnown) return xml(403, '<Error><Code>InvalidClientTokenId</Code><Message>Not valid.</Message></Error>');
  const parameters = new URLSearchParams(await request.text());
  if (parameters.get('Action') === 'GetCallerIdentity') {
    return xml(200, '<Arn>arn:aws:iam::111122223333:user/ada</Arn>');
  }
  const role = /role\/(.+)$/.exec(parameters.get('RoleArn') ?? '')?.[1] ?? '';
  if (!(parameters.get('ExternalId') ?? '').startsWith('millrace-')) {
    return xml(403, '<Error><Code>AccessDenied</Code><Message>No.</Message></Error>');
  }
  return xml(
    200,
    `<Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
     <Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>
     <AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/${role}/millrace-test</Arn></AssumedRoleUser>`,
  );
}

function xml(status: number, body: string): Response {
  return new Response(`<Response>${body}</Response>`, { status, headers: { 'content-type': 'text/xml' } });
}

import type { ConnectionKind, ConnectionKindName } from '../../../contract/connections.ts';

type Way = ConnectionKind['credentials'][number];
type Scope = Way['scopes'][number];

const needs = (name: string, why: string): Scope => ({ name, why, isOptional: false });
const may = (name: string, why: string): Scope => ({ name, why, isOptional: true });

const READ = 'to read commits and hand their trees on';
const STATUS = 'to show at each commit how its pipeline goes';
const HOOKS = 'to make the hook that tells of pushes; without it, make it by hand';
const COMMENT = 'to comment on pull requests';

const token = (where: string, scopes: readonly Scope[], user: Pick<Way, 'user' | 'userHint'> = NO_USER): Way => ({
  kind: 'token',
  label: 'Access token',
  where,
  scopes: [...scopes],
  ...user,
});

const NO_USER = { user: 'no', userHint: null } as const;

const KINDS: Readonly<Record<ConnectionKindName, Omit<ConnectionKind, 'kind'>>> = {
  github: {
    label: 'GitHub or GitHub Enterprise Server',
    baseUrl: {
      default: 'https://github.com',
      hint: 'For Enterprise Server its own address, like https://github.example.com.',
      isRequired: false,
    },
    credentials: [
      {
        kind: 'app',
        label: 'GitHub App',
        where:
          'Settings → Developer settings → GitHub Apps. Install it for the repositories, then make a private key.',
        ...NO_USER,
        scopes: [
          needs('Contents: Read-only', READ),
          needs('Metadata: Read-only', 'to find repositories; GitHub adds it by itself'),
          needs('Commit statuses: Read and write', STATUS),
          may('Pull requests: Read and write', COMMENT),
          may('Webhooks: Read and write', HOOKS),
        ],
      },
      token('Settings → Developer settings → Fine-grained tokens, for the repositories that pipelines use.', [
        needs('Contents: Read-only', READ),
        needs('Metadata: Read-only', 'to find repositories; GitHub adds it by itself'),
        needs('Commit statuses: Read and write', STATUS),
        may('Pull requests: Read and write', COMMENT),
        may('Webhooks: Read and write', HOOKS),
      ]),
    ],
    hooks: {
      where: 'Settings → Webhooks → Add webhook; content type application/json',
      events: ['Pushes', 'Pull requests'],
    },
  },
  gitlab: {
    label: 'GitLab',
    baseUrl: {
      default: 'https://gitlab.com',
      hint: 'For a self-managed one its own address, like https://gitlab.example.com.',
      isRequired: false,
    },
    credentials: [
      token('Settings → Access tokens, of the group or the project.', [
        needs('read_api', 'to find repositories, commits and merge requests'),
        needs('read_repository', READ),
        may('api', `instead of read_api: ${STATUS}, ${COMMENT}, and ${HOOKS} (role Maintainer)`),
      ]),
    ],
    hooks: {
      where: 'Settings → Webhooks → Add new webhook; the secret is its secret token',
      events: ['Push events', 'Tag push events', 'Merge request events'],
    },
  },
  bitbucket: {
    label: 'Bitbucket Cloud',
    baseUrl: { default: 'https://bitbucket.org', hint: 'Leave it as it is.', isRequired: false },
    credentials: [
      token(
        'Atlassian account → Security → API tokens; or an access token of the workspace, project or repository.',
        [
          needs('read:repository:bitbucket', READ),
          needs('read:user:bitbucket', 'to say whose token it is'),
          may('write:repository:bitbucket', STATUS),
          may('read:pullrequest:bitbucket', 'to start for pull requests'),
          may('write:pullrequest:bitbucket', COMMENT),
          may('read:webhook:bitbucket, write:webhook:bitbucket, delete:webhook:bitbucket', HOOKS),
        ],
        {
          user: 'optional',
          userHint: 'The e-mail address of the Atlassian account. An access token of a workspace has none.',
        },
      ),
    ],
    hooks: {
      where: 'Repository settings → Webhooks → Add webhook',
      events: [
        'Repository: Push',
        'Pull request: Created',
        'Pull request: Updated',
        'Pull request: Merged',
        'Pull request: Declined',
      ],
    },
  },
  'bitbucket-dc': {
    label: 'Bitbucket Data Center',
    baseUrl: { default: null, hint: 'Like https://bitbucket.example.com.', isRequired: true },
    credentials: [
      token('Project or repository settings → HTTP access tokens.', [
        needs('Repository read', `${READ}, and ${STATUS}`),
        may('Repository admin', HOOKS),
      ]),
    ],
    hooks: {
      where: 'Repository settings → Webhooks → Create webhook',
      events: [
        'Repository: Push',
        'Pull request: Opened',
        'Pull request: Source branch updated',
        'Pull request: Merged',
        'Pull request: Declined',
      ],
    },
  },
  gitea: {
    label: 'Gitea or Forgejo',
    baseUrl: { default: null, hint: 'Like https://codeberg.org or https://git.example.com.', isRequired: true },
    credentials: [
      token('Settings → Applications → Generate new token.', [
        needs('read:user', 'to say whose token it is'),
        needs('write:repository', `${READ}, ${STATUS}, and ${HOOKS}; read:repository is enough to read`),
        may('write:issue', COMMENT),
      ]),
    ],
    hooks: {
      where: 'Settings → Webhooks → Add webhook → Gitea; content type application/json',
      events: ['Push', 'Create', 'Delete', 'Pull request'],
    },
  },
  'azure-devops': {
    label: 'Azure DevOps',
    baseUrl: {
      default: null,
      hint: 'With the organisation: https://dev.azure.com/example-org. Of a server: with its collection.',
      isRequired: true,
    },
    credentials: [
      token('User settings → Personal access tokens.', [
        needs('Code: Read', READ),
        needs('Code: Status', STATUS),
        may('Pull Request Threads: Read & write', COMMENT),
        may('Code: Full, and “Edit subscriptions” in the project', HOOKS),
      ]),
    ],
    hooks: {
      where: 'Project settings → Service hooks → Web Hooks; the secret is the basic authentication password',
      events: ['Code pushed', 'Pull request created', 'Pull request updated', 'Pull request merge attempted'],
    },
  },
  aws: {
    label: 'AWS',
    baseUrl: {
      default: null,
      hint: 'Only for an endpoint other than the regular ones of AWS, like that of an emulator.',
      isRequired: false,
    },
    credentials: [
      {
        kind: 'keys',
        label: 'Access key',
        where: 'IAM → Users → Security credentials. Best for a user that may do nothing but assume the role.',
        ...NO_USER,
        scopes: [
          may('sts:AssumeRole', 'on the role, if one is to be assumed; grant the others to the role then'),
          may('codecommit:GetRepository, GetBranch, GetCommit, GitPull', 'for sources in CodeCommit'),
          may('s3:GetObject, s3:GetObjectVersion, s3:GetBucketVersioning', 'for sources in S3'),
          may('ecr:DescribeImages, ecr:BatchGetImage', 'for sources in ECR'),
        ],
      },
    ],
    hooks: null,
  },
};

export function listKinds(): readonly ConnectionKind[] {
  return Object.entries(KINDS).map(([kind, of]) => ({ kind: kind as ConnectionKindName, ...of }));
}

export function kindOf(kind: ConnectionKindName): ConnectionKind {
  return { kind, ...KINDS[kind] };
}

/** What has to be granted at the least, in one sentence. */
export function leastScopes(kind: ConnectionKindName, credentials: Way['kind']): string {
  const way = KINDS[kind].credentials.find((one) => one.kind === credentials);
  const least = way?.scopes.filter(({ isOptional }) => !isOptional).map(({ name }) => name) ?? [];
  return least.length === 0 ? '' : `Grant at least: ${least.join('; ')}.`;
}

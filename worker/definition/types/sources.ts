import { z } from 'zod';
import { aws, properties } from './aws.ts';
import { choice, flag, text } from './properties.ts';
import { type ActionType, LONGEST, MINUTE, none, one } from './type.ts';

const format = choice(['CODE_ZIP', 'CODEBUILD_CLONE_REF'], 'How the source is handed on. CODE_ZIP if left out.');
const formatOrClone = choice(
  ['CODE_ZIP', 'CLONE_REF', 'CODEBUILD_CLONE_REF'],
  'How the source is handed on: as an archive, or as what git clone takes. CODE_ZIP if left out.',
);
const repository = text('Owner and repository, like example-org/shop; groups may nest.');
const detect = flag('Start on every push to the branch. true if left out.');
const viaConnection = text(
  'The connection to AWS, by its name. Left out: the only one there is, and none is watched.',
).optional();
/** CodePipeline documents the first five of a connection's; the others are ours, and set where there is something to say. */
const ofCommit = [
  'FullRepositoryName',
  'BranchName',
  'CommitId',
  'CommitMessage',
  'AuthorDate',
  'Author',
  'CommitterDate',
  'CommitUrl',
  'TagName',
  'PullRequestNumber',
  'PullRequestTitle',
  'PullRequestUrl',
  'PullRequestBaseBranch',
];
const poll = flag('Look for changes from time to time. true if left out.');

export const sources: readonly ActionType[] = [
  {
    key: 'Source/Upload',
    category: 'Source',
    owner: 'Millrace',
    provider: 'Upload',
    version: '1',
    description: 'A revision uploaded through the API or by `millrace run`.',
    runnable: true,
    carrier: 'worker',
    configuration: z.strictObject({}),
    unknownProperties: 'refused',
    inputs: none,
    outputs: one,
    outputVariables: { known: ['RevisionId', 'Digest', 'Summary'], others: 'none' },
    commands: false,
    environment: false,
    timeoutMs: { default: 10 * MINUTE, max: 60 * MINUTE },
  },
  {
    key: 'Source/Connection',
    category: 'Source',
    owner: 'Millrace',
    provider: 'Connection',
    version: '1',
    description: 'A branch of a repository at a Git host, through a connection.',
    runnable: true,
    carrier: 'worker',
    configuration: z.strictObject({
      Connection: text('The connection, by its name.'),
      FullRepositoryId: repository,
      BranchName: text('The branch. The default branch of the repository if left out.').optional(),
      OutputArtifactFormat: formatOrClone.optional(),
      DetectChanges: detect.optional(),
    }),
    unknownProperties: 'refused',
    inputs: none,
    outputs: one,
    outputVariables: {
      known: ['Connection', ...ofCommit],
      others: 'none',
    },
    commands: false,
    environment: false,
    timeoutMs: { default: 10 * MINUTE, max: 60 * MINUTE },
  },
  {
    key: 'Source/Git',
    category: 'Source',
    owner: 'Millrace',
    provider: 'Git',
    version: '1',
    description:
      'A branch of any Git repository that a runner can reach over HTTPS. A secret GIT_PASSWORD, and GIT_USERNAME in the ' +
      'environment, are what it signs in with.',
    runnable: true,
    carrier: 'runner',
    configuration: z.strictObject({
      Url: text('Where it is cloned from, like https://git.example.com/shop.git.'),
      BranchName: text('The branch. The default branch of the repository if left out.').optional(),
      OutputArtifactFormat: formatOrClone.optional(),
    }),
    unknownProperties: 'refused',
    inputs: none,
    outputs: one,
    outputVariables: {
      known: ['CommitId', 'BranchName', 'CommitMessage', 'AuthorDate', 'CommitterDate'],
      others: 'none',
    },
    commands: false,
    environment: true,
    timeoutMs: { default: 20 * MINUTE, max: LONGEST },
  },
  aws({
    key: 'Source/CodeStarSourceConnection',
    description: 'A branch at GitHub, GitLab, Bitbucket or Azure DevOps, through a connection.',
    runnable: true,
    configuration: properties({
      ConnectionArn: text('The ARN that a connection stands for, or the name of a connection.'),
      FullRepositoryId: text('Owner and repository, like example-org/shop.'),
      BranchName: text('The branch.'),
      OutputArtifactFormat: format.optional(),
      DetectChanges: detect.optional(),
    }),
    outputs: one,
    variables: ['ConnectionArn', ...ofCommit],
  }),
  aws({
    key: 'Source/CodeCommit',
    description: 'A branch of a CodeCommit repository.',
    runnable: true,
    ours: ['Connection'],
    configuration: properties({
      Connection: viaConnection,
      RepositoryName: text('The repository.'),
      BranchName: text('The branch.'),
      PollForSourceChanges: poll.optional(),
      OutputArtifactFormat: format.optional(),
    }),
    outputs: one,
    variables: ['RepositoryName', 'BranchName', 'CommitId', 'CommitMessage', 'AuthorDate', 'CommitterDate'],
  }),
  aws({
    key: 'Source/S3',
    description: 'An object in a versioned S3 bucket.',
    runnable: true,
    ours: ['Connection'],
    configuration: properties({
      Connection: viaConnection,
      S3Bucket: text('The bucket; it must keep versions.'),
      S3ObjectKey: text('The key of the object.'),
      PollForSourceChanges: poll.optional(),
      AllowOverrideForS3ObjectKey: flag('May a start name another key? false if left out.').optional(),
    }),
    outputs: one,
    variables: ['BucketName', 'ObjectKey', 'ETag', 'VersionId'],
  }),
  aws({
    key: 'Source/ECR',
    description: 'An image in Amazon ECR.',
    runnable: true,
    ours: ['Connection'],
    configuration: properties({
      Connection: viaConnection,
      RepositoryName: text('The repository.'),
      ImageTag: text('The tag; latest if left out.').optional(),
    }),
    outputs: one,
    variables: ['RegistryId', 'RepositoryName', 'ImageTag', 'ImageDigest', 'ImageURI'],
  }),
  aws({
    key: 'Source/GitHub',
    description: 'A branch at GitHub, with an OAuth token (CodePipeline’s first version).',
    owner: 'ThirdParty',
    configuration: properties({
      Owner: text('User or organisation.'),
      Repo: text('The repository.'),
      Branch: text('The branch.'),
      OAuthToken: text('The token; AWS shows it masked.'),
      PollForSourceChanges: poll.optional(),
    }),
    outputs: one,
    variables: [
      'RepositoryName',
      'BranchName',
      'CommitId',
      'CommitMessage',
      'CommitUrl',
      'AuthorDate',
      'CommitterDate',
    ],
  }),
];

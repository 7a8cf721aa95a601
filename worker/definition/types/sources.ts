import { z } from 'zod';
import { aws, properties } from './aws.ts';
import { choice, flag, text } from './properties.ts';
import { type ActionType, MINUTE, none, one } from './type.ts';

const format = choice(['CODE_ZIP', 'CODEBUILD_CLONE_REF'], 'How the source is handed on. CODE_ZIP if left out.');
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
  aws({
    key: 'Source/CodeStarSourceConnection',
    description: 'A branch at GitHub, GitLab, Bitbucket or Azure DevOps, through an AWS connection.',
    configuration: properties({
      ConnectionArn: text('The connection.'),
      FullRepositoryId: text('Owner and repository, like example-org/shop.'),
      BranchName: text('The branch.'),
      OutputArtifactFormat: format.optional(),
      DetectChanges: flag('Start on every push to the branch. true if left out.').optional(),
    }),
    outputs: one,
    variables: 'open',
  }),
  aws({
    key: 'Source/CodeCommit',
    description: 'A branch of a CodeCommit repository.',
    configuration: properties({
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
    configuration: properties({
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
    configuration: properties({
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

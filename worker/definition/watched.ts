import type { PipelineDefinition } from '../../contract/pipeline-definition.ts';
import { typeOf } from './placed.ts';

/** A source action's repository, or bucket, and the connection that leads there. */
export interface WatchedSource {
  readonly action: string;
  /** The connection's name, or the ARN that it stands for. */
  readonly reference: string;
  /** In lower case: hosts tell no names apart by that. */
  readonly repository: string;
}

/** By type: which property names the connection, and which the repository. */
const CONNECTED: Readonly<Record<string, { readonly connection: string; readonly repository: string }>> = {
  'Source/Connection': { connection: 'Connection', repository: 'FullRepositoryId' },
  'Source/CodeStarSourceConnection': { connection: 'ConnectionArn', repository: 'FullRepositoryId' },
  'Source/CodeCommit': { connection: 'Connection', repository: 'RepositoryName' },
  'Source/ECR': { connection: 'Connection', repository: 'RepositoryName' },
  'Source/S3': { connection: 'Connection', repository: 'S3Bucket' },
};

/** An action that names a connection, and where it does. */
export interface ConnectedAction {
  readonly type: string;
  readonly action: string;
  readonly path: string;
  readonly reference: string;
  readonly repository: string | undefined;
}

/** Those whose connection is known before they start. */
export function connectedActions({ stages }: PipelineDefinition): readonly ConnectedAction[] {
  return stages.flatMap(({ actions }, stage) =>
    actions.flatMap((action, index): readonly ConnectedAction[] => {
      const type = typeOf(action)?.key ?? '';
      const names = CONNECTED[type];
      if (names === undefined) return [];
      const { [names.connection]: reference, [names.repository]: repository } = action.configuration;
      if (reference === undefined || reference.includes('#{')) return [];
      const path = `stages[${stage}].actions[${index}].configuration.${names.connection}`;
      return [{ type, action: action.name, path, reference, repository }];
    }),
  );
}

/** What a definition watches. What is known only when an execution starts cannot be watched. */
export function watchedOf(definition: PipelineDefinition): readonly WatchedSource[] {
  const all = connectedActions(definition).flatMap(({ action, reference, repository }): readonly WatchedSource[] =>
    repository === undefined || repository.includes('#{')
      ? []
      : [{ action, reference, repository: repository.toLowerCase() }],
  );
  return [...new Map(all.map((one) => [one.action, one])).values()];
}

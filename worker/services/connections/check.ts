import type { PipelineDefinition } from '../../../contract/pipeline-definition.ts';
import type { DefinitionProblem } from '../../definition/problem.ts';
import { type ConnectedAction, connectedActions } from '../../definition/watched.ts';
import type { ConnectionRow } from '../../storage/connections.ts';
import type { Ports, Tenant } from '../context.ts';

interface Checked {
  readonly errors: readonly DefinitionProblem[];
  /** A pipeline that comes from CodePipeline names connections of AWS; that none stands for one yet is no reason to refuse it. */
  readonly warnings: readonly DefinitionProblem[];
}

const TAKEN_OVER = 'Source/CodeStarSourceConnection';
const OF_GIT_HOSTS = ['Source/Connection', TAKEN_OVER];

/** Do the connections that a definition names exist, and do they lead to what the action takes? */
export async function checkConnections(
  { tenant, ports }: { readonly tenant: Pick<Tenant, 'id'>; readonly ports: Pick<Ports, 'connections'> },
  definition: PipelineDefinition,
): Promise<Checked> {
  const actions = connectedActions(definition);
  const references = [...new Set(actions.map(({ reference }) => reference))];
  const rows = await Promise.all(references.map((one) => ports.connections.store.byReference(tenant.id, one)));
  const known = new Map(references.map((reference, index) => [reference, rows[index]]));
  const problems = actions.flatMap((action) => {
    const message = problemOf(action, known.get(action.reference));
    return message === undefined ? [] : [{ of: action.type, problem: { path: action.path, message } }];
  });
  const problemsOf = (isTakenOver: boolean): readonly DefinitionProblem[] =>
    problems.filter(({ of }) => (of === TAKEN_OVER) === isTakenOver).map(({ problem }) => problem);
  return { errors: problemsOf(false), warnings: problemsOf(true) };
}

function problemOf({ type, reference }: ConnectedAction, row: ConnectionRow | undefined): string | undefined {
  if (row === undefined && reference.startsWith('arn:')) {
    return `No connection stands for "${reference}" yet; make one and give it this ARN, and the action can run.`;
  }
  if (row === undefined) {
    return `There is no connection "${reference}"; make it under Connections, or correct the name.`;
  }
  const isOfGitHost = OF_GIT_HOSTS.includes(type);
  if (isOfGitHost === (row.kind === 'aws')) {
    return `"${reference}" leads to ${row.kind === 'aws' ? 'AWS' : 'a Git host'}; ${type} needs one to ${isOfGitHost ? 'a Git host' : 'AWS'}.`;
  }
  return undefined;
}

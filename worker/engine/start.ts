import type { Pin, Revision } from './model.ts';
import type { ExecutionPlan } from './plan.ts';

export interface DeclaredVariable {
  readonly name: string;
  readonly default?: string | undefined;
}

/** What somebody asks for when starting an execution. */
export interface StartOrder {
  readonly variables: Readonly<Record<string, string>>;
  /** Digests of uploaded revisions, by source action; left out, the newest one of each. */
  readonly revisions: Readonly<Record<string, string>>;
  /** Revisions of the execution that this one is forked from; they take the place of the newest ones. */
  readonly kept?: Readonly<Record<string, Revision>>;
  /** What source actions that fetch are to fetch, by action; those of an execution that is forked included. */
  readonly pins?: Readonly<Record<string, Pin>>;
}

export type StartDecision =
  | {
      readonly ok: true;
      readonly variables: Readonly<Record<string, string>>;
      readonly revisions: Readonly<Record<string, Revision>>;
      readonly pins: Readonly<Record<string, Pin>>;
    }
  | { readonly ok: false; readonly code: StartRejection; readonly message: string };

export type StartRejection = 'variable_unknown' | 'variable_missing' | 'revision_missing' | 'source_action_not_found';

/** So long, what starts by itself is tried again when there was no room, or nobody could be reached. */
export const START_TRIED_FOR_MS = 60 * 60_000;
const PASSING: readonly string[] = ['execution_quota_exceeded', 'concurrent_executions_limit'];

/** Does this refusal of a start pass by itself, once others have ended? */
export function isPassing(code: string): boolean {
  return PASSING.includes(code);
}

export const UPLOAD_TYPE = 'Source/Upload';

/** Fixes everything that an execution starts with. `uploaded`: the revisions of a source action, newest first. */
export function decideStart(
  plan: ExecutionPlan,
  declared: readonly DeclaredVariable[],
  order: StartOrder,
  uploaded: (action: string) => readonly Revision[],
): StartDecision {
  const names = declared.map(({ name }) => name);
  const unknown = Object.keys(order.variables).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    const known = names.join(', ') || 'none';
    return refuse('variable_unknown', `The pipeline declares no variable ${list(unknown)}. Declared: ${known}.`);
  }
  const missing = declared.filter(({ name, default: value }) => value === undefined && !has(order.variables, name));
  if (missing.length > 0) {
    const wanted = list(missing.map(({ name }) => name));
    return refuse('variable_missing', `The variable ${wanted} has no default; give it a value.`);
  }
  const fetching = fetchingActions(plan);
  const notFetching = Object.keys(order.pins ?? {}).filter((action) => !fetching.includes(action));
  if (notFetching.length > 0) {
    const known = fetching.join(', ') || 'none';
    return refuse(
      'source_action_not_found',
      `There is no source action ${list(notFetching)} that fetches. Known: ${known}.`,
    );
  }
  const sources = uploadActions(plan);
  const strange = Object.keys(order.revisions).filter((action) => !sources.includes(action));
  if (strange.length > 0) {
    return refuse('source_action_not_found', `There is no ${UPLOAD_TYPE} action ${list(strange)}.`);
  }
  const revisions: Record<string, Revision> = {};
  for (const action of sources) {
    const wanted = order.revisions[action];
    const kept = order.kept?.[action];
    const known = kept === undefined ? uploaded(action) : [kept, ...uploaded(action)];
    const revision = known.find(({ digest }) => wanted === undefined || digest === wanted);
    if (revision === undefined) {
      const what = wanted === undefined ? 'No revision has' : `The revision ${wanted} has not`;
      const remedy = `Upload one first: PUT /api/v1/sources/{pipeline}/${action}, or millrace run.`;
      return refuse('revision_missing', `${what} been uploaded for the source action "${action}". ${remedy}`);
    }
    revisions[action] = revision;
  }
  const variables = Object.fromEntries(
    declared.map(({ name, default: value }) => [name, order.variables[name] ?? value ?? '']),
  );
  return { ok: true, variables, revisions, pins: pinsOf(order, fetching) };
}

/** What is ordered before what the execution had that this one is forked from. */
function pinsOf({ kept = {}, pins = {} }: StartOrder, fetching: readonly string[]): Readonly<Record<string, Pin>> {
  const again = Object.entries(kept).filter(([action]) => fetching.includes(action));
  return { ...Object.fromEntries(again.map(([action, revision]) => [action, pinOf(revision)])), ...pins };
}

function pinOf({ id, type = 'COMMIT_ID', summary, branch, url, isUntrusted }: Revision): Pin {
  return {
    type,
    value: id,
    summary,
    ...(branch === undefined ? {} : { branch }),
    ...(url === undefined ? {} : { url }),
    ...(isUntrusted === undefined ? {} : { isUntrusted }),
  };
}

/** Source actions that go and get what they put out. */
export function fetchingActions(plan: ExecutionPlan): readonly string[] {
  return plan.stages.flatMap(({ actions }) =>
    actions.filter(({ type }) => type.startsWith('Source/') && type !== UPLOAD_TYPE).map(({ name }) => name),
  );
}

export function uploadActions(plan: ExecutionPlan): readonly string[] {
  return plan.stages.flatMap(({ actions }) =>
    actions.filter(({ type }) => type === UPLOAD_TYPE).map(({ name }) => name),
  );
}

function has(values: Readonly<Record<string, string>>, name: string): boolean {
  return Object.hasOwn(values, name);
}

function list(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

function refuse(code: StartRejection, message: string): StartDecision {
  return { ok: false, code, message };
}

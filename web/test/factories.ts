import type {
  ActionView,
  ConditionView,
  ExecutionSummary,
  ExecutionView,
  PipelineSummary,
  StageView,
} from '#lib/api/contract.ts';

const DIGEST = `sha256:${'0'.repeat(64)}` as const;

export function anAction(over: Partial<ActionView> = {}): ActionView {
  return {
    name: 'Unit',
    type: 'Compute/Commands',
    runOrder: 1,
    status: null,
    attempt: null,
    startedAt: null,
    endedAt: null,
    summary: null,
    error: null,
    outputs: {},
    externalUrl: null,
    runner: null,
    activity: null,
    approval: null,
    retryAt: null,
    hasLog: false,
    inputs: [],
    artifacts: [],
    configuration: {},
    commands: [],
    attempts: [],
    ...over,
  };
}

export function aStage(over: Partial<StageView> = {}): StageView {
  return {
    name: 'Build',
    status: null,
    startedAt: null,
    endedAt: null,
    actions: [anAction()],
    conditions: [],
    retries: null,
    retryAt: null,
    rollback: null,
    reason: null,
    ...over,
  };
}

export function aCondition(over: Partial<ConditionView> = {}): ConditionView {
  return {
    place: 'beforeEntry',
    otherwise: 'WAIT',
    status: null,
    startedAt: null,
    endedAt: null,
    deadline: null,
    checkAt: null,
    overriddenBy: null,
    rules: [anAction({ name: 'office-hours', type: 'Rule/DeploymentWindow' })],
    ...over,
  };
}

export function anExecution(over: Partial<ExecutionView> = {}): ExecutionView {
  return {
    id: 'exe_1',
    number: 1,
    pipeline: 'greeter',
    version: 1,
    status: 'InProgress',
    trigger: { type: 'StartPipelineExecution', by: 'ada', detail: null },
    variables: {},
    revisions: [],
    startedAt: at(0),
    endedAt: null,
    stop: null,
    waitingForStage: null,
    returning: null,
    kind: 'STANDARD',
    rollback: null,
    forkedFrom: null,
    stages: [aStage()],
    artifacts: [],
    ...over,
  };
}

export function aRevision(
  over: Partial<ExecutionView['revisions'][number]> = {},
): ExecutionView['revisions'][number] {
  return {
    action: 'Checkout',
    id: 'abc1234',
    digest: DIGEST,
    sizeBytes: 7,
    summary: 'Fix the gate',
    type: 'COMMIT_ID',
    branch: null,
    url: null,
    isUntrusted: false,
    ...over,
  };
}

export function aSummary(over: Partial<ExecutionSummary> = {}): ExecutionSummary {
  return {
    id: 'exe_1',
    number: 1,
    pipeline: 'greeter',
    version: 1,
    status: 'InProgress',
    trigger: { type: 'StartPipelineExecution', by: 'ada', detail: null },
    stage: 'Build',
    attention: null,
    revision: null,
    revisionId: null,
    branch: null,
    kind: 'STANDARD',
    origin: null,
    startedAt: at(0),
    endedAt: null,
    ...over,
  };
}

export function aPipeline(over: Partial<PipelineSummary> = {}): PipelineSummary {
  return {
    name: 'greeter',
    id: 'ppl_1',
    version: 1,
    mode: 'SUPERSEDED',
    stages: ['Source', 'Build', 'Release'],
    createdAt: at(0),
    updatedAt: at(0),
    recent: [],
    ...over,
  };
}

export function anAttempt(over: Partial<ActionView['attempts'][number]> = {}): ActionView['attempts'][number] {
  return {
    number: 1,
    status: 'InProgress',
    startedAt: at(0),
    endedAt: null,
    runner: null,
    summary: null,
    error: null,
    ...over,
  };
}

export const aDigest = DIGEST;

/** Seconds after a fixed beginning, as the wire says it. */
export function at(seconds: number): string {
  return new Date(instant(seconds)).toISOString();
}

export function instant(seconds: number): number {
  return Date.UTC(2026, 10, 23, 12) + seconds * 1_000;
}

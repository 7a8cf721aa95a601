import { type ActionView, type ExecutionStatus, ExecutionView } from '../../../contract/executions.ts';

const STARTED = '2026-01-05T09:00:00.000Z';
export const ENDED = '2026-01-05T09:00:04.500Z';

export function anActionView(name: string, overrides: Partial<ActionView> = {}): ActionView {
  return {
    name,
    type: 'Compute/Commands',
    runOrder: 1,
    status: 'InProgress',
    attempt: 1,
    startedAt: STARTED,
    endedAt: overrides.status === 'Succeeded' || overrides.status === 'Failed' ? ENDED : null,
    summary: null,
    error: null,
    outputs: {},
    externalUrl: null,
    runner: null,
    activity: null,
    approval: null,
    retryAt: null,
    hasLog: true,
    inputs: [],
    artifacts: [],
    configuration: {},
    commands: [],
    attempts: [],
    ...overrides,
  };
}

/** An execution with one stage, called Build. */
export function anExecutionView(status: ExecutionStatus, actions: readonly ActionView[]): ExecutionView {
  const isOver = status !== 'InProgress' && status !== 'Stopping';
  return ExecutionView.parse({
    id: 'exe_1',
    number: 7,
    pipeline: 'shop',
    version: 1,
    status,
    trigger: { type: 'StartPipelineExecution', by: 'somebody', detail: null },
    variables: {},
    revisions: [],
    startedAt: STARTED,
    endedAt: isOver ? ENDED : null,
    stop: null,
    waitingForStage: null,
    returning: null,
    kind: 'STANDARD',
    rollback: null,
    forkedFrom: null,
    stages: [
      {
        name: 'Build',
        status: 'InProgress',
        startedAt: STARTED,
        endedAt: isOver ? ENDED : null,
        actions: [...actions],
        conditions: [],
        retries: null,
        retryAt: null,
        rollback: null,
        reason: null,
      },
    ],
    artifacts: [],
  } satisfies ExecutionView);
}

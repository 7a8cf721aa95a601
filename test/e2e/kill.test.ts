import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionView } from '../../contract/executions.ts';
import { LocalServer } from '../support/local-server.ts';
import { Chance } from '../simulation/world.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const KILLS = 10;
const NAMES = ['one', 'two', 'three'];
/** At 50 ms a line: long enough for all kills to hit something that runs. */
const LINES = { Lint: 80, Make: 160, Test: 120, Ship: 160 };

/** Says who it is to a ledger outside, talks for a while, and leaves an artifact and a variable. */
const script = (ledger: string, lines: number): string =>
  JSON.stringify(
    [
      `echo "$MILLRACE_EXECUTION_ID $MILLRACE_STAGE/$MILLRACE_ACTION $MILLRACE_ATTEMPT" >> ${ledger}`,
      `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "$MILLRACE_ACTION says line $i of ${lines}"; sleep 0.05; done`,
      'mkdir -p out; echo "made by $MILLRACE_ACTION" > out/$MILLRACE_ACTION.txt',
      'echo "RESULT=$MILLRACE_ACTION done" >> "$MILLRACE_OUTPUT"',
    ].join('\n'),
  );

const definition = (name: string, ledger: string): string => `
name: ${name}
mode: PARALLEL
stages:
  - name: Build
    actions:
      - { name: Lint, type: Test/Commands, commands: [${script(ledger, LINES.Lint)}] }
      - name: Make
        type: Build/Commands
        commands: [${script(ledger, LINES.Make)}]
        outputs: [{ name: made, files: ["out/**"] }]
        outputVariables: [RESULT]
        namespace: make
      - { name: Wait, type: Invoke/Delay, configuration: { Seconds: 2 } }
      - name: Test
        runOrder: 2
        type: Test/Commands
        inputs: [made]
        commands: [${script(ledger, LINES.Test)}]
        environment: { MADE: "#{make.RESULT}" }
  - name: Deploy
    actions:
      - name: Ship
        type: Deploy/Commands
        inputs: [made]
        commands: [${script(ledger, LINES.Ship)}]
        outputs: [shipped]
`;

describe(`kill -9 of everything, ${KILLS} times at random moments (SEED=${SEED})`, () => {
  const chance = new Chance(SEED);
  const scratch = mkdtempSync(join(tmpdir(), 'millrace-ledger-'));
  const ledger = join(scratch, 'ledger');
  let server: LocalServer;

  beforeAll(async () => {
    server = await LocalServer.create();
    await server.start();
  }, 180_000);
  afterAll(async () => {
    await server.remove();
    rmSync(scratch, { recursive: true, force: true });
  });

  it('loses nothing and starts nothing twice', async () => {
    for (const name of NAMES) await server.save(name, definition(name, ledger));
    const control = await server.startExecution('one');
    const expected = await server.until(control.id, ({ endedAt }) => endedAt !== null);
    expect(expected.status).toBe('Succeeded');

    const started = await Promise.all(NAMES.map((name) => server.startExecution(name)));
    const kills: string[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      await new Promise((resolve) => setTimeout(resolve, chance.between(100, 1_500)));
      await server.killAll();
      kills.push(new Date().toISOString());
      // Some kills come while it is only just starting.
      if (chance.is(0.3)) {
        server.spawn();
        await new Promise((resolve) => setTimeout(resolve, chance.between(100, 1_500)));
        await server.killAll();
      }
      await server.start();
    }
    const ended = await Promise.all(started.map(({ id }) => server.until(id, ({ endedAt }) => endedAt !== null)));

    const ends = ended.map(({ endedAt }) => endedAt ?? '').sort();
    expect(kills.filter((kill) => kill < (ends.at(-1) ?? ''))).toHaveLength(KILLS);
    const starts = countBy(readFileSync(ledger, 'utf8').trim().split('\n'));
    for (const [line, count] of starts) expect(`${line}: ${count}`).toBe(`${line}: 1`);
    for (const execution of ended) {
      expect(execution.status).toBe('Succeeded');
      checkAttempts(execution, [...starts.keys()]);
      expect(contents(execution)).toEqual(contents(expected));
      for (const action of ['Lint', 'Make', 'Test', 'Ship'] as const) {
        const [stage, lines] = [action === 'Ship' ? 'Deploy' : 'Build', LINES[action]];
        const attempt = attemptOf(execution, stage, action);
        // The log may be sealed a moment after the result is in.
        const log = await eventually(
          () => server.log(execution.id, stage, action, attempt),
          ({ isComplete }) => isComplete,
        );
        const said = log.text.split('\n').filter((line) => line.includes(' says line '));
        expect(said).toEqual(
          Array.from({ length: lines }, (_, index) => `${action} says line ${index + 1} of ${lines}`),
        );
      }
    }
  }, 300_000);
});

/** Whatever the ledger saw is an attempt on record, and a deployment was tried once. */
function checkAttempts(execution: ExecutionView, ledger: readonly string[]): void {
  const recorded = execution.stages.flatMap((stage) =>
    stage.actions.flatMap((action) =>
      action.attempts.map(({ number }) => `${execution.id} ${stage.name}/${action.name} ${number}`),
    ),
  );
  const seen = ledger.filter((line) => line.startsWith(execution.id));
  expect(recorded).toEqual(expect.arrayContaining(seen));
  expect(seen.filter((line) => line.includes('Deploy/Ship'))).toEqual([`${execution.id} Deploy/Ship 1`]);
}

function contents(execution: ExecutionView) {
  return {
    artifacts: execution.artifacts.map(({ name, digest }) => ({ name, digest })),
    outputs: execution.stages.flatMap(({ actions }) => actions.map(({ outputs }) => outputs)),
  };
}

function attemptOf(execution: ExecutionView, stage: string, action: string): number {
  const found = execution.stages.find(({ name }) => name === stage)?.actions.find(({ name }) => name === action);
  return found?.attempt ?? 0;
}

function countBy(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

async function eventually<T>(read: () => Promise<T>, isRight: (value: T) => boolean): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const value = await read();
    if (isRight(value) || attempt === 50) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

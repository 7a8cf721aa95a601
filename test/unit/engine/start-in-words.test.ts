import { expect, it } from 'vitest';
import type { Pin, Revision } from '../../../worker/engine/model.ts';
import { omit } from '../../../worker/engine/omit.ts';
import { decideStart, type StartOrder } from '../../../worker/engine/start.ts';
import { summarize, summaryView } from '../../../worker/engine/summary.ts';
import { anAction, aPlan, MINUTE, T0 } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

/** What people are told when an execution cannot start, what it starts with when it can, and its line in a list. */

const source = (name: string, type: string) => anAction(name, { type, carrier: 'worker' });
const upload = aPlan({ Source: [source('App', 'Source/Upload')] });
const fetching = aPlan({ Source: [source('Code', 'Source/Connection'), source('Image', 'Source/Image')] });
const revision = (id: string): Revision => ({ id, digest: `sha256:${id}`, sizeBytes: 1, summary: id });
const pin: Pin = { type: 'COMMIT_ID', value: 'c0ffee' };
const start = (order: Partial<StartOrder>, plan = upload, declared: Parameters<typeof decideStart>[1] = []) =>
  decideStart(plan, declared, { variables: {}, revisions: {}, ...order }, () => [revision('new'), revision('old')]);
const two = [{ name: 'a' }, { name: 'b', default: 'x' }, { name: 'c' }];

it.each<[() => ReturnType<typeof start>, string, string]>([
  [
    () => start({ variables: { x: '1', y: '2' } }, upload, two),
    'variable_unknown',
    'The pipeline declares no variable "x", "y". Declared: a, b, c.',
  ],
  [
    () => start({ variables: { x: '1' } }),
    'variable_unknown',
    'The pipeline declares no variable "x". Declared: none.',
  ],
  [() => start({}, upload, two), 'variable_missing', 'The variable "a", "c" has no default; give it a value.'],
  [
    () => start({ pins: { X: pin } }, fetching),
    'source_action_not_found',
    'There is no source action "X" that fetches. Known: Code, Image.',
  ],
  [
    () => start({ pins: { App: pin } }),
    'source_action_not_found',
    'There is no source action "App" that fetches. Known: none.',
  ],
  [() => start({ revisions: { X: 'y' } }), 'source_action_not_found', 'There is no Source/Upload action "X".'],
  [
    () => decideStart(upload, [], { variables: {}, revisions: {} }, () => []),
    'revision_missing',
    'No revision has been uploaded for the source action "App". Upload one first: PUT /api/v1/sources/{pipeline}/App, or millrace run.',
  ],
  [
    () => start({ revisions: { App: 'sha256:lost' } }),
    'revision_missing',
    'The revision sha256:lost has not been uploaded for the source action "App". Upload one first: PUT /api/v1/sources/{pipeline}/App, or millrace run.',
  ],
])('is refused in words (%#)', (decide, code, message) => {
  expect(decide()).toEqual({ ok: false, code, message });
});

it('takes what is asked for, then what the execution had that it is forked from, then the newest', () => {
  const kept = { App: revision('kept') };
  expect(start({})).toMatchObject({ revisions: { App: { id: 'new' } } });
  expect(start({ kept })).toMatchObject({ revisions: { App: { id: 'kept' } }, pins: {} });
  expect(start({ kept, revisions: { App: 'sha256:old' } })).toMatchObject({ revisions: { App: { id: 'old' } } });
});

it('shows in a list as what it is, and when it has ended', () => {
  const given = Given.execution(aPlan({ A: [anAction('a')] })).after(MINUTE);
  const view = () => summaryView(summarize(given.state!, 3));
  const line = {
    id: 'exec-1',
    number: 1,
    pipeline: 'web-shop',
    version: 1,
    status: 'InProgress',
    trigger: { type: 'StartPipelineExecution', by: 'ada', detail: null },
    stage: 'A',
    attention: null,
    kind: 'STANDARD',
    origin: null,
    startedAt: new Date(T0).toISOString(),
    endedAt: null,
  };
  expect(view()).toMatchObject(line);
  given.succeed('A/a');
  expect(view()).toMatchObject({ ...line, status: 'Succeeded', endedAt: new Date(T0 + MINUTE).toISOString() });
  // As it was kept before lists knew of these.
  const old = omit(summarize(given.state!, 3), 'kind', 'origin', 'branch', 'revisionId');
  expect(summaryView(old)).toMatchObject({ kind: 'STANDARD', origin: null, branch: null, revisionId: null });
  const detailed = { ...old, trigger: { ...old.trigger, detail: 'shop #4' } };
  expect(summaryView(detailed)).toMatchObject({ trigger: { detail: 'shop #4' } });
});

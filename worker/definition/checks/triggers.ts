import type { PipelineDefinition } from '../../../contract/pipeline-definition.ts';
import type { GitPatterns, PushFilter, TriggerDefinition } from '../../../contract/pipeline-triggers.ts';
import { type Placed } from '../placed.ts';
import type { DefinitionProblem } from '../problem.ts';
import { duplicates } from './names.ts';

export function checkTriggers(
  { triggers = [] }: PipelineDefinition,
  placed: readonly Placed[],
): readonly DefinitionProblem[] {
  const sources = placed.filter(({ type }) => type?.category === 'Source').map(({ action }) => action.name);
  const named = triggers.map((trigger, index) => ({ trigger, path: `triggers[${index}]` }));
  return [
    ...named.flatMap(({ trigger, path }) => checkTrigger(trigger, path, sources)),
    ...duplicates(
      named.flatMap(({ trigger, path }) =>
        trigger.source === undefined ? [] : [{ name: trigger.source, path: `${path}.source` }],
      ),
    ),
    ...duplicates(
      named.flatMap(({ trigger, path }) =>
        trigger.schedule === undefined ? [] : [{ name: trigger.schedule.name, path: `${path}.schedule.name` }],
      ),
    ),
  ];
}

function checkTrigger(
  { source, push, pullRequest, schedule }: TriggerDefinition,
  path: string,
  sources: readonly string[],
): readonly DefinitionProblem[] {
  if ((source === undefined) === (schedule === undefined)) {
    return [{ path, message: 'needs either the source that it watches, or a schedule.' }];
  }
  if (schedule !== undefined) {
    const filters = push !== undefined || pullRequest !== undefined;
    return filters
      ? [{ path, message: 'A schedule has no push or pullRequest; make that a trigger of its own.' }]
      : [];
  }
  const known = sources.join(', ') || 'none';
  return [
    ...(source !== undefined && sources.includes(source)
      ? []
      : [
          {
            path: `${path}.source`,
            message: `There is no source action "${source ?? ''}". Known: ${known}.`,
          },
        ]),
    ...(push ?? []).flatMap((filter, index) => checkPush(filter, `${path}.push[${index}]`)),
    ...(pullRequest ?? []).flatMap(({ events = [], branches, filePaths }, index) => [
      ...duplicates(events.map((name, at) => ({ name, path: `${path}.pullRequest[${index}].events[${at}]` }))),
      ...checkPatterns({ branches, filePaths }, `${path}.pullRequest[${index}]`),
    ]),
  ];
}

function checkPush(filter: PushFilter, path: string): readonly DefinitionProblem[] {
  const { branches, tags, filePaths } = filter;
  if (branches === undefined && tags === undefined && filePaths === undefined) {
    return [{ path, message: 'says nothing; it takes branches, tags or filePaths.' }];
  }
  if (branches !== undefined && tags !== undefined) {
    const message = 'A push goes to a branch or to a tag, never to both; make that two entries.';
    return [{ path, message }];
  }
  return checkPatterns({ branches, tags, filePaths }, path);
}

function checkPatterns(
  members: Readonly<Record<string, GitPatterns | undefined>>,
  path: string,
): readonly DefinitionProblem[] {
  return Object.entries(members).flatMap(([member, patterns]) =>
    patterns !== undefined && patterns.includes === undefined && patterns.excludes === undefined
      ? [{ path: `${path}.${member}`, message: 'says nothing; it takes includes and excludes.' }]
      : [],
  );
}

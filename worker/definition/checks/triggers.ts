import type { PipelineDefinition } from '../../../contract/pipeline-definition.ts';
import type {
  GitPatterns,
  PipelineFilter,
  PushFilter,
  TriggerDefinition,
  WebhookFilter,
} from '../../../contract/pipeline-triggers.ts';
import { globProblem } from '../../engine/glob.ts';
import { type Placed } from '../placed.ts';
import type { DefinitionProblem } from '../problem.ts';
import { duplicates } from './names.ts';

/** The part of JSONPath that names one value; what reads it takes nothing else. */
const JSON_PATH = /^\$(\.[A-Za-z_][A-Za-z0-9_-]*|\[\d{1,6}\]|\['[^']*'\]|\["[^"]*"\])+$/;

export function checkTriggers(
  { name, triggers = [], variables }: PipelineDefinition,
  placed: readonly Placed[],
): readonly DefinitionProblem[] {
  const sources = placed.filter(({ type }) => type?.category === 'Source').map(({ action }) => action.name);
  const names = variables.map(({ name }) => name);
  const named = triggers.map((trigger, index) => ({ trigger, path: `triggers[${index}]` }));
  return [
    ...named.flatMap(({ trigger, path }) => checkTrigger(trigger, path, sources, names)),
    ...named.flatMap(({ trigger: { pipeline }, path }) =>
      pipeline === undefined ? [] : checkPipeline(pipeline, `${path}.pipeline`, name, names),
    ),
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
  { source, push, pullRequest, schedule, webhook, pipeline }: TriggerDefinition,
  path: string,
  sources: readonly string[],
  variables: readonly string[],
): readonly DefinitionProblem[] {
  if ([source, schedule, webhook, pipeline].filter((one) => one !== undefined).length !== 1) {
    return [{ path, message: 'needs one of: the source that it watches, a schedule, a webhook, or a pipeline.' }];
  }
  if (pipeline !== undefined) {
    const filters = push !== undefined || pullRequest !== undefined;
    return filters
      ? [{ path, message: 'A pipeline has no push or pullRequest; make that a trigger of its own.' }]
      : [];
  }
  if (webhook !== undefined) {
    const filters = push !== undefined || pullRequest !== undefined;
    return [
      ...(filters
        ? [{ path, message: 'A webhook has no push or pullRequest; make that a trigger of its own.' }]
        : []),
      ...checkWebhook(webhook, `${path}.webhook`, variables),
    ];
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

function checkPipeline(
  { name, status = [], variables = {} }: PipelineFilter,
  path: string,
  own: string,
  declared: readonly string[],
): readonly DefinitionProblem[] {
  return [
    ...(name === own ? [{ path: `${path}.name`, message: 'A pipeline that starts itself would never rest.' }] : []),
    ...duplicates(status.map((one, index) => ({ name: one, path: `${path}.status[${index}]` }))),
    ...undeclared(Object.keys(variables), `${path}.variables`, declared),
  ];
}

function undeclared(
  names: readonly string[],
  path: string,
  declared: readonly string[],
): readonly DefinitionProblem[] {
  return names
    .filter((name) => !declared.includes(name))
    .map((name) => ({ path: `${path}.${name}`, message: `The pipeline declares no variable "${name}".` }));
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
  return Object.entries(members).flatMap(([member, patterns]) => {
    if (patterns === undefined) return [];
    const { includes, excludes } = patterns;
    if (includes === undefined && excludes === undefined) {
      return [{ path: `${path}.${member}`, message: 'says nothing; it takes includes and excludes.' }];
    }
    return Object.entries({ includes, excludes }).flatMap(([list, globs = []]) =>
      globs.flatMap((pattern, index) => {
        const problem = globProblem(pattern);
        return problem === undefined
          ? []
          : [{ path: `${path}.${member}.${list}[${index}]`, message: `The pattern ${problem}.` }];
      }),
    );
  });
}

function checkWebhook(
  { where = [], variables = {} }: WebhookFilter,
  path: string,
  declared: readonly string[],
): readonly DefinitionProblem[] {
  const paths = [
    ...where.map((one, index) => ({ text: one.path, at: `${path}.where[${index}].path` })),
    ...Object.entries(variables).map(([name, text]) => ({ text, at: `${path}.variables.${name}` })),
  ];
  return [
    ...paths.flatMap(({ text, at }) =>
      JSON_PATH.test(text) ? [] : [{ path: at, message: 'must be a path to one value, like $.release.tag' }],
    ),
    ...undeclared(Object.keys(variables), `${path}.variables`, declared),
  ];
}

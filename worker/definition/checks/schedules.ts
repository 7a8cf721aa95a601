import type { PipelineDefinition } from '../../../contract/pipeline-definition.ts';
import type { Schedule } from '../../../contract/pipeline-triggers.ts';
import type { DefinitionProblem } from '../problem.ts';
import { isTimeZone, timingProblem } from '../time.ts';

/** A schedule starts executions when nobody is there to be told what is wrong with it. */
export function checkSchedules({ triggers = [], variables }: PipelineDefinition): readonly DefinitionProblem[] {
  return triggers.flatMap(({ schedule }, index) =>
    schedule === undefined
      ? []
      : [
          ...checkTiming(schedule, `triggers[${index}].schedule`),
          ...checkVariables(schedule, `triggers[${index}].schedule.variables`, variables),
        ],
  );
}

function checkTiming({ cron, timezone }: Schedule, path: string): readonly DefinitionProblem[] {
  const problem = timingProblem(cron);
  return [
    ...(problem === undefined ? [] : [{ path: `${path}.cron`, message: `The expression ${problem}.` }]),
    ...(isTimeZone(timezone)
      ? []
      : [{ path: `${path}.timezone`, message: 'must be a time zone, like Europe/Berlin.' }]),
  ];
}

function checkVariables(
  { variables: given = {} }: Schedule,
  path: string,
  declared: PipelineDefinition['variables'],
): readonly DefinitionProblem[] {
  const known = declared.map(({ name }) => name).join(', ') || 'none';
  return [
    ...Object.keys(given)
      .filter((name) => !declared.some((variable) => variable.name === name))
      .map((name) => ({
        path: `${path}.${name}`,
        message: `The pipeline declares no variable "${name}". Declared: ${known}.`,
      })),
    ...declared
      .filter(({ name, default: value }) => value === undefined && !Object.hasOwn(given, name))
      .map(({ name }) => ({
        path,
        message: `The variable "${name}" has no default, so the schedule must give it a value.`,
      })),
  ];
}

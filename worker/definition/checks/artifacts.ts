import { type Placed, runsBefore } from '../placed.ts';
import type { DefinitionProblem } from '../problem.ts';
import { duplicates } from './names.ts';

/** Every input comes from an action that has surely run before: an earlier stage, or a lower run order of the same one. */
export function checkArtifacts(placed: readonly Placed[]): readonly DefinitionProblem[] {
  const outputs = placed.flatMap((producer) =>
    producer.action.outputs.map(({ name }, index) => ({
      name,
      producer,
      path: `${producer.path}.outputs[${index}]`,
    })),
  );
  const missing = placed.flatMap((consumer) =>
    consumer.action.inputs.flatMap((name, index): readonly DefinitionProblem[] => {
      const path = `${consumer.path}.inputs[${index}]`;
      const producer = outputs.find((output) => output.name === name)?.producer;
      if (producer === undefined) {
        const names = outputs.map((output) => output.name).join(', ') || 'none';
        return [{ path, message: `No action puts out an artifact "${name}". Known artifacts: ${names}.` }];
      }
      if (runsBefore(producer, consumer)) return [];
      const remedy = 'The producer must be in an earlier stage or have a lower runOrder.';
      const place = producer === consumer ? 'this same action' : `"${producer.action.name}" (${producer.path})`;
      return [{ path, message: `Artifact "${name}" is put out by ${place}, which does not run before. ${remedy}` }];
    }),
  );
  const repeated = placed.flatMap(({ action, path }) =>
    duplicates(action.inputs.map((name, index) => ({ name, path: `${path}.inputs[${index}]` }))),
  );
  return [...duplicates(outputs), ...repeated, ...missing];
}

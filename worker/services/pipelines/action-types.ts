import type { ActionTypeView } from '../../../contract/action-types.ts';
import { type ActionType, actionTypes } from '../../definition/action-types.ts';
import { configurationSchema } from '../../definition/json-schema.ts';

/** Everything that a definition may name as a type: of actions and, in the category Rule, of rules. */
export function listActionTypes(category: ActionTypeView['category'] | undefined): readonly ActionTypeView[] {
  return actionTypes()
    .filter((type) => category === undefined || type.category === category)
    .map(actionTypeView);
}

function actionTypeView(type: ActionType): ActionTypeView {
  const { key, category, owner, provider, version, description, runnable, inputs, outputs, outputVariables } = type;
  return {
    type: key,
    category,
    owner,
    provider,
    version,
    description,
    runnable,
    by: type.carrier,
    inputs,
    outputs,
    outputVariables,
    commands: type.commands,
    timeoutMinutes: { default: type.timeoutMs.default / 60_000, max: type.timeoutMs.max / 60_000 },
    configuration: configurationSchema(type),
  };
}

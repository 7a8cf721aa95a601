import { structural, type TypeId, typeId } from './type-name.ts';
import { builds } from './types/builds.ts';
import { deploys } from './types/deploys.ts';
import { invokes } from './types/invokes.ts';
import { rules } from './types/rules.ts';
import { sources } from './types/sources.ts';
import type { ActionType } from './types/type.ts';

export type { ActionType } from './types/type.ts';

/** Types of actions and, in the category Rule, of rules. */
const types: readonly ActionType[] = [...sources, ...builds, ...deploys, ...invokes, ...rules];

const byKey = new Map(types.map((type) => [type.key, type]));

export function actionTypes(): readonly ActionType[] {
  return types;
}

/** Of a type's name in any of its forms. A name with all four parts that is not in the catalogue is taken as it stands. */
export function actionType(name: string): ActionType | undefined {
  const id = typeId(name);
  const known = byKey.get(`${id.category}/${id.provider}`);
  if (id.owner === undefined) return known;
  return known !== undefined && isSame(known, id) ? known : structural(id);
}

/** Is the type part of the catalogue, or only taken by its form? */
export function isInCatalogue(type: ActionType): boolean {
  return byKey.get(type.key) === type;
}

function isSame(type: ActionType, id: TypeId): boolean {
  return type.owner === id.owner && type.version === id.version;
}

import { actionType } from '../action-types.ts';
import { typeId } from '../type-name.ts';

export interface ActionTypeId {
  readonly category: string;
  readonly owner: string;
  readonly provider: string;
  readonly version: string;
}

/** The shortest name that means the type. */
export function nameOf({ category, owner, provider, version }: ActionTypeId): string {
  const short = `${category}/${provider}`;
  const known = actionType(short);
  return known?.owner === owner && known.version === version ? short : `${category}/${owner}/${provider}@${version}`;
}

/** Types of ours that CodePipeline has under another name. */
const SIMILAR: Readonly<Record<string, string>> = {
  'Build/Commands': 'Compute/Commands',
  'Test/Commands': 'Compute/Commands',
  'Deploy/Commands': 'Compute/Commands',
  'Invoke/Pipeline': 'Invoke/CodePipeline',
};

/** `isSame` is false where CodePipeline does not have the type: then something near it, or a custom type of the same name. */
export function idOf(name: string): { readonly id: ActionTypeId; readonly isSame: boolean } {
  const similar = SIMILAR[name];
  const {
    category,
    owner = actionType(similar ?? name)?.owner ?? 'Custom',
    provider,
    version,
  } = typeId(similar ?? name);
  const isOurs = owner === 'Millrace';
  return {
    id: { category, owner: isOurs ? 'Custom' : owner, provider, version },
    isSame: similar === undefined && !isOurs,
  };
}

import type { ExecutionState } from './model.ts';

/** `#{namespace.name}`, CodePipeline's syntax (user guide, "Variables reference"); names may hold `@`, `-` and `_`. */
const REFERENCE = /#\{([A-Za-z0-9@\-_]+)\.([A-Za-z0-9@\-_]+)\}/g;

export interface Reference {
  readonly namespace: string;
  readonly name: string;
}

export function references(text: string): readonly Reference[] {
  return [...text.matchAll(REFERENCE)].map(([, namespace = '', name = '']) => ({ namespace, name }));
}

/** Resolves texts against the variables known now and collects what it could not resolve, each reference once. */
export class Resolver {
  readonly #state: ExecutionState;
  readonly #unresolved = new Set<string>();

  constructor(state: ExecutionState) {
    this.#state = state;
  }

  text(value: string): string {
    return value.replace(REFERENCE, (reference, namespace: string, name: string) => {
      const found = this.#lookUp(namespace, name);
      if (found === undefined) this.#unresolved.add(reference);
      return found ?? reference;
    });
  }

  record(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, this.text(value)]));
  }

  get unresolved(): readonly string[] {
    return [...this.#unresolved];
  }

  #lookUp(namespace: string, name: string): string | undefined {
    if (namespace === 'codepipeline') return name === 'PipelineExecutionId' ? this.#state.id : undefined;
    const values = namespace === 'variables' ? this.#state.variables : this.#state.namespaces[namespace];
    return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
  }
}

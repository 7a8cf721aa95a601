import { type DefinitionProblem, pathText } from '../problem.ts';

/** What a template's functions may look at. */
export interface TemplateScope {
  /** By what is referred to: a parameter, a resource, `AWS::Region`, or an attribute like `Role.Arn`. */
  readonly values: Readonly<Record<string, string>>;
  readonly mappings: Readonly<Record<string, unknown>>;
  readonly conditions: Readonly<Record<string, unknown>>;
}

type Path = readonly PropertyKey[];

/** Stands for `AWS::NoValue`: the member is not there. */
const NO_VALUE = Symbol('AWS::NoValue');

/**
 * Carries out CloudFormation's functions as far as their values are known. What is not known stays as `${…}`, the way `Fn::Sub`
 * writes it, and is named with its place.
 */
export class Intrinsics {
  readonly #scope: TemplateScope;
  readonly #unresolved: DefinitionProblem[] = [];

  constructor(scope: TemplateScope) {
    this.#scope = scope;
  }

  get unresolved(): readonly DefinitionProblem[] {
    return this.#unresolved;
  }

  resolve(value: unknown, path: Path): unknown {
    const resolved = this.#resolve(value, path);
    return resolved === NO_VALUE ? undefined : resolved;
  }

  #resolve(value: unknown, path: Path): unknown {
    if (Array.isArray(value)) {
      return value.map((item, index) => this.#resolve(item, [...path, index])).filter((item) => item !== NO_VALUE);
    }
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name = '', argument] = entries[0] ?? [];
    if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) return this.#call(name, argument, path);
    return Object.fromEntries(
      entries
        .map(([key, member]) => [key, this.#resolve(member, [...path, key])] as const)
        .filter(([, member]) => member !== NO_VALUE),
    );
  }

  #call(name: string, argument: unknown, path: Path): unknown {
    switch (name) {
      case 'Ref':
        return argument === 'AWS::NoValue' ? NO_VALUE : this.#lookUp(String(argument), path);
      case 'Fn::GetAtt':
        return this.#lookUp(Array.isArray(argument) ? argument.map(String).join('.') : String(argument), path);
      case 'Fn::Sub':
        return this.#sub(argument, path);
      case 'Fn::If':
        return this.#if(argument, path);
      default:
        return this.#compute(name, this.#resolve(argument, path), path);
    }
  }

  #compute(name: string, argument: unknown, path: Path): unknown {
    const [first, second, third] = Array.isArray(argument) ? (argument as readonly unknown[]) : [];
    if (name === 'Fn::Join' && typeof first === 'string' && Array.isArray(second)) {
      return second.map(String).join(first);
    }
    if (name === 'Fn::Split' && typeof first === 'string' && typeof second === 'string') return second.split(first);
    if (name === 'Fn::Select' && Array.isArray(second)) return (second as readonly unknown[])[Number(first)];
    if (name === 'Fn::FindInMap') {
      const found = memberOf(memberOf(memberOf(this.#scope.mappings, first), second), third);
      if (found !== undefined) return found;
    }
    const shown = `\${${name}}`;
    this.#unresolved.push({
      path: pathText(path),
      message: `${name} cannot be carried out here; it now reads "${shown}". Write the value in its place.`,
    });
    return shown;
  }

  #lookUp(name: string, path: Path): string {
    const { values } = this.#scope;
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value !== undefined) return value;
    this.#unresolved.push({
      path: pathText(path),
      message: `Nobody knows "${name}" here; it now reads "\${${name}}". Give it in parameters, as {"${name}": "…"}.`,
    });
    return `\${${name}}`;
  }

  #sub(argument: unknown, path: Path): string {
    const [template, own] = Array.isArray(argument) ? (argument as readonly unknown[]) : [argument, {}];
    const local = this.#resolve(own ?? {}, path) as Readonly<Record<string, unknown>>;
    return String(template).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal === '!') return `\${${name}}`;
      return Object.hasOwn(local, name) ? String(local[name]) : this.#lookUp(name.trim(), path);
    });
  }

  #if(argument: unknown, path: Path): unknown {
    const [name, then, otherwise] = Array.isArray(argument) ? (argument as readonly unknown[]) : [];
    const holds = this.#holds({ Condition: name }, path);
    return this.#resolve(holds ? then : otherwise, path);
  }

  /** A condition refers to others of the same template only, and CloudFormation refuses circles; a deep one ends as false. */
  #holds(condition: unknown, path: Path, depth = 0): boolean {
    const [name = '', argument] = Object.entries(condition ?? {})[0] ?? [];
    const all = Array.isArray(argument) ? (argument as readonly unknown[]) : [];
    if (depth < 20) {
      if (name === 'Condition') return this.#holds(this.#scope.conditions[String(argument)], path, depth + 1);
      if (name === 'Fn::Equals') return String(this.#resolve(all[0], path)) === String(this.#resolve(all[1], path));
      if (name === 'Fn::Not') return !this.#holds(all[0], path, depth + 1);
      if (name === 'Fn::And') return all.every((one) => this.#holds(one, path, depth + 1));
      if (name === 'Fn::Or') return all.some((one) => this.#holds(one, path, depth + 1));
    }
    this.#unresolved.push({
      path: pathText(path),
      message: 'The condition here cannot be told; false has been taken.',
    });
    return false;
  }
}

function memberOf(value: unknown, key: unknown): unknown {
  if (typeof value !== 'object' || value === null || typeof key !== 'string') return undefined;
  return Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

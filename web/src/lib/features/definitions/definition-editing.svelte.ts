import type { ApiClient } from '#lib/api/client.ts';
import type { Pipeline, Validation } from '#lib/api/contract.ts';
import { ApiProblem } from '#lib/api/failure.ts';
import { getVersionYaml, saveDefinition, validateDefinition } from './api.ts';

const TYPED_FOR_MS = 400;

/** A definition that is being edited: what it was, what it is, and what the server thinks of it. */
export class DefinitionEditing {
  readonly #name: string;
  readonly #api: ApiClient;
  #base = $state<{ readonly version: number; readonly text: string } | undefined>(undefined);
  #text = $state('');
  #validation = $state.raw<Validation | undefined>(undefined);
  #isChecking = $state(false);
  #isSaving = $state(false);
  #error = $state.raw<unknown>(undefined);
  /** The version that somebody else saved meanwhile. */
  #conflict = $state<number | undefined>(undefined);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #check: AbortController | undefined;

  constructor(name: string, api: ApiClient) {
    this.#name = name;
    this.#api = api;
  }

  get base() {
    return this.#base;
  }

  get text(): string {
    return this.#text;
  }

  get isChanged(): boolean {
    return this.#base !== undefined && this.#text !== this.#base.text;
  }

  get validation() {
    return this.#validation;
  }

  get isChecking(): boolean {
    return this.#isChecking;
  }

  get isSaving(): boolean {
    return this.#isSaving;
  }

  get error(): unknown {
    return this.#error;
  }

  get conflict(): number | undefined {
    return this.#conflict;
  }

  /** What is there now, in place of whatever has been typed. */
  async load(version: number): Promise<void> {
    this.#error = undefined;
    try {
      const text = await getVersionYaml(this.#api, this.#name, version);
      this.#base = { version, text };
      this.#text = text;
      this.#conflict = undefined;
      this.#checkSoon(0);
    } catch (error) {
      this.#error = error;
    }
  }

  type(text: string): void {
    this.#text = text;
    this.#checkSoon(TYPED_FOR_MS);
  }

  /** Somebody has saved a further version; what has not been touched yet follows it. */
  async follow(version: number): Promise<void> {
    if (this.#base === undefined || version <= this.#base.version || this.#isSaving) return;
    if (this.isChanged) this.#conflict = version;
    else await this.load(version);
  }

  /** Answers with what was saved; undefined when it was not. */
  async save(over: number): Promise<Pipeline | undefined> {
    const text = this.#text;
    this.#isSaving = true;
    this.#error = undefined;
    try {
      const saved = await saveDefinition(this.#api, this.#name, text, over);
      this.#base = { version: saved.version, text };
      this.#conflict = undefined;
      return saved;
    } catch (error) {
      this.#error = error;
      return undefined;
    } finally {
      this.#isSaving = false;
    }
  }

  get isConflict(): boolean {
    return this.#error instanceof ApiProblem && this.#error.code === 'version_conflict';
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#check?.abort();
  }

  #checkSoon(afterMs: number): void {
    clearTimeout(this.#timer);
    this.#check?.abort();
    this.#isChecking = true;
    this.#timer = setTimeout(() => void this.#validate(), afterMs);
  }

  async #validate(): Promise<void> {
    const check = new AbortController();
    this.#check = check;
    try {
      this.#validation = await validateDefinition(this.#api, this.#text, check.signal);
      this.#isChecking = false;
    } catch (error) {
      if (check.signal.aborted) return;
      this.#isChecking = false;
      this.#error = error;
    }
  }
}

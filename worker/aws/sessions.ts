import type { Clock } from '../kernel/clock.ts';
import { assumeRole, type AwsKeys, type StsParts } from './sts.ts';

export interface AwsRole {
  readonly arn: string;
  readonly externalId: string;
}

/** Keys, and the roles to go through with them, one from the other. */
export interface AwsIdentity {
  readonly keys: AwsKeys;
  readonly roles: readonly AwsRole[];
  readonly region: string;
  /** Of STS, if it is not the regular one. */
  readonly endpoint?: string;
  /** Whose keys these are: nobody else is given the session that is remembered under it. */
  readonly owner: string;
  /** What CloudTrail calls whoever it was. */
  readonly session: string;
}

const KEPT_MAX = 500;
/** What begins now must be over before the session is. */
const SLACK_MS = 5 * 60_000;
const NAME = /[^\w+=,.@-]/g;
const NAME_MAX = 64;

interface Kept {
  readonly keys: AwsKeys;
  readonly until: number;
}

/** Sessions of roles, kept for as long as they hold: in memory alone. */
export class AwsSessions {
  readonly #kept = new Map<string, Kept>();
  readonly #clock: Clock;
  readonly #send: StsParts['send'];

  constructor(clock: Clock, send: StsParts['send']) {
    this.#clock = clock;
    this.#send = send;
  }

  async keysOf(identity: AwsIdentity): Promise<AwsKeys> {
    if (identity.roles.length === 0) return identity.keys;
    const key = keyOf(identity);
    const known = this.#kept.get(key);
    if (known !== undefined && known.until > this.#clock.now()) return known.keys;
    const made = await this.#assumed(identity);
    if (this.#kept.size >= KEPT_MAX) this.#kept.clear();
    this.#kept.set(key, made);
    return made.keys;
  }

  /** After AWS has refused it. */
  forget(identity: AwsIdentity): void {
    this.#kept.delete(keyOf(identity));
  }

  async #assumed({ keys: own, roles, region, endpoint, session }: AwsIdentity): Promise<Kept> {
    const parts: StsParts = { region, send: this.#send, ...(endpoint === undefined ? {} : { endpoint }) };
    const name = session.replace(NAME, '-').slice(-NAME_MAX);
    let kept: Kept = { keys: own, until: Infinity };
    for (const role of roles) {
      const { keys, expiresAt } = await assumeRole(kept.keys, { ...role, session: name }, parts);
      kept = { keys, until: Math.min(kept.until, expiresAt - SLACK_MS) };
    }
    return kept;
  }
}

function keyOf({ owner, keys, roles, region }: AwsIdentity): string {
  return JSON.stringify([owner, keys.accessKeyId, roles, region]);
}

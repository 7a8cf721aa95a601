/**
 * The invariants of the reliability scorecard by their numbers: what they say here, and where they are checked. `history`, `line`,
 * `world` and `exhaustive` are the scopes of `npm run simulate`; `production` is `worker/engine/invariants.ts`, asked after every turn.
 */
export interface Invariant {
  readonly says: string;
  readonly checked: readonly ('history' | 'line' | 'world' | 'exhaustive' | 'production')[];
  /** Tests of other kinds, or the milestone that it waits for. */
  readonly elsewhere?: string;
}

export const invariants: Readonly<Record<string, Invariant>> = {
  I1: {
    says: 'An attempt is started at most once at the receiver, and attempts of one action do not overlap.',
    checked: ['history', 'world', 'exhaustive', 'production'],
    elsewhere: 'test/e2e/kill.test.ts counts real processes',
  },
  I2: {
    says: 'Nothing starts without a durable record of it, nor after its attempt has ended.',
    checked: ['history', 'world', 'exhaustive'],
  },
  I3: {
    says: 'An end for good never changes, and nothing goes on after an end.',
    checked: ['history', 'world', 'exhaustive', 'production'],
  },
  I4: {
    says: 'An execution ends once, unless somebody orders it back; an attempt ends once.',
    checked: ['history', 'world', 'exhaustive', 'production'],
  },
  I5: {
    says: 'A stage is reached when the one before has succeeded or was skipped, and succeeds when all its actions have.',
    checked: ['history', 'world', 'exhaustive', 'production'],
  },
  I6: {
    says: 'A stage is held by one execution; ranges are disjoint; a newer execution supersedes older ones, never the other way.',
    checked: ['line', 'world', 'exhaustive'],
  },
  I7: {
    says: 'Every wait has a deadline in the execution’s own timers.',
    checked: ['history', 'world', 'exhaustive', 'production'],
    elsewhere: 'test/property/why.test.ts names each',
  },
  I8: {
    says: 'The stored alarm is never later than the next timer; there is none once everything is done.',
    checked: ['world', 'exhaustive'],
  },
  I9: {
    says: 'A task is forgotten only when it was acknowledged: whatever is owed is said in the end.',
    checked: ['world', 'exhaustive'],
    elsewhere: 'test/object/recovery.test.ts',
  },
  I10: {
    says: 'An approval counts only from whom the policy allows, from different people, for the request that is open.',
    checked: ['history'],
    elsewhere: 'test/unit/engine/returning.test.ts: what exactly is approved (`covers`), policies, stale tokens',
  },
  I11: {
    says: 'The index takes newer summaries only, and in the end says what the execution says.',
    checked: ['world'],
    elsewhere: 'test/api/rows.test.ts for D1 itself',
  },
  I12: {
    says: 'Consumed artifacts have the pinned digest.',
    checked: [],
    elsewhere: 'test/api/artifacts.test.ts and the runner, which verifies what it unpacks',
  },
  I13: {
    says: 'An attempt whose cancel for a stop was sent is never reported as succeeded; late reports change nothing.',
    checked: ['history', 'exhaustive'],
  },
  I14: {
    says: 'The audit chain verifies.',
    checked: [],
    elsewhere: 'later: the milestone that brings the audit log',
  },
  I15: {
    says: 'Every row belongs to its object’s tenant.',
    checked: [],
    elsewhere: 'test/object and test/api: foreign tenants find nothing',
  },
  I16: {
    says: 'Secrets appear nowhere in the clear.',
    checked: [],
    elsewhere: 'later: the milestone that brings secrets',
  },
  L1: {
    says: 'Once faults stop, or when the world only keeps silent, every execution comes to its end within its deadlines.',
    checked: ['history', 'world', 'exhaustive'],
  },
  L2: {
    says: 'Whoever waits for a stage enters it when it is free and open.',
    checked: ['line', 'world', 'exhaustive'],
  },
  L3: {
    says: 'No wake is followed by another for the same instant: wakes come no more often than there are timers.',
    checked: ['history', 'world'],
  },
};

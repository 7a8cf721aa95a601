import type { ActionView, ExecutionView, Me } from '#lib/api/contract.ts';

type Approval = NonNullable<ActionView['approval']>;

/** A link out of a definition is followed by people who are about to approve something: only the web's own kinds count. */
export function safeWebLink(link: string | undefined): string | undefined {
  if (link === undefined || !URL.canParse(link)) return undefined;
  const url = new URL(link);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
}

/** Who may answer, in words. */
export function describeApprovers({ approvers, self }: Approval): string {
  const who =
    approvers.length === 0
      ? 'Everybody who may answer approvals'
      : new Intl.ListFormat('en', { type: 'disjunction' }).format(approvers.map(approverName));
  return self ? who : `${who}, but not whoever started it`;
}

/** How many answers are there, and how many are missing; undefined where one is enough. */
export function describeCount({ count, given }: Approval): string | undefined {
  if (count <= 1) return undefined;
  const missing = count - given.length;
  return `${given.length} of ${count} approvals given, ${missing} missing`;
}

export interface Refusals {
  readonly approve: string | undefined;
  readonly reject: string | undefined;
}

/** Why the server would refuse an answer of the reader's, as far as the page can know; roles and addresses it cannot. */
export function refusals(approval: Approval, execution: Pick<ExecutionView, 'trigger'>, me: Me['actor']): Refusals {
  const { approvers, self, given } = approval;
  const isListed = approvers.length === 0 || approvers.some((approver) => mayBe(approver, me));
  if (!isListed) {
    const refusal = `Only ${describeApprovers({ ...approval, self: true })} may answer.`;
    return { approve: refusal, reject: refusal };
  }
  if (!self && execution.trigger.by === me.name) {
    return { approve: 'You started this execution, so somebody else must approve it.', reject: undefined };
  }
  if (given.some(({ by }) => by === me.name)) {
    return { approve: 'You have approved it already; another person must.', reject: undefined };
  }
  return { approve: undefined, reject: undefined };
}

function mayBe(approver: string, { id, name }: Me['actor']): boolean {
  return approver.includes('@') || approver.startsWith('role:') || approver === id || approver === name;
}

function approverName(approver: string): string {
  return approver.startsWith('role:') ? `every ${approver.slice('role:'.length)}` : approver;
}

export interface CoveredRow {
  readonly name: string;
  readonly digest: string;
  readonly sizeBytes: number | undefined;
  readonly from: string | undefined;
}

/** What an answer is about: what the request says that it covers, with what is known of it besides. */
export function coveredRows(approval: Approval | null, execution: ExecutionView): readonly CoveredRow[] {
  const { revisions, artifacts } = approval?.covers ?? execution;
  return [
    ...revisions.map(({ action, id, digest }) => {
      const known = execution.revisions.find((revision) => revision.action === action && revision.digest === digest);
      const summary = known?.summary ?? '';
      return { name: summary === '' ? id : summary, digest, sizeBytes: known?.sizeBytes, from: action };
    }),
    // What a source action puts out is the revision itself.
    ...artifacts
      .filter(({ digest }) => !revisions.some((revision) => revision.digest === digest))
      .map(({ name, digest }) => {
        const known = execution.artifacts.find((artifact) => artifact.digest === digest);
        return { name, digest, sizeBytes: known?.sizeBytes, from: known?.action };
      }),
  ];
}

import { describe, expect, it } from 'vitest';
import { coveredRows, describeApprovers, describeCount, refusals } from '#lib/features/executions/approval-view.ts';
import { aDigest, anExecution, aRevision, at } from './factories.ts';

const anApproval = {
  token: 't',
  expiresAt: at(100),
  approvers: [] as readonly string[],
  count: 1,
  self: true,
  given: [] as readonly { by: string; at: string; summary: string }[],
  covers: null,
};
const ada = { kind: 'person' as const, id: 'u1', name: 'ada' };
const grace = { kind: 'person' as const, id: 'u2', name: 'grace' };
const execution = anExecution({ trigger: { type: 'StartPipelineExecution', by: 'ada', detail: null } });

describe('refusals', () => {
  it('lets anybody answer where the definition says nothing', () => {
    expect(refusals(anApproval, execution, ada)).toEqual({ approve: undefined, reject: undefined });
  });

  it('keeps whoever started it from approving, but not from rejecting', () => {
    const of = refusals({ ...anApproval, self: false }, execution, ada);
    expect(of.approve).toContain('You started');
    expect(of.reject).toBeUndefined();
    expect(refusals({ ...anApproval, self: false }, execution, grace).approve).toBeUndefined();
  });

  it('takes one approval of each person', () => {
    const given = [{ by: 'grace', at: at(1), summary: '' }];
    expect(refusals({ ...anApproval, count: 2, given }, execution, grace).approve).toContain('already');
  });

  it('keeps out who is surely not listed, and leaves roles and addresses to the server', () => {
    expect(refusals({ ...anApproval, approvers: ['linus'] }, execution, ada).reject).toContain('Only linus');
    expect(refusals({ ...anApproval, approvers: ['role:owner'] }, execution, ada).approve).toBeUndefined();
  });
});

describe('the words of a policy', () => {
  it('say who may answer', () => {
    const approvers = ['ada@example.com', 'role:owner'];
    expect(describeApprovers({ ...anApproval, approvers, self: false })).toBe(
      'ada@example.com or every owner, but not whoever started it',
    );
  });

  it('say how many are missing, where more than one is needed', () => {
    expect(describeCount(anApproval)).toBeUndefined();
    expect(describeCount({ ...anApproval, count: 2 })).toBe('0 of 2 approvals given, 2 missing');
  });
});

describe('coveredRows', () => {
  const revision = aRevision({ action: 'Checkout', id: 'abc', sizeBytes: 7, summary: 'Fix the gate' });
  const covers = { revisions: [{ action: 'Checkout', id: 'abc', digest: aDigest }], artifacts: [] };

  it('show what the request covers, with what is known of it', () => {
    const rows = coveredRows({ ...anApproval, covers }, anExecution({ revisions: [revision] }));
    expect(rows).toEqual([{ name: 'Fix the gate', digest: aDigest, sizeBytes: 7, from: 'Checkout' }]);
  });

  it('do not show the revision a second time as an artifact', () => {
    const artifacts = [{ name: 'source', digest: aDigest }];
    expect(coveredRows({ ...anApproval, covers: { ...covers, artifacts } }, anExecution())).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import type { Holding } from '../../worker/auth/permissions.ts';
import type { PipelineId, TenantId } from '../../worker/engine/ids.ts';
import type { Why } from '../../worker/engine/why/part.ts';
import { executionHolder, type Reason } from '../../worker/engine/why/reason.ts';
import type { Ports, ServiceContext } from '../../worker/services/context.ts';
import { ReasonChain } from '../../worker/services/why/chain.ts';

const HOME = 'home00000000' as PipelineId;
const idOf = (name: string, pipeline: string = HOME): string => `${pipeline}-${name.padEnd(16, '0')}`;

/** Executions by id, and whom each of them says that it waits for. */
class GivenExecutions {
  readonly asked: string[] = [];
  readonly #waitsFor: Readonly<Record<string, string>>;
  readonly #holding: Holding;

  constructor(waitsFor: Readonly<Record<string, string>>, holding: Holding = { role: 'viewer' }) {
    this.#waitsFor = waitsFor;
    this.#holding = holding;
  }

  async why(id: string): Promise<readonly string[]> {
    const chain = new ReasonChain(this.#context(), HOME);
    const answer = await chain.execution(id as never);
    return told(await chain.follow(answer?.reasons ?? [], [id]));
  }

  #context(): ServiceContext {
    const why = (id: string): Promise<Why> => {
      this.asked.push(id);
      const other = this.#waitsFor[id];
      const reasons = other === undefined ? [] : [waiting(id, other)];
      return Promise.resolve({ number: 1, status: 'InProgress', pipeline: 'shop', reasons });
    };
    // The chain asks nothing else of executions.
    const executions = ((_: TenantId, id: string) => ({ why: () => why(id) })) as unknown as Ports['executions'];
    return {
      tenant: { id: 'tenant' as TenantId, name: '', slug: '' },
      actor: { kind: 'person', id: 'ada', name: 'Ada', email: 'ada@example.com', roles: [] },
      holding: this.#holding,
      requestId: 'request',
      ports: { executions } as Ports,
    };
  }
}

function waiting(execution: string, other: string): Reason {
  return {
    kind: 'StageHeld',
    subject: { type: 'stage', execution, stage: 'S' },
    owner: 'execution',
    message: other,
    holder: executionHolder({ id: other }),
    deadline: 1,
    until: '',
  };
}

function told(reasons: readonly Reason[]): readonly string[] {
  return reasons.flatMap(({ message, because = [] }) => [message, ...told(because)]);
}

/** Beside the API, because services know the platform's types. */
describe('a chain of reasons', () => {
  const [a, b, c, d, e, f] = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => idOf(name)) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];

  it('leads from holder to holder, but not for ever', async () => {
    const given = new GivenExecutions({ [a]: b, [b]: c, [c]: d, [d]: e, [e]: f });
    expect(await given.why(a)).toEqual([b, c, d, e]);
    expect(given.asked).toEqual([a, b, c, d]);
  });

  it('is cut where it comes back to somebody who is in it already', async () => {
    const given = new GivenExecutions({ [a]: b, [b]: a });
    expect(await given.why(a)).toEqual([b, a]);
    expect(given.asked).toEqual([a, b]);
  });

  it('leads into another pipeline only for those who may read that one', async () => {
    const other = idOf('x', 'other0000000');
    const waitsFor = { [a]: other, [other]: b };
    expect(await new GivenExecutions(waitsFor).why(a)).toEqual([other, b]);
    const restricted = new GivenExecutions(waitsFor, { role: 'viewer', pipelines: [HOME] });
    expect(await restricted.why(a)).toEqual([other]);
    expect(restricted.asked).toEqual([a]);
  });
});

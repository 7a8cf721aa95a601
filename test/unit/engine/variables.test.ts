import { describe, expect, it } from 'vitest';
import type { ExecutionState } from '../../../worker/engine/model.ts';
import { references, Resolver } from '../../../worker/engine/variables.ts';
import { anAction, aPlan } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

const state: ExecutionState = {
  ...Given.execution(aPlan({ A: [anAction('a')] }), { variables: { target: 'staging' } }).state!,
  namespaces: { pkg: { VERSION: '1.2.3', 'a-b@c_1': 'odd' } },
};

describe('references', () => {
  it('are found wherever they stand, each as often as it stands there', () => {
    expect(references('#{a.b} and #{c-1.D_@} and #{a.b}')).toEqual([
      { namespace: 'a', name: 'b' },
      { namespace: 'c-1', name: 'D_@' },
      { namespace: 'a', name: 'b' },
    ]);
    expect(references('#{a} ${a.b} #{.b} #{a.} #{a b.c} {a.b}')).toEqual([]);
  });

  it('are filled in from variables, namespaces and the execution itself', () => {
    const resolver = new Resolver(state);
    expect(resolver.text('to #{variables.target}: #{pkg.VERSION}#{pkg.a-b@c_1}')).toBe('to staging: 1.2.3odd');
    expect(resolver.text('#{codepipeline.PipelineExecutionId}')).toBe('exec-1');
    expect(resolver.record({ A: '#{pkg.VERSION}', B: 'b' })).toEqual({ A: '1.2.3', B: 'b' });
    expect(resolver.unresolved).toEqual([]);
  });

  it('that nobody has set stay as they are, and are named once', () => {
    const resolver = new Resolver(state);
    const text = '#{pkg.OTHER} #{nowhere.X} #{variables.toString} #{codepipeline.Other} #{pkg.OTHER}';
    expect(resolver.text(text)).toBe(text);
    expect(resolver.unresolved).toEqual([
      '#{pkg.OTHER}',
      '#{nowhere.X}',
      '#{variables.toString}',
      '#{codepipeline.Other}',
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Delivery, DeliveryVerdict } from '#lib/api/contract.ts';
import {
  aboutText,
  isApprovable,
  isUnderWay,
  markOf,
  mergeDeliveries,
  readablePayload,
  senderName,
  sortedHeaders,
  verdictKinds,
  whyNotMark,
} from '#lib/features/deliveries/delivery-view.ts';
import { isFiltered, parseDeliveryFilter, withDeliveryFilter } from '#lib/features/deliveries/filter.ts';
import { at } from './factories.ts';

function aVerdict(over: Partial<DeliveryVerdict> = {}): DeliveryVerdict {
  return {
    pipeline: 'shop',
    kind: 'Filtered',
    text: 'The branch "x" is not among main.',
    execution: null,
    at: at(1),
    retryAt: null,
    approvedBy: null,
    ...over,
  };
}

function aDelivery(over: Partial<Delivery> = {}): Delivery {
  return {
    id: 'd1',
    hook: 'h1',
    receivedAt: at(0),
    name: 'push',
    sender: 'github',
    repository: 'example-org/shop',
    ref: 'main',
    commit: 'a'.repeat(40),
    actor: 'ada',
    summary: 'Fix the gate',
    replayOf: null,
    kind: 'Filtered',
    text: '',
    verdicts: [],
    ...over,
  };
}

describe('a verdict', () => {
  it('is one word, and red only where something is wrong', () => {
    expect(markOf('Waiting')).toEqual({ tone: 'ask', word: 'Waits for approval' });
    expect(verdictKinds.filter((kind) => markOf(kind).tone === 'bad')).toEqual([
      'Refused',
      'WrongRepository',
      'Unreadable',
      'Closed',
      'Failed',
    ]);
    expect(new Set(verdictKinds.map((kind) => markOf(kind).word)).size).toBe(verdictKinds.length);
  });

  it('is missing where nobody told of a commit', () => {
    expect(whyNotMark({ kind: null })).toEqual({ tone: 'idle', word: 'Not heard of' });
    expect(whyNotMark({ kind: 'Started' })).toEqual(markOf('Started'));
  });

  it('asks for a yes only once', () => {
    expect(isApprovable(aVerdict({ kind: 'Waiting' }))).toBe(true);
    expect(isApprovable(aVerdict({ kind: 'Waiting', approvedBy: 'ada' }))).toBe(false);
    expect(isApprovable(aVerdict({ kind: 'Refused' }))).toBe(false);
  });
});

describe('a delivery', () => {
  it('is looked at again while more becomes of it by itself', () => {
    const with_ = (verdict: Partial<DeliveryVerdict>) => aDelivery({ verdicts: [aVerdict(), aVerdict(verdict)] });
    expect(isUnderWay(aDelivery({ kind: 'Received' }))).toBe(true);
    expect(isUnderWay(with_({ kind: 'Retrying' }))).toBe(true);
    expect(isUnderWay(with_({ kind: 'Waiting', approvedBy: 'ada' }))).toBe(true);
    expect(isUnderWay(with_({ kind: 'Waiting' }))).toBe(false);
    expect(isUnderWay(with_({ kind: 'Started' }))).toBe(false);
  });

  it('shows JSON indented, and anything else as it came', () => {
    expect(readablePayload('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
    expect(readablePayload('payload=%7B%7D')).toBe('payload=%7B%7D');
  });

  it('lists headers by name', () => {
    expect(sortedHeaders({ 'x-b': '2', accept: '1' })).toEqual([
      ['accept', '1'],
      ['x-b', '2'],
    ]);
  });

  it('says who did what, and of a message of one’s own only where it comes from', () => {
    expect(aboutText(aDelivery())).toBe('ada · GitHub · Fix the gate');
    expect(aboutText(aDelivery({ actor: null, summary: '' }))).toBe('GitHub');
    expect(aboutText(aDelivery({ repository: null, sender: 'standard' }))).toBe('Signed webhook');
  });

  it('names who sent it, also where that is news to this page', () => {
    expect(senderName('azure-devops')).toBe('Azure DevOps');
    expect(senderName('carrier-pigeon')).toBe('carrier-pigeon');
  });

  it('is not shown twice when a page more comes; ids count within their hook', () => {
    const known = [aDelivery()];
    const more = [aDelivery(), aDelivery({ hook: 'h2' }), aDelivery({ id: 'd2' })];
    expect(mergeDeliveries(known, more).map(({ hook, id }) => `${hook}/${id}`)).toEqual(['h1/d1', 'h2/d1', 'h1/d2']);
  });
});

describe('the filter', () => {
  const filter = {
    hook: 'h1',
    pipeline: 'web-shop',
    repository: 'example-org/shop',
    commit: 'abc1',
    verdict: 'Refused',
    from: '2026-11-01T00:00:00.000Z',
    to: '2026-11-25T00:00:00.000Z',
  };

  it('is the address', () => {
    expect(parseDeliveryFilter(new URL(withDeliveryFilter('https://x/deliveries', filter)).search)).toEqual(filter);
    expect(withDeliveryFilter('/deliveries', { hook: '' })).toBe('/deliveries');
  });

  it('is nothing where it makes no sense', () => {
    expect(parseDeliveryFilter('?verdict=Maybe&commit=xyz&from=soon&pipeline=%20&x=1')).toEqual({});
    expect(isFiltered({})).toBe(false);
    expect(isFiltered(filter)).toBe(true);
  });
});

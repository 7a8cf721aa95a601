import { describe, expect, it } from 'vitest';
import {
  fittingNodeWidth,
  layoutGraph,
  neighbour,
  type GraphMetrics,
} from '#lib/features/executions/graph-layout.ts';

const metrics: GraphMetrics = {
  nodeWidth: 100,
  nodeHeight: 40,
  rowGap: 10,
  columnGap: 30,
  stageGap: 50,
  padding: 10,
  headerHeight: 30,
  rowsMax: 3,
  conditionSize: 30,
  conditionGap: 6,
};

const stages = [
  { name: 'Source', actions: [{ name: 'Checkout', runOrder: 1 }] },
  {
    name: 'Build',
    actions: [
      { name: 'Unit', runOrder: 1 },
      { name: 'Lint', runOrder: 1 },
      { name: 'Package', runOrder: 2 },
    ],
  },
];

const layout = layoutGraph(stages, metrics);
const node = (action: string) => {
  const found = layout.nodes.find((each) => each.action === action);
  if (found === undefined) throw new Error(`no node ${action}`);
  return found;
};

describe('conditions', () => {
  const [source, build] = stages;
  const guarded = layoutGraph(
    [source, { ...build, before: ['beforeEntry~'], after: ['onSuccess~', 'onFailure~'] }].map((stage) => ({
      name: '',
      actions: [],
      ...stage,
    })),
    metrics,
  );
  const at = (action: string) => guarded.nodes.find((each) => each.action === action);
  const box = guarded.stages[1];

  it('stand on the way into their stage, and on the way out of it', () => {
    expect((at('beforeEntry~')?.x ?? 0) + metrics.conditionSize).toBeLessThan(box?.x ?? 0);
    expect(at('onSuccess~')?.x).toBeGreaterThan((box?.x ?? 0) + (box?.width ?? 0));
    expect(at('onFailure~')?.y).toBeGreaterThan(at('onSuccess~')?.y ?? 0);
  });

  it('are walked with the arrow keys like actions', () => {
    const gate = at('beforeEntry~');
    expect(gate && neighbour(guarded.nodes, gate, 'left')?.action).toBe('Checkout');
    expect(gate && neighbour(guarded.nodes, gate, 'right')?.stage).toBe('Build');
  });

  it('make the graph wider, so that nothing is drawn beyond it', () => {
    const right = Math.max(...guarded.nodes.map(({ x, width }) => x + width));
    expect(guarded.width).toBeGreaterThanOrEqual(right);
  });
});

describe('layoutGraph', () => {
  it('puts stages beside each other without overlap', () => {
    const [source, build] = layout.stages;
    expect((source?.x ?? 0) + (source?.width ?? 0) + metrics.stageGap).toBe(build?.x);
  });

  it('stacks parallel actions and puts the next run order to the right', () => {
    expect(node('Lint').x).toBe(node('Unit').x);
    expect(node('Lint').y).toBe(node('Unit').y + metrics.nodeHeight + metrics.rowGap);
    expect(node('Package').x).toBeGreaterThan(node('Unit').x + metrics.nodeWidth);
  });

  it('puts every group in the middle, so that the race runs straight', () => {
    const middles = ['Checkout', 'Package'].map((action) => node(action).y + metrics.nodeHeight / 2);
    expect(middles[0]).toBe(middles[1]);
  });

  it('keeps every node inside its stage', () => {
    for (const each of layout.nodes) {
      const stage = layout.stages.find(({ name }) => name === each.stage);
      expect(each.x).toBeGreaterThanOrEqual(stage?.x ?? 0);
      expect(each.x + each.width).toBeLessThanOrEqual((stage?.x ?? 0) + (stage?.width ?? 0));
      expect(each.y + each.height).toBeLessThanOrEqual(layout.height);
    }
  });

  it('lets every action of a run order lead to the next through one joint', () => {
    const inner = layout.edges.filter(({ kind }) => kind === 'inner');
    expect(inner).toHaveLength(3);
    expect(new Set(inner.map(({ from }) => from.runOrder))).toEqual(new Set([1]));
  });

  it('goes on in further columns when too many actions are parallel, evenly filled', () => {
    const many = Array.from({ length: 7 }, (_, index) => ({ name: `A${index}`, runOrder: 1 }));
    const { nodes } = layoutGraph([{ name: 'Build', actions: many }], metrics);
    const perColumn = [0, 1, 2].map((column) => nodes.filter((each) => each.column === column).length);
    expect(perColumn).toEqual([3, 3, 1]);
    expect(Math.max(...nodes.map(({ row }) => row))).toBe(2);
  });

  it('orders run orders by number, not by their place in the definition', () => {
    const { nodes } = layoutGraph(
      [
        {
          name: 'S',
          actions: [
            { name: 'late', runOrder: 10 },
            { name: 'early', runOrder: 2 },
          ],
        },
      ],
      metrics,
    );
    expect(nodes.map(({ action }) => action)).toEqual(['early', 'late']);
  });

  it('says the same for the same plan, so that nothing jumps', () => {
    expect(layoutGraph(structuredClone(stages), metrics)).toEqual(layout);
  });
});

describe('neighbour', () => {
  it('walks down and up a column', () => {
    expect(neighbour(layout.nodes, node('Unit'), 'down')).toBe(node('Lint'));
    expect(neighbour(layout.nodes, node('Lint'), 'up')).toBe(node('Unit'));
  });

  it('walks on into the next stage', () => {
    expect(neighbour(layout.nodes, node('Checkout'), 'right')?.stage).toBe('Build');
  });

  it('ends at the edges', () => {
    expect(neighbour(layout.nodes, node('Checkout'), 'left')).toBeUndefined();
    expect(neighbour(layout.nodes, node('Package'), 'down')).toBeUndefined();
  });
});

describe('fittingNodeWidth', () => {
  const fit = (availableWidth: number) => fittingNodeWidth(stages, { availableWidth, min: 80, max: 200, metrics });

  it('uses the room that there is', () => {
    const width = fit(500);
    expect(layoutGraph(stages, { ...metrics, nodeWidth: width }).width).toBeLessThanOrEqual(500);
    expect(layoutGraph(stages, { ...metrics, nodeWidth: width + 1 }).width).toBeGreaterThan(500);
  });

  it('stays readable when there is none, and sober when there is plenty', () => {
    expect(fit(100)).toBe(80);
    expect(fit(5_000)).toBe(200);
  });
});

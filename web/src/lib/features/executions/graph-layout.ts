/** Everything the drawing needs to know of a stage: never its state, so that nothing moves while it runs. */
export interface GraphStage {
  readonly name: string;
  readonly actions: readonly { readonly name: string; readonly runOrder: number }[];
  /** Names of nodes on the way in and on the way out: the gate, and the checks. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
}

export interface GraphMetrics {
  readonly nodeWidth: number;
  readonly nodeHeight: number;
  readonly rowGap: number;
  /** Between run orders, and between the columns of one run order that is too tall. */
  readonly columnGap: number;
  readonly stageGap: number;
  readonly padding: number;
  readonly headerHeight: number;
  /** The side of a gate's or check's square, and its distance from its stage. */
  readonly conditionSize: number;
  readonly conditionGap: number;
  /** More parallel actions than this continue in a further column. */
  readonly rowsMax: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedStage extends Box {
  readonly name: string;
}

export interface PlacedNode extends Box {
  readonly kind: 'action' | 'condition';
  readonly stage: string;
  readonly action: string;
  /** Counted over the whole graph, for walking it with the arrow keys. */
  readonly column: number;
  readonly row: number;
}

export interface Edge {
  readonly path: string;
  /** The run order that must be over before anything flows here; undefined: the whole stage. */
  readonly from: { readonly stage: string; readonly runOrder: number | undefined };
  /** `entry` is the piece between a gate and its stage: something flows there once the stage is entered. */
  readonly kind: 'inner' | 'race' | 'entry';
}

export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  readonly stages: readonly PlacedStage[];
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly Edge[];
}

/** Stages from left to right; inside, run orders from left to right; inside those, parallel actions below each other. */
export function layoutGraph(stages: readonly GraphStage[], metrics: GraphMetrics): GraphLayout {
  const groupsOf = stages.map(runOrderGroups);
  const rows = Math.max(1, ...groupsOf.flat().map(({ actions }) => Math.min(actions.length, metrics.rowsMax)));
  const bodyHeight = rows * metrics.nodeHeight + (rows - 1) * metrics.rowGap;
  const height = metrics.headerHeight + bodyHeight + 2 * metrics.padding;
  const middle = metrics.headerHeight + metrics.padding + bodyHeight / 2;

  const placed: { stages: PlacedStage[]; nodes: PlacedNode[]; edges: Edge[] } = { stages: [], nodes: [], edges: [] };
  let x = 0;
  let column = 0;
  let raceFrom = 0;
  stages.forEach(({ name, before = [], after = [] }, index) => {
    const gate = placeConditions({ stage: name, names: before, x, column, middle, metrics });
    const left = before.length === 0 ? x : gate.right + metrics.conditionGap;
    const stage = placeStage({
      name,
      groups: groupsOf[index] ?? [],
      x: left,
      column: gate.nextColumn,
      middle,
      height,
      metrics,
    });
    const right = left + stage.box.width;
    const checks = placeConditions({
      stage: name,
      names: after,
      x: right + metrics.conditionGap,
      column: stage.nextColumn,
      middle,
      metrics,
    });
    if (index > 0 || before.length > 0) {
      const from = { stage: stages[index - 1]?.name ?? name, runOrder: undefined };
      const to = before.length > 0 ? x : left;
      if (to > raceFrom) placed.edges.push({ kind: 'race', from, path: `M${raceFrom} ${middle}H${to}` });
    }
    if (before.length > 0) {
      const path = `M${gate.right} ${middle}H${left}`;
      placed.edges.push({ kind: 'entry', from: { stage: name, runOrder: undefined }, path });
    }
    placed.stages.push(stage.box);
    placed.nodes.push(...gate.nodes, ...stage.nodes, ...checks.nodes);
    placed.edges.push(...stage.edges);
    column = checks.nextColumn;
    raceFrom = right;
    x = (after.length === 0 ? right : checks.right) + metrics.stageGap;
  });
  return { width: Math.max(0, x - metrics.stageGap), height, ...placed };
}

interface ConditionsInput {
  readonly stage: string;
  readonly names: readonly string[];
  readonly x: number;
  readonly column: number;
  readonly middle: number;
  readonly metrics: GraphMetrics;
}

/** Squares on the line into or out of a stage, below each other when there are several. */
function placeConditions({ stage, names, x, column, middle, metrics }: ConditionsInput) {
  const { conditionSize: size, rowGap } = metrics;
  const top = middle - (names.length * size + (names.length - 1) * rowGap) / 2;
  const nodes = names.map((action, row): PlacedNode => ({
    kind: 'condition',
    stage,
    action,
    column,
    row,
    x,
    y: top + row * (size + rowGap),
    width: size,
    height: size,
  }));
  return { nodes, right: x + size, nextColumn: column + (names.length > 0 ? 1 : 0) };
}

/** The widest nodes with which the graph still fits, so that it scrolls only when it must. Depends on the plan alone. */
export function fittingNodeWidth(
  stages: readonly GraphStage[],
  { availableWidth, min, max, metrics }: FitInput,
): number {
  const columns = stages.flatMap(runOrderGroups).reduce((sum, { actions }) => sum + columnsOf(actions, metrics), 0);
  const { width } = layoutGraph(stages, { ...metrics, nodeWidth: 0 });
  return Math.floor(Math.max(min, Math.min(max, (availableWidth - width) / Math.max(1, columns))));
}

interface FitInput {
  readonly availableWidth: number;
  readonly min: number;
  readonly max: number;
  readonly metrics: GraphMetrics;
}

/** The node to go to from one: sideways to the nearest row of the next column, up and down within the column. */
export function neighbour(
  nodes: readonly PlacedNode[],
  from: PlacedNode,
  direction: 'left' | 'right' | 'up' | 'down',
): PlacedNode | undefined {
  if (direction === 'up' || direction === 'down') {
    const row = from.row + (direction === 'up' ? -1 : 1);
    return nodes.find((node) => node.column === from.column && node.row === row);
  }
  const column = from.column + (direction === 'left' ? -1 : 1);
  return nodes
    .filter((node) => node.column === column)
    .sort((one, other) => Math.abs(one.y - from.y) - Math.abs(other.y - from.y))[0];
}

interface Group {
  readonly runOrder: number;
  readonly actions: readonly string[];
}

function runOrderGroups({ actions }: GraphStage): readonly Group[] {
  const orders = [...new Set(actions.map(({ runOrder }) => runOrder))].sort((one, other) => one - other);
  return orders.map((runOrder) => ({
    runOrder,
    actions: actions.filter((action) => action.runOrder === runOrder).map(({ name }) => name),
  }));
}

function columnsOf(actions: readonly unknown[], { rowsMax }: GraphMetrics): number {
  return Math.ceil(actions.length / rowsMax);
}

interface StageInput {
  readonly name: string;
  readonly groups: readonly Group[];
  readonly x: number;
  readonly column: number;
  readonly middle: number;
  readonly height: number;
  readonly metrics: GraphMetrics;
}

function placeStage({ name, groups, x, column, middle, height, metrics }: StageInput) {
  const nodes: PlacedNode[] = [];
  const edges: Edge[] = [];
  let left = x + metrics.padding;
  let nextColumn = column;
  let before: PlacedGroup | undefined;
  for (const group of groups) {
    const placed = placeGroup({ stage: name, group, left, column: nextColumn, middle, metrics });
    nodes.push(...placed.nodes);
    if (before !== undefined) edges.push(...connect(name, before, placed, middle));
    nextColumn += placed.columns;
    left = placed.right + metrics.columnGap;
    before = placed;
  }
  const right = (before?.right ?? left + metrics.nodeWidth) + metrics.padding;
  return { box: { name, x, y: 0, width: right - x, height }, nodes, edges, nextColumn };
}

interface PlacedGroup {
  readonly runOrder: number;
  readonly nodes: readonly PlacedNode[];
  readonly columns: number;
  readonly left: number;
  readonly right: number;
}

function placeGroup({
  stage,
  group,
  left,
  column,
  middle,
  metrics,
}: {
  readonly stage: string;
  readonly group: Group;
  readonly left: number;
  readonly column: number;
  readonly middle: number;
  readonly metrics: GraphMetrics;
}): PlacedGroup {
  const { nodeWidth, nodeHeight, rowGap, columnGap } = metrics;
  const columns = columnsOf(group.actions, metrics);
  // Columns of one group are filled evenly: seven actions become four and three, not six and one.
  const perColumn = Math.ceil(group.actions.length / columns);
  const nodes = group.actions.map((action, index) => {
    const inColumn = Math.floor(index / perColumn);
    const row = index % perColumn;
    const rows = Math.min(perColumn, group.actions.length - inColumn * perColumn);
    const top = middle - (rows * nodeHeight + (rows - 1) * rowGap) / 2;
    return {
      kind: 'action' as const,
      stage,
      action,
      column: column + inColumn,
      row,
      x: left + inColumn * (nodeWidth + columnGap / 2),
      y: top + row * (nodeHeight + rowGap),
      width: nodeWidth,
      height: nodeHeight,
    };
  });
  const right = left + columns * nodeWidth + (columns - 1) * (columnGap / 2);
  return { runOrder: group.runOrder, nodes, columns, left, right };
}

/** All of one group, through one joint, to all of the next: n + m lines instead of n × m. */
function connect(stage: string, before: PlacedGroup, after: PlacedGroup, middle: number): readonly Edge[] {
  const joint = (before.right + after.left) / 2;
  const from = { stage, runOrder: before.runOrder };
  const out = edgeRows(before, 'last').map((y) => curve(before.right, y, joint, middle));
  const into = edgeRows(after, 'first').map((y) => curve(after.left, y, joint, middle));
  return [...out, ...into].map((path) => ({ kind: 'inner', from, path }));
}

/** A group of several columns is met in its middle: lines to each node would run behind its other columns. */
function edgeRows({ nodes, columns }: PlacedGroup, side: 'first' | 'last'): readonly number[] {
  const column = side === 'first' ? nodes[0]?.column : nodes.at(-1)?.column;
  const beside = columns === 1 ? nodes : nodes.filter((node) => node.column === column);
  return beside.map(({ y, height }) => y + height / 2);
}

const CORNER = 8;

function curve(x: number, y: number, joint: number, middle: number): string {
  const dy = middle - y;
  if (Math.abs(dy) < 1) return `M${x} ${y}H${joint}`;
  const corner = Math.min(CORNER, Math.abs(dy), Math.abs(joint - x));
  const turnX = joint - Math.sign(joint - x) * corner;
  const turnY = y + Math.sign(dy) * corner;
  return `M${x} ${y}H${turnX}Q${joint} ${y} ${joint} ${turnY}V${middle}`;
}

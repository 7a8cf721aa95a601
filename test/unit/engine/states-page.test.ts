import { expect, it } from 'vitest';
import {
  actionArrows,
  type Arrow,
  conditionArrows,
  executionArrows,
  stageArrows,
} from '../../../worker/engine/arrows.ts';

/** `docs/states.md` is drawn from the tables that the engine's own histories are held against. */

const INTRODUCTION = `# States

Drawn from [worker/engine/arrows.ts](../worker/engine/arrows.ts); \`npm run docs\` draws it anew, and a test fails when it is stale.
Random histories never take an arrow that is not here, and take every arrow that is
(\`test/property/histories.test.ts\`). The statuses are CodePipeline's. Arrows marked *ours* are not in CodePipeline,
because it cannot do what they stand for, or does not show it.
`;

it('the page of states shows the tables as they are', async () => {
  const page = [
    INTRODUCTION,
    section('Execution', executionArrows),
    section('Stage', stageArrows),
    section('Action', actionArrows),
    section('Condition', conditionArrows),
  ].join('\n');
  await expect(page, 'docs/states.md is stale. Run `npm run docs`.').toMatchFileSnapshot('../../../docs/states.md');
});

function section(title: string, arrows: readonly Arrow<string>[]): string {
  return [
    `## ${title}`,
    '',
    '```mermaid',
    'stateDiagram-v2',
    ...arrows.map(({ from, to, when }) => `  ${from ?? '[*]'} --> ${to ?? '[*]'}: ${when}`),
    '```',
    '',
    '| From | To | When | |',
    '| ---- | -- | ---- | - |',
    ...arrows.map(
      ({ from, to, when, isOurs }) =>
        `| ${from ?? '–'} | ${to ?? '–'} | ${when} | ${isOurs === true ? '*ours*' : ''} |`,
    ),
    '',
  ].join('\n');
}

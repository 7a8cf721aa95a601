import { describe, expect, it } from 'vitest';
import { exportCodePipeline } from '../../../worker/definition/codepipeline/export.ts';
import { parseDefinitionText } from '../../../worker/definition/parse.ts';
import { connectedActions, watchedOf } from '../../../worker/definition/watched.ts';

function definition(...actions: readonly string[]) {
  const parsed = parseDefinitionText(`
name: watching
variables: [{ name: repository, default: shop }]
stages:
  - name: Source
    actions:
${actions.map((action, index) => `      - { ${action}, name: A${index}, outputs: [a${index}] }`).join('\n')}
  - name: Build
    actions: [{ name: Unit, inputs: [a0], commands: [make] }]
`);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.definition;
}

const CONNECTED = 'type: Source/Connection, configuration: { Connection: hub, FullRepositoryId: Example-Org/Shop }';
const BUCKET = 'type: Source/S3, configuration: { Connection: cloud, S3Bucket: Releases, S3ObjectKey: a.zip }';

describe('what a definition watches', () => {
  it('is each source that names a connection, its repository in lower case', () => {
    expect(watchedOf(definition(CONNECTED, BUCKET, 'type: Source/Upload'))).toEqual([
      { action: 'A0', reference: 'hub', repository: 'example-org/shop' },
      { action: 'A1', reference: 'cloud', repository: 'releases' },
    ]);
  });

  it('leaves out what is known only when an execution starts', () => {
    const open = definition(CONNECTED.replace('Example-Org/Shop', "'example-org/#{variables.repository}'"));
    expect(watchedOf(open)).toEqual([]);
    expect(connectedActions(open)).toHaveLength(1);
  });

  it('says where the connection is named', () => {
    expect(connectedActions(definition(CONNECTED))[0]?.path).toBe('stages[0].actions[0].configuration.Connection');
  });
});

describe('a connection to AWS', () => {
  it('is left out of what goes to CodePipeline, and that is said', () => {
    const { pipeline, notCarried } = exportCodePipeline(definition(BUCKET));
    expect(pipeline.stages[0]?.actions[0]?.configuration).toEqual({ S3Bucket: 'Releases', S3ObjectKey: 'a.zip' });
    expect(notCarried.map(({ path }) => path)).toContain('stages[0].actions[0].configuration.Connection');
  });
});

import { vi } from 'vitest';
import type { ExecutionView } from '../../../contract/executions.ts';
import { unpackTar } from 'modern-tar';
import { AwsDouble } from '../aws-double/aws-double.ts';
import { TestTenant } from './client.ts';

/** A tenant, and an AWS that its requests end in until the test ends. */
export class AwsWorld {
  readonly aws = new AwsDouble();
  readonly tenant: TestTenant;

  private constructor(tenant: TestTenant) {
    this.tenant = tenant;
    const real = globalThis.fetch;
    vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
      const request = new Request(input, init);
      return /\.amazonaws\.com$/.test(new URL(request.url).hostname) ? this.aws.answer(request) : real(input, init);
    });
  }

  static async create(): Promise<AwsWorld> {
    return new AwsWorld(await TestTenant.create());
  }

  async connect(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const credentials = { kind: 'keys', accessKeyId: AwsDouble.KEY, secretAccessKey: 'secret' };
    const order = { name, kind: 'aws', region: 'eu-central-1', credentials, ...more };
    const response = await this.tenant.post('/connections', order);
    if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
    await response.body?.cancel();
  }

  /** Runs a pipeline of one source action to its end. */
  async run(
    type: string,
    configuration: Readonly<Record<string, string>>,
    { action = '', start = {} }: { readonly action?: string; readonly start?: unknown } = {},
  ): Promise<ExecutionView> {
    await this.tenant.save(
      'shop',
      `
name: shop
stages:
  - name: Source
    actions:
      - name: Code
        type: ${type}
        configuration: ${JSON.stringify(configuration)}
        outputs: [code]
        namespace: src
        ${action}
  - name: Wait
    actions: [{ name: Moment, type: Invoke/Delay, configuration: { Seconds: 0 } }]
`,
    );
    return this.tenant.ended((await this.tenant.start('shop', start)).id);
  }

  /** The files of the only artifact, with their texts. */
  async files({ artifacts }: ExecutionView): Promise<Readonly<Record<string, string>>> {
    const [{ digest } = { digest: '' }] = artifacts;
    const { body } = await this.tenant.fetch(`/artifacts/${digest}`);
    if (body === null) throw new Error('no artifact');
    const entries = await unpackTar(body.pipeThrough(new DecompressionStream('gzip')));
    return Object.fromEntries(
      entries.flatMap(({ header, data }) =>
        header.type === 'directory'
          ? []
          : [[header.name, header.type === 'symlink' ? `-> ${header.linkname}` : new TextDecoder().decode(data)]],
      ),
    );
  }
}

/** The source action, as the execution shows it. */
export function sourceOf({ stages }: ExecutionView) {
  const action = stages[0]?.actions[0];
  if (action === undefined) throw new Error('no action');
  return action;
}

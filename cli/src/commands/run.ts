import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { ExecutionSummary } from '../../../contract/executions.ts';
import { THROUGH_WORKER_MAX_BYTES } from '../../../contract/artifacts.ts';
import type { PipelineDefinition } from '../../../contract/pipeline-definition.ts';
import { fileBody, uploadArtifact } from '../client/artifacts.ts';
import { Client } from '../client/client.ts';
import { findServer } from '../client/find-server.ts';
import { follow } from '../client/follow.ts';
import { pack } from '../runner/archive.ts';
import { branchOf, describeTree, filesOf, findProject, type Project } from '../client/project.ts';

interface Options {
  readonly url?: string;
  readonly token?: string;
  readonly variable: readonly string[];
  readonly reason?: string;
  readonly detach?: true;
}

export function runCommand(program: Command): void {
  program
    .command('run')
    .argument('[folder]', 'the project; the nearest one with a millrace.yaml if left out')
    .description('Upload the working tree and run its pipeline with it')
    .option('--url <url>', 'the Millrace server')
    .option('--token <token>', 'a token of kind "service"; better given as MILLRACE_TOKEN')
    .option('--variable <name=value...>', 'a pipeline variable; may be given several times', [])
    .option('--reason <text>', 'shown with the execution')
    .option('--detach', 'start it and leave')
    .action((folder: string | undefined, options: Options) => run(folder, options));
}

async function run(folder: string | undefined, options: Options): Promise<void> {
  const order = {
    variables: variables(options.variable),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  };
  const found = await findServer(options);
  const project = await findProject(resolve(folder ?? '.'), folder === undefined ? found.demoProject : undefined);
  const client = new Client(found.server);
  const { definition } = project;
  console.log(`Pipeline ${definition.name} from ${project.file}`);
  await client.fetch(`/pipelines/${definition.name}`, {
    method: 'PUT',
    body: project.text,
    headers: { 'content-type': 'application/yaml' },
  });
  await uploadTree(client, project);
  const answer = await client.send('POST', `/pipelines/${definition.name}/executions`, order);
  const execution = ExecutionSummary.parse(answer);
  const page = `${client.url}/executions/${execution.id}`;
  console.log(`Execution #${execution.number}: ${page}`);
  if (options.detach === true) return;
  const status = await follow(client, execution.id, page);
  process.exitCode = status === 'Succeeded' ? 0 : 1;
}

async function uploadTree(client: Client, project: Project): Promise<void> {
  const actions = uploadActions(project.definition);
  if (actions.length === 0) return;
  const scratch = await mkdtemp(join(tmpdir(), 'millrace-'));
  try {
    const file = join(scratch, 'tree.tar.gz');
    const files = await filesOf(project.folder);
    const archive = await pack(project.folder, files, file);
    const summary = await describeTree(project.folder);
    const branch = await branchOf(project.folder);
    const about = { summary, ...(branch === undefined ? {} : { branch }) };
    console.log(`Uploading ${files.length} files (${Math.ceil(archive.sizeBytes / 1024)} kB): ${summary}`);
    for (const action of actions) {
      const path = `/sources/${project.definition.name}/${action}`;
      if (archive.sizeBytes <= THROUGH_WORKER_MAX_BYTES) {
        const { headers, ...body } = fileBody(file, archive.sizeBytes);
        await client.fetch(`${path}?${new URLSearchParams(about).toString()}`, {
          method: 'PUT',
          ...body,
          headers: { ...headers, 'content-type': 'application/gzip', 'x-millrace-digest': archive.digest },
        });
      } else {
        await uploadArtifact(client, file, archive);
        await client.send('PUT', path, { digest: archive.digest, ...about });
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function uploadActions({ stages }: PipelineDefinition): readonly string[] {
  return stages.flatMap(({ actions }) =>
    actions.filter(({ type }) => type === 'Source/Upload').map(({ name }) => name),
  );
}

const Assignment = z.string().regex(/^[^=]+=/, 'must be name=value');

function variables(assignments: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    assignments.map((text) => {
      const parsed = Assignment.safeParse(text);
      if (!parsed.success) throw new Error(`--variable ${text}: must be name=value.`);
      const at = text.indexOf('=');
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

import type { StatusReport, StatusTarget } from '../../engine/commit-status.ts';
import type { TenantId } from '../../engine/ids.ts';
import type { CommitStatus, GitHost } from '../../hosts/git-host.ts';
import { PermanentFailure } from '../../kernel/failure.ts';
import type { Log } from '../../kernel/log.ts';
import { hostByReference } from './by-reference.ts';
import type { ConnectionPorts } from './ports.ts';

/**
 * Tells every host how things stand. The same report again changes nothing there. A host that will never take it is not asked again:
 * whether somebody may write statuses is no reason to hold up an execution.
 */
export async function reportStatus(
  ports: Pick<ConnectionPorts, 'store' | 'host' | 'publicUrl'>,
  log: Log,
  tenant: TenantId,
  report: StatusReport,
): Promise<void> {
  for (const target of report.targets) {
    try {
      const host = await hostByReference(ports, tenant, target.connection);
      if (host !== undefined) await tell(host, target, report, ports.publicUrl);
    } catch (error) {
      if (!(error instanceof PermanentFailure)) throw error;
      log.error('status refused', { tenant, execution: report.execution, connection: target.connection }, error);
    }
  }
}

async function tell(
  host: GitHost,
  { repository, commit, branch, pullRequest }: StatusTarget,
  report: StatusReport,
  publicUrl: string | undefined,
): Promise<void> {
  const { pipeline, stage, state, description, execution } = report;
  const url = publicUrl === undefined ? undefined : `${publicUrl}/executions/${execution}`;
  const status: CommitStatus = {
    context: ['millrace', pipeline, ...(stage === undefined ? [] : [stage])].join('/'),
    state,
    description,
    ...(url === undefined ? {} : { url }),
    ...(branch === undefined ? {} : { ref: branch }),
  };
  await host.setStatus(repository, commit, status);
  if (pullRequest === undefined || report.stages === undefined || host.comment === undefined) return;
  await host.comment(repository, pullRequest, `<!-- millrace:${pipeline} -->`, commentOn(report, commit, url));
}

/** Names come from definitions and hold nothing that Markdown would take for its own. */
function commentOn(
  { pipeline, number, description, stages = [] }: StatusReport,
  commit: string,
  url: string | undefined,
): string {
  const title = url === undefined ? `Execution ${number}` : `[Execution ${number}](${url})`;
  const rows = stages.map(({ name, status }) => `| ${name} | ${status ?? 'not reached'} |`);
  return [
    `**${pipeline}**: ${description} ${title} of ${commit.slice(0, 12)}.`,
    '',
    '| Stage | Status |',
    '| --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

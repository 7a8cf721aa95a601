import type { WhyNot } from '../../../contract/deliveries.ts';
import type { ListedDelivery } from '../../objects/inbox/inbox-orders.ts';
import type { ServiceContext } from '../context.ts';
import { findPipeline } from '../pipelines/find.ts';
import { foundIn } from './list.ts';
import { deliveryView, verdictView } from './view.ts';

const LOOKED_AT = 20;

/** Why a commit did not start the pipeline, or which execution it started: one answer. */
export async function whyNot(ctx: ServiceContext, name: string, commit: string): Promise<WhyNot> {
  const { id: pipeline } = await findPipeline(ctx, name);
  const found = await foundIn(ctx, undefined, { commit }, undefined, LOOKED_AT);
  const own = found.flatMap((delivery) =>
    delivery.verdicts.filter(({ target }) => target.pipeline === pipeline).map((verdict) => ({ delivery, verdict })),
  );
  const [best] = [...own.filter(({ verdict }) => verdict.verdict.kind === 'Started'), ...own];
  if (best !== undefined) {
    const { kind, text, execution, at } = verdictView(best.verdict);
    return { ...about(commit, best.delivery), kind, text, execution, at };
  }
  const [last] = found;
  if (last === undefined) return { ...about(commit, undefined), text: await silence(ctx, pipeline) };
  const { kind, text, receivedAt } = deliveryView(last);
  const isElsewhere = last.verdicts.length > 0;
  return {
    ...about(commit, last),
    kind: isElsewhere ? 'NoPipeline' : kind,
    text: isElsewhere ? 'The commit was told of, but the pipeline did not watch its repository then.' : text,
    at: receivedAt,
  };
}

function about(commit: string, delivery: ListedDelivery | undefined): WhyNot {
  const { hook, id } = delivery?.body ?? {};
  const delivered = { hook: hook?.id ?? null, delivery: id ?? null };
  return { commit, kind: null, text: '', execution: null, at: null, ...delivered };
}

/** Nothing was heard of it: what may be missing. */
async function silence({ tenant, ports }: ServiceContext, pipeline: string): Promise<string> {
  const { watches, hooks } = ports.connections;
  const [watched, all] = await Promise.all([watches.ofPipeline(tenant.id, pipeline), hooks.list(tenant.id)]);
  const sources = watched.filter(({ repository }) => repository !== '');
  if (sources.length === 0) return 'No source of this pipeline watches a repository through a connection.';
  const orphan = sources.find(({ connectionId }) => connectionId === null);
  if (orphan !== undefined) {
    return `There is no connection "${orphan.reference}", so nothing tells of ${orphan.repository}.`;
  }
  const silent = sources.find(
    ({ connectionId, repository }) =>
      !all.some(
        (hook) =>
          hook.connectionId === connectionId &&
          (hook.repository === null || hook.repository.toLowerCase() === repository),
      ),
  );
  if (silent !== undefined) return `No hook tells of ${silent.repository}. Register one at its connection.`;
  return 'No delivery told of this commit. Was it pushed? Look at the deliveries of the webhook at the host.';
}

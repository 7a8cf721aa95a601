import { glob } from './glob.ts';
import type { Pin } from './model.ts';
import { pinOf } from './matching-pin.ts';
import type { ChangedFiles, PullRequestEvent, PushEvent, SourceEvent } from './source-event.ts';
import type { Patterns, PullRequestCriteria, PushCriteria, SourceTrigger, TriggerPlan } from './trigger-plan.ts';

/** Whether something that has happened starts an execution, and if not, why not. Pure; CodePipeline's rules (reference 2.4). */
export type MatchResult =
  | {
      readonly kind: 'Start';
      /** By source action: exactly what it is to fetch. */
      readonly pins: Readonly<Record<string, Pin>>;
      readonly detail: string;
      /** What somebody should know of how it was decided. */
      readonly notes: readonly string[];
    }
  /** This decides, and the delivery does not say it: the host has to be asked. */
  | { readonly kind: 'Needs'; readonly what: readonly Missing[] }
  /** It would start if somebody let it in. */
  | { readonly kind: 'NeedsApproval'; readonly reason: string }
  | { readonly kind: 'Filtered'; readonly reasons: readonly string[] };

export type Missing = 'files' | 'defaultBranch';

export interface MatchOrder {
  readonly event: SourceEvent;
  /** Of the repository, once the host has been asked; null: it has none. */
  readonly defaultBranch?: string | null;
  /** Source actions that watch where it happened, by whatever name they know it. */
  readonly actions: readonly string[];
  /** The kind of the host; Bitbucket's CLOSED means merged. */
  readonly host?: string;
  /** Somebody has let the fork's pull request in. */
  readonly isApproved?: boolean;
}

export function matchSources(plan: TriggerPlan, order: MatchOrder): MatchResult {
  const { event } = order;
  if (event.kind === 'custom') return filtered('The delivery is not about a source.');
  const watching = plan.sources.filter(({ action }) => order.actions.includes(action));
  if (watching.length === 0) {
    return filtered('The current version of the pipeline does not watch this source any more.');
  }
  const gone = event.kind === 'push' && event.after === undefined ? goneReason(event) : undefined;
  if (gone !== undefined) return filtered(gone);
  const verdicts = watching.map((trigger) => ({ trigger, verdict: matchSource(plan, trigger, order) }));
  const needs = verdicts.flatMap(({ verdict }) => (verdict.kind === 'Needs' ? verdict.what : []));
  if (needs.length > 0) return { kind: 'Needs', what: [...new Set(needs)] };
  const matched = verdicts.filter(({ verdict }) => verdict.kind === 'Matched');
  if (matched.length === 0) {
    const several = watching.length > 1;
    const reasons = verdicts.flatMap(({ trigger, verdict }) =>
      verdict.kind === 'Filtered'
        ? verdict.reasons.map((reason) => (several ? `${trigger.action}: ${reason}` : reason))
        : [],
    );
    return { kind: 'Filtered', reasons: [...new Set(reasons)] };
  }
  const fork = forkOf(event);
  if (fork !== undefined && plan.forks === 'REFUSE') {
    return filtered(`The pull request comes from the fork ${fork}, and the pipeline refuses those (forks: REFUSE).`);
  }
  if (fork !== undefined && plan.forks === 'APPROVAL' && order.isApproved !== true) {
    return {
      kind: 'NeedsApproval',
      reason: `The pull request comes from the fork ${fork}; somebody has to let it in (forks: APPROVAL).`,
    };
  }
  return {
    kind: 'Start',
    pins: Object.fromEntries(matched.map(({ trigger: { action } }) => [action, pinOf(event)])),
    detail: detailOf(event),
    notes: [...new Set(matched.flatMap(({ verdict }) => ('notes' in verdict ? verdict.notes : [])))],
  };
}

type Verdict =
  | { readonly kind: 'Matched'; readonly notes: readonly string[] }
  | { readonly kind: 'Needs'; readonly what: readonly Missing[] }
  | { readonly kind: 'Filtered'; readonly reasons: readonly string[] };

const MATCHED: Verdict = { kind: 'Matched', notes: [] };

function matchSource(plan: TriggerPlan, trigger: SourceTrigger, { event, host, defaultBranch }: MatchOrder): Verdict {
  switch (event.kind) {
    case 'push':
      if (trigger.push.length === 0) return filtered('Pushes start nothing here; only its other triggers do.');
      return anyOf(trigger.push.map((criteria) => matchPush(criteria, event, defaultBranch)));
    case 'pullRequest':
      if (trigger.pullRequest.length === 0) {
        return filtered('Pull requests start nothing here; it has no such trigger.');
      }
      return anyOf(trigger.pullRequest.map((criteria) => matchPullRequest(plan, criteria, event, host)));
    case 'image':
      if (trigger.push.length === 0) return filtered('New images start nothing here.');
      return trigger.tag === event.tag
        ? MATCHED
        : filtered(`The image has the tag "${event.tag}", not "${trigger.tag ?? ''}".`);
    case 'object':
      if (trigger.push.length === 0) return filtered('New objects start nothing here.');
      return trigger.key === event.key
        ? MATCHED
        : filtered(`The object is "${event.key}", not "${trigger.key ?? ''}".`);
    case 'custom':
      return filtered('The delivery is not about a source.');
  }
}

/** Entries are alternatives: one that fits is enough, and one that may still fit is worth asking for the files. */
function anyOf(verdicts: readonly Verdict[]): Verdict {
  const matched = verdicts.find(({ kind }) => kind === 'Matched');
  if (matched !== undefined) return matched;
  const what = verdicts.flatMap((one) => (one.kind === 'Needs' ? one.what : []));
  if (what.length > 0) return { kind: 'Needs', what };
  return { kind: 'Filtered', reasons: verdicts.flatMap((one) => (one.kind === 'Filtered' ? one.reasons : [])) };
}

function matchPush(
  { branches, branch: named, tags, filePaths }: PushCriteria,
  { ref, files }: PushEvent,
  defaultBranch: string | null | undefined,
): Verdict {
  if (named === null && ref.kind === 'branch' && defaultBranch === undefined) {
    return { kind: 'Needs', what: ['defaultBranch'] };
  }
  if (named === null && ref.kind === 'branch' && defaultBranch === null) {
    return filtered(`Which branch is the default one is not known, so "${ref.name}" cannot be told to be it.`);
  }
  const branch = named === null ? (defaultBranch ?? '') : named;
  const reasons: readonly (string | undefined)[] =
    ref.kind === 'tag'
      ? [
          tags === undefined
            ? `The push is of the tag "${ref.name}"; only pushes to branches start it.`
            : reasonAgainst('tag', ref.name, tags),
        ]
      : [
          tags !== undefined && branches === undefined && branch === undefined
            ? `The push is to the branch "${ref.name}"; only tags start it.`
            : undefined,
          branches === undefined ? undefined : reasonAgainst('branch', ref.name, branches),
          branch === undefined || branch === ref.name ? undefined : `The branch "${ref.name}" is not "${branch}".`,
        ];
  return withFiles(reasons, filePaths, files);
}

function matchPullRequest(
  plan: TriggerPlan,
  criteria: PullRequestCriteria,
  event: PullRequestEvent,
  host: string | undefined,
): Verdict {
  const { events, branches, filePaths, drafts } = criteria;
  const reasons = [
    reasonAgainstEvent(plan, events, event, host),
    drafts || !event.isDraft ? undefined : `Pull request ${event.number} is a draft.`,
    branches === undefined ? undefined : reasonAgainst('target branch', event.base.branch, branches),
  ];
  return withFiles(reasons, filePaths, event.files);
}

function reasonAgainstEvent(
  { mergedIsClosed }: TriggerPlan,
  events: PullRequestCriteria['events'],
  { event, number }: PullRequestEvent,
  host: string | undefined,
): string | undefined {
  const what = `Pull request ${number} was ${WHAT_HAPPENED[event]}`;
  if (mergedIsClosed) {
    // CodePipeline tells of declined ones at Bitbucket nothing at all, and of merged ones everywhere as closed.
    if (event === 'CLOSED' && host === 'bitbucket') return `${what}; at Bitbucket only merging counts as CLOSED.`;
    const name = event === 'MERGED' ? 'CLOSED' : event;
    if (events === undefined || events.includes(name) || events.includes(event)) return undefined;
  } else if (events === undefined || events.includes(event)) {
    return undefined;
  }
  return `${what}, and only ${events.join(', ')} start${events.length === 1 ? 's' : ''} it.`;
}

const WHAT_HAPPENED = { OPEN: 'opened', UPDATED: 'updated', CLOSED: 'closed unmerged', MERGED: 'merged' } as const;

/** Files are looked at last: to know them may cost a call. */
function withFiles(
  reasons: readonly (string | undefined)[],
  filePaths: Patterns | undefined,
  files: ChangedFiles | undefined,
): Verdict {
  const against = reasons.filter((reason) => reason !== undefined);
  if (against.length > 0) return { kind: 'Filtered', reasons: against };
  if (filePaths === undefined) return MATCHED;
  if (files === undefined) return { kind: 'Needs', what: ['files'] };
  const { fits } = patterns(filePaths);
  if (files.paths.some(fits)) return MATCHED;
  if (!files.isComplete) {
    return {
      kind: 'Matched',
      notes: ['The host did not tell all changed files, so it runs rather than miss one that would have counted.'],
    };
  }
  const count =
    files.paths.length === 1 ? 'The one changed file is' : `None of ${files.paths.length} changed files is`;
  if (files.paths.length === 0) return filtered('Nothing was changed in any file.');
  const not = files.paths.length === 1 ? 'not ' : '';
  return filtered(`${count} ${not}${wanted(filePaths)}.`);
}

function reasonAgainst(what: string, name: string, given: Patterns): string | undefined {
  const { isIncluded, excludedBy } = patterns(given);
  if (!isIncluded(name)) return `The ${what} "${name}" is not among ${(given.includes ?? []).join(', ')}.`;
  const by = excludedBy(name);
  return by === undefined ? undefined : `The ${what} "${name}" is excluded by ${by}.`;
}

function patterns({ includes, excludes = [] }: Patterns) {
  const included = includes?.map(glob);
  const excluded = excludes.map((pattern) => ({ pattern, matches: glob(pattern) }));
  const isIncluded = (name: string): boolean => included === undefined || included.some((matches) => matches(name));
  const excludedBy = (name: string): string | undefined => excluded.find(({ matches }) => matches(name))?.pattern;
  return { isIncluded, excludedBy, fits: (name: string) => isIncluded(name) && excludedBy(name) === undefined };
}

function wanted({ includes, excludes }: Patterns): string {
  const among = includes === undefined ? 'outside of' : `among ${includes.join(', ')}`;
  if (excludes === undefined) return among;
  return includes === undefined ? `${among} ${excludes.join(', ')}` : `${among} without ${excludes.join(', ')}`;
}

function forkOf(event: SourceEvent): string | undefined {
  return event.kind === 'pullRequest' && event.isFork ? event.head.repository.name : undefined;
}

function goneReason({ ref }: PushEvent): string {
  return `The ${ref.kind} "${ref.name}" was deleted; there is nothing to run.`;
}

const DETAIL_MAX = 200;

/** For lists: what happened, in one line. */
export function detailOf(event: SourceEvent): string {
  return oneLine(longDetail(event)).slice(0, DETAIL_MAX);
}

function longDetail(event: SourceEvent): string {
  switch (event.kind) {
    case 'push': {
      const what = event.ref.kind === 'tag' ? `tag ${event.ref.name}` : `push to ${event.ref.name}`;
      const message = event.after?.message;
      return message === undefined ? what : `${what}: ${message.split('\n')[0] ?? ''}`;
    }
    case 'pullRequest':
      return `pull request #${event.number} ${WHAT_HAPPENED[event.event]}: ${event.title}`;
    case 'image':
      return `image ${event.repository.name}:${event.tag}`;
    case 'object':
      return `object ${event.bucket}/${event.key}`;
    case 'custom':
      return event.type === '' ? 'webhook' : `webhook ${event.type}`;
  }
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}

function filtered(reason: string): { readonly kind: 'Filtered'; readonly reasons: readonly string[] } {
  return { kind: 'Filtered', reasons: [reason] };
}

import type { Pin } from './model.ts';
import type { Commit, PullRequestEvent, SourceEvent } from './source-event.ts';

const SUMMARY_MAX = 500;

/** Exactly what happened, as what a source action is to fetch. */
export function pinOf(event: SourceEvent): Pin {
  switch (event.kind) {
    case 'push':
      return {
        ...commitPin(event.after ?? { id: '' }),
        ...(event.ref.kind === 'tag' ? { tag: event.ref.name } : { branch: event.ref.name }),
      };
    case 'pullRequest':
      return pullRequestPin(event);
    case 'image':
      return { type: 'IMAGE_DIGEST', value: event.digest ?? event.tag, tag: event.tag };
    case 'object':
      return event.versionId === undefined
        ? { type: 'S3_OBJECT_KEY', value: event.key }
        : { type: 'S3_OBJECT_VERSION_ID', value: event.versionId, key: event.key };
    case 'custom':
      throw new Error('nothing is fetched for a webhook');
  }
}

function pullRequestPin({ head, base, number, title, url, isFork }: PullRequestEvent): Pin {
  return {
    ...commitPin(head.commit),
    summary: title.slice(0, SUMMARY_MAX),
    branch: head.branch,
    ...(isFork ? { isUntrusted: true } : {}),
    pullRequest: {
      number,
      title,
      base: base.branch,
      ...(url === undefined ? {} : { url }),
      ...(isFork ? { headRepository: head.repository.name } : {}),
    },
  };
}

function commitPin({ id, message, url }: Commit): Pin {
  return {
    type: 'COMMIT_ID',
    value: id,
    ...(message === undefined ? {} : { summary: (message.split('\n')[0] ?? '').slice(0, SUMMARY_MAX) }),
    ...(url === undefined ? {} : { url }),
  };
}

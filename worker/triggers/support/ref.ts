import type { PushEvent } from '../../engine/source-event.ts';

const REF_MAX_LENGTH = 1_000;

/** What is pushed to: a branch or a tag. Undefined: something else, like a note, or a name that Git itself would not take. */
export function refOf(text: string): PushEvent['ref'] | undefined {
  const [, folder, name = ''] = /^refs\/(heads|tags)\/(.+)$/s.exec(text) ?? [];
  if (folder === undefined || !isRefName(name)) return undefined;
  return { kind: folder === 'heads' ? 'branch' : 'tag', name };
}

/** As `git check-ref-format` has it. Names end up in commands of jobs; Git's own rules keep the worst out. */
export function isRefName(name: string): boolean {
  if (name === '' || name.length > REF_MAX_LENGTH || name === '@' || name.endsWith('.')) return false;

  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\//.test(name)) return false;
  return name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}

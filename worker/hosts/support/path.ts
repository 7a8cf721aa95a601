import { PermanentFailure } from '../../kernel/failure.ts';

/** A repository's name, or a file's path, as segments of a URL. A dot segment would lead to another part of the API. */
export function segments(text: string): string {
  const parts = text.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new PermanentFailure(
      'ConfigurationError',
      `"${text.slice(0, 100)}" is not a name or path that can be asked for.`,
    );
  }
  return parts.map(encodeURIComponent).join('/');
}

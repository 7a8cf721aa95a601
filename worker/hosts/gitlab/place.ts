import { segments } from '../support/path.ts';

/** A project in the API: its whole path is one segment, however deep its groups nest. */
export function projectAt(repository: string): string {
  return `/projects/${oneSegment(repository)}`;
}

/** A path, of a project or of a file, as one segment of a URL. */
export function oneSegment(path: string): string {
  return segments(path).replaceAll('/', '%2F');
}

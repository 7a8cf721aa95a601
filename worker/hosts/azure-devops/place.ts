import { PermanentFailure } from '../../kernel/failure.ts';
import { segments } from '../support/path.ts';

/** Where a repository is in the API. Its name is that of its project and its own, like `Example/shop`. */
export interface Place {
  readonly repository: string;
  readonly clone: string;
}

export function placeOf(name: string): Place {
  const [project, repository, ...more] = name.split('/');
  if (project === undefined || repository === undefined || more.length > 0) {
    throw new PermanentFailure('ConfigurationError', `"${name.slice(0, 100)}" must be like project/repository.`);
  }
  return {
    repository: `/${segments(project)}/_apis/git/repositories/${segments(repository)}`,
    clone: `/${segments(project)}/_git/${segments(repository)}`,
  };
}

/** A path without the slash that Azure DevOps begins it with. */
export function relative(path: string): string {
  return path.replace(/^\/+/, '');
}

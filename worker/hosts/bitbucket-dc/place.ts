import { PermanentFailure } from '../../kernel/failure.ts';
import { segments } from '../support/path.ts';

/** Where a repository is, in the API and on the site alike. Its name is the key of its project and its own, like `SHOP/web`. */
export function placeOf(name: string): string {
  const [project, repository, ...more] = name.split('/');
  if (project === undefined || repository === undefined || more.length > 0) {
    throw new PermanentFailure('ConfigurationError', `"${name.slice(0, 100)}" must be like PROJECT/repository.`);
  }
  return `/projects/${segments(project)}/repos/${segments(repository)}`;
}

export function nameOf({
  slug,
  project,
}: {
  readonly slug: string;
  readonly project: { readonly key: string };
}): string {
  return `${project.key}/${slug}`;
}

import type { FetchedRevision, Pin } from './model.ts';
import type { ActionPlan } from './plan.ts';

/** A repository that nobody but a runner needs to reach. */
export const GIT_TYPE = 'Source/Git';

/**
 * What a runner does for it. Everything that a definition or a pin says comes in through the environment and is quoted, so that a
 * branch is never read as a part of the script.
 */
const SCRIPT = [
  'set -eu',
  'refuse() { echo "$1" >&2; exit 1; }',
  'case $MILLRACE_GIT_URL in',
  '  https://* | http://localhost[:/]* | http://127.0.0.1[:/]*) ;;',
  '  *) refuse "Url must begin with https://." ;;',
  'esac',
  'case $MILLRACE_GIT_COMMIT in *[!0-9a-fA-F]*) refuse "A commit is named by its hexadecimal digits." ;; esac',
  'export GIT_TERMINAL_PROMPT=0 GIT_ALLOW_PROTOCOL="${MILLRACE_GIT_URL%%:*}"',
  'git init --quiet .',
  'git remote add origin "$MILLRACE_GIT_URL"',
  // Git asks for it itself, so that neither a list of processes nor the settings of the repository ever hold it.
  `ask='!f() { echo "username=\${GIT_USERNAME:-git}"; echo "password=$GIT_PASSWORD"; }; f'`,
  'if [ -n "${GIT_PASSWORD:-}" ]; then git config --local "credential.$MILLRACE_GIT_URL.helper" "$ask"; fi',
  'branch=$MILLRACE_GIT_BRANCH',
  'if [ -z "$branch" ]; then',
  "  branch=$(git ls-remote --symref origin HEAD | sed -n 's#^ref: refs/heads/\\([^[:space:]]*\\).*#\\1#p')",
  'fi',
  'depth=--depth=1',
  'if [ -n "$MILLRACE_GIT_FULL" ]; then depth=--tags; fi',
  'commit=$MILLRACE_GIT_COMMIT',
  'if [ -z "$commit" ]; then',
  '  git fetch --quiet "$depth" -- origin "refs/heads/$branch"',
  '  commit=$(git rev-parse FETCH_HEAD)',
  // Not every server hands out a commit by its id; then it is somewhere in the branch.
  'elif [ -n "$MILLRACE_GIT_FULL" ] || ! git fetch --quiet --depth=1 -- origin "$commit" 2> /dev/null; then',
  '  git fetch --quiet --tags -- origin "refs/heads/$branch"',
  'fi',
  'git checkout --quiet --detach "$commit"',
  'commit=$(git rev-parse HEAD)',
  'date() { TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format="$1"; }',
  '{',
  '  printf "CommitId=%s\\nBranchName=%s\\n" "$commit" "$branch"',
  '  printf "AuthorDate=%s\\nCommitterDate=%s\\n" "$(date %ad)" "$(date %cd)"',
  // No message holds the id of its own commit.
  '  printf "CommitMessage<<%s\\n%s\\n%s\\n" "$commit" "$(git log -1 --format=%B)" "$commit"',
  '} >> "$MILLRACE_OUTPUT"',
  'git config --local --remove-section "credential.$MILLRACE_GIT_URL" 2> /dev/null || true',
  'if [ -z "$MILLRACE_GIT_FULL" ]; then rm -rf .git; fi',
  'echo "Fetched $commit of $branch."',
].join('\n');

export function gitCommands(
  configuration: Readonly<Record<string, string>>,
  pin: Pin | undefined,
): { readonly commands: readonly string[]; readonly environment: Readonly<Record<string, string>> } {
  const { Url = '', BranchName = '', OutputArtifactFormat } = configuration;
  return {
    commands: [SCRIPT],
    environment: {
      MILLRACE_GIT_URL: Url,
      MILLRACE_GIT_BRANCH: pin?.branch ?? BranchName,
      MILLRACE_GIT_COMMIT: pin?.type === 'COMMIT_ID' ? pin.value : '',
      MILLRACE_GIT_FULL: OutputArtifactFormat === undefined || OutputArtifactFormat === 'CODE_ZIP' ? '' : 'true',
    },
  };
}

/** What the runner has fetched, as the execution's revision. */
export function gitRevision(
  { type }: ActionPlan,
  { CommitId, CommitMessage = '', BranchName }: Readonly<Record<string, string>>,
): FetchedRevision | undefined {
  if (type !== GIT_TYPE || CommitId === undefined) return undefined;
  const branch = BranchName === undefined ? {} : { branch: BranchName };
  return { id: CommitId, type: 'COMMIT_ID', summary: CommitMessage.split('\n')[0] ?? '', ...branch };
}

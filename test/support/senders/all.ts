import { azureDevOpsSender } from './azure-devops.ts';
import { bitbucketDcSender } from './bitbucket-dc.ts';
import { bitbucketSender } from './bitbucket.ts';
import { forgejoSender, giteaSender } from './gitea.ts';
import { gitHubSender } from './github.ts';
import { gitLabSender, signingGitLabSender } from './gitlab.ts';
import type { Sender } from './sender.ts';

/** Everybody that the conformance suite plays, by name. */
export const SENDERS: Readonly<Record<string, Sender>> = {
  GitHub: gitHubSender,
  GitLab: gitLabSender,
  'GitLab with a signing token': signingGitLabSender,
  'Bitbucket Cloud': bitbucketSender,
  'Bitbucket Data Center': bitbucketDcSender,
  Gitea: giteaSender,
  Forgejo: forgejoSender,
  'Azure DevOps': azureDevOpsSender,
};

import type { Clock } from '../kernel/clock.ts';
import { azureDevOps } from './azure-devops.ts';
import { bitbucketDc } from './bitbucket-dc.ts';
import { bitbucket } from './bitbucket.ts';
import { gitea } from './gitea.ts';
import type { GitHost, HostAccess, HostKind, HttpPort } from './git-host.ts';
import type { TokenCache } from './github/app.ts';
import { gitHub } from './github.ts';
import { gitLab } from './gitlab.ts';

export interface HostRegistryParts {
  readonly http: HttpPort;
  readonly clock: Clock;
}

/** Makes the host that an access leads to. One registry per isolate: it remembers the tokens that apps were given. */
export type Connect = (access: HostAccess) => GitHost;

export function hostRegistry({ http, clock }: HostRegistryParts): Connect {
  const tokens: TokenCache = new Map();
  /** Every kind of host; a new one takes a file beside this, and a line here. */
  const hosts: Readonly<Record<HostKind, Connect>> = {
    'azure-devops': (access) => azureDevOps(access, { http, clock }),
    bitbucket: (access) => bitbucket(access, { http, clock }),
    'bitbucket-dc': (access) => bitbucketDc(access, { http, clock }),
    gitea: (access) => gitea(access, { http, clock }),
    github: (access) => gitHub(access, { http, clock, tokens }),
    gitlab: (access) => gitLab(access, { http, clock }),
  };
  return (access) => hosts[access.kind](access);
}

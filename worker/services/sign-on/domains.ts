import type { SignOnDomain } from '../../../contract/sign-on.ts';
import type { Ports, ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { isPublicMail } from './public-mail.ts';

const TOKEN_LENGTH = 32;
const DOMAINS_MAX = 50;

export async function listDomains({
  tenant,
  ports,
}: Pick<ServiceContext, 'tenant' | 'ports'>): Promise<SignOnDomain[]> {
  return (await ports.signOn.domains(tenant.id)).map(({ domain, token, provenAt }) => ({
    domain,
    record: recordOf(token),
    provenAt: provenAt === null ? null : new Date(provenAt).toISOString(),
  }));
}

/** Says that the domain is the tenant's, which counts for nothing until it is proven. */
export async function addDomain(ctx: ServiceContext, domain: string): Promise<SignOnDomain> {
  const { tenant, ports } = ctx;
  if (isPublicMail(domain)) {
    throw new DomainError('validation_failed', `Anybody can have an address at ${domain}, so it is nobody's own.`, {
      errors: [{ path: 'domain', message: 'is a public mail service' }],
    });
  }
  const known = await ports.signOn.domains(tenant.id);
  if (known.length >= DOMAINS_MAX && !known.some((one) => one.domain === domain)) {
    throw new DomainError('quota_exceeded', `A tenant has ${DOMAINS_MAX} domains at most. Remove one first.`);
  }
  await ports.signOn.addDomain(tenant.id, domain, ports.newId(TOKEN_LENGTH), ports.clock.now());
  ctx.note?.({ object: { type: 'domain', id: domain } });
  return findDomain(ctx, domain);
}

/** Looks for the record. Found, the domain is this tenant's, unless another one that has proven it publishes its own still. */
export async function checkDomain(ctx: ServiceContext, domain: string): Promise<SignOnDomain> {
  const { tenant, ports } = ctx;
  const { record } = await findDomain(ctx, domain);
  ctx.note?.({ object: { type: 'domain', id: domain } });
  if (!(await isPublished(ports, domain, record))) {
    const detail = `No TXT record of ${domain} says "${record}" yet. New records can take an hour to be seen.`;
    throw new DomainError('domain_not_proven', detail);
  }
  const owner = await ports.signOn.ownerOf(domain);
  const isOthers = owner !== undefined && owner.tenantId !== tenant.id;
  const isHeld = isOthers && (await isPublished(ports, domain, recordOf(owner.token)));
  const isTaken = isHeld || !(await ports.signOn.prove(tenant.id, domain, ports.clock.now(), owner?.tenantId));
  if (isTaken) {
    const detail = `Another tenant has proven ${domain}, and its record is still published. Remove that record first.`;
    throw new DomainError('domain_taken', detail);
  }
  ctx.note?.({ after: { proven: true } });
  return findDomain(ctx, domain);
}

export async function removeDomain(ctx: ServiceContext, domain: string): Promise<void> {
  ctx.note?.({ object: { type: 'domain', id: domain } });
  if (!(await ctx.ports.signOn.removeDomain(ctx.tenant.id, domain))) throw domainNotFound(domain);
}

/** Whether the tenant's record is there now. What cannot be found out is not so. */
export async function isStillPublished(
  ports: Pick<Ports, 'signOn' | 'texts'>,
  tenant: string,
  domain: string,
): Promise<boolean> {
  const owner = await ports.signOn.ownerOf(domain);
  if (owner === undefined || owner.tenantId !== tenant) return false;
  return isPublished(ports, domain, recordOf(owner.token)).catch(() => false);
}

async function findDomain(ctx: Pick<ServiceContext, 'tenant' | 'ports'>, domain: string): Promise<SignOnDomain> {
  const found = (await listDomains(ctx)).find((one) => one.domain === domain);
  if (found === undefined) throw domainNotFound(domain);
  return found;
}

async function isPublished({ texts }: Pick<Ports, 'texts'>, domain: string, record: string): Promise<boolean> {
  if (texts === undefined) {
    const detail = 'This installation cannot look names up. Its operator sets MILLRACE_DNS_RESOLVER for that.';
    throw new DomainError('domain_not_proven', detail);
  }
  let found: readonly string[];
  try {
    found = await texts(domain);
  } catch {
    throw new DomainError('domain_not_proven', `The records of ${domain} could not be looked up. Try again later.`);
  }
  return found.includes(record);
}

function recordOf(token: string): string {
  return `millrace-verification=${token}`;
}

function domainNotFound(domain: string): DomainError {
  return new DomainError('domain_not_found', `There is no domain "${domain}" here.`);
}

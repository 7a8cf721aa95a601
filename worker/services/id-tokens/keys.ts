import type { Log } from '../../kernel/log.ts';
import { signJwt } from '../../kernel/rs256.ts';
import type { SigningKeyRow } from '../../storage/signing-keys.ts';
import type { Ports } from '../context.ts';
import { rotationSteps } from './rotation.ts';

type KeyPorts = Pick<Ports, 'clock' | 'signingKeys'>;

/** The sweeper's part of it. */
export async function keepSigningKeys(ports: KeyPorts, log: Log): Promise<void> {
  try {
    await rotateSigningKeys(ports);
  } catch (error) {
    log.error('signing keys not rotated', {}, error);
  }
}

/** One round of what is due. */
export async function rotateSigningKeys({ clock, signingKeys }: KeyPorts): Promise<void> {
  await signingKeys.rewrap();
  for (const step of rotationSteps(await signingKeys.all(), clock.now())) {
    if (step.do === 'create') await signingKeys.create(step.state);
    else if (step.do === 'activate') await signingKeys.activate(step.kid, step.instead);
    else await signingKeys.remove(step.kid);
  }
}

/** RFC 7517: the one in use, the one that will be, and those that unexpired tokens may be signed with. */
export async function publishedKeys(ports: KeyPorts) {
  const known = await ports.signingKeys.all();
  const rows = known.length > 0 ? known : (await rotateSigningKeys(ports), await ports.signingKeys.all());
  return {
    keys: rows.map(({ kid, publicKey }) => ({ ...publicKey, kid, use: 'sig' as const, alg: 'RS256' as const })),
  };
}

export async function signClaims(ports: KeyPorts, claims: object): Promise<string> {
  const row = await activeKey(ports);
  return signJwt(claims, await ports.signingKeys.privateKey(row), row.kid);
}

/** Made on first use; after that, the sweeper sees to it that there is one. */
async function activeKey(ports: KeyPorts): Promise<SigningKeyRow> {
  const row = await ports.signingKeys.active();
  if (row !== undefined) return row;
  await rotateSigningKeys(ports);
  const made = await ports.signingKeys.active();
  if (made === undefined) throw new Error('there is no key to sign identity tokens with');
  return made;
}

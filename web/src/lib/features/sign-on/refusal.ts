import type { SignOnRefusal } from '#lib/api/contract.ts';

const WORDS: Readonly<Record<SignOnRefusal, string>> = {
  sign_on_expired: 'This sign-on took too long, or was used already. Begin again.',
  sign_on_failed:
    'Your company’s identity provider did not let you in, or its answer could not be trusted. Try again.',
  sign_on_email:
    'Your identity provider named no address that it may speak for. Ask your admin whether your domain is still proven.',
  sign_on_account_exists:
    'There is an account with your address already. Sign in with its own password or passkey, and ask an admin for an invitation.',
  sign_on_full:
    'This tenant has as many members as it may have. Ask one of its admins to make room, then sign on again.',
  sign_on_removed: 'You were removed from this tenant. Ask one of its admins for an invitation, then sign on again.',
  sign_on_owner: 'Owners sign in with a password, a passkey or another way of their own.',
  sign_on_other_identity:
    'Your address belongs to another person at your identity provider. Ask an admin to set sign-on up anew.',
};

/** What to tell somebody who came back with this in the address; undefined: it is not about sign-on. */
export function refusalText(code: string): string | undefined {
  return Object.hasOwn(WORDS, code) ? WORDS[code as SignOnRefusal] : undefined;
}

import type { SignOnRefusal } from '../../../contract/sign-on.ts';

/** Somebody who came back from their provider and is not let in; they are told on the sign-in page. */
export class SignOnRefused extends Error {
  override readonly name = 'SignOnRefused';
  readonly reason: SignOnRefusal;
  /** The address that the provider has said, for the tenant's log. */
  readonly email: string | undefined;

  constructor(reason: SignOnRefusal, email?: string, cause?: unknown) {
    super(reason, { cause });
    this.reason = reason;
    this.email = email;
  }
}

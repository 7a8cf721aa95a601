import { vi } from 'vitest';

export interface SentLetter {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Stands in for the mail service: what was sent to whom. Letters may leave after the answer, so they are waited for. */
export class Outbox {
  readonly letters: SentLetter[] = [];
  readonly authorizations: (string | null)[] = [];
  #wake: () => void = () => undefined;

  /** Until `restore`, requests to the mail service end here. */
  static open(): Outbox {
    const outbox = new Outbox();
    const real = globalThis.fetch;
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const request = new Request(input, init);
      if (!request.url.startsWith('https://mail.millrace.test/')) return real(input, init);
      outbox.authorizations.push(request.headers.get('authorization'));
      outbox.letters.push(await request.json());
      outbox.#wake();
      return Response.json({ id: 'taken' });
    });
    return outbox;
  }

  async to(email: string): Promise<SentLetter> {
    for (;;) {
      const found = this.letters.findLast(({ to }) => to === email);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** The path of the link in the newest letter to this address. */
  async linkTo(email: string): Promise<URL> {
    const { text } = await this.to(email);
    return new URL(/https:\S+/.exec(text)?.[0] ?? 'no:link');
  }
}

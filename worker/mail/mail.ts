export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** What the letter is about; whoever has it can do what it does, so it is a secret. */
  readonly link: string;
}

/** Sends a letter once. False: it was not taken, and the log says why. One that was taken may still get lost on its way. */
export interface Mail {
  send(letter: Letter): Promise<boolean>;
}

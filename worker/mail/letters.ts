import type { Letter } from './mail.ts';

interface Words {
  readonly to: string;
  readonly subject: string;
  readonly lines: readonly string[];
  readonly button: string;
  readonly link: string;
}

export function resetLetter(to: string, link: string): Letter {
  return letter({
    to,
    subject: 'Choose a new password for Millrace',
    lines: [
      'Somebody, hopefully you, asked to choose a new password for this address.',
      'The link works once, for an hour. If it was not you, there is nothing to do.',
    ],
    button: 'Choose a new password',
    link,
  });
}

export function verifyLetter(to: string, link: string): Letter {
  return letter({
    to,
    subject: 'Confirm your address for Millrace',
    lines: ['An account was made with this address. Confirm that it is yours.', 'If it was not you, do nothing.'],
    button: 'Confirm the address',
    link,
  });
}

export interface InvitationWords {
  readonly to: string;
  readonly by: string;
  readonly tenant: string;
  readonly role: string;
  readonly link: string;
  readonly expiresAt: string;
}

export function invitationLetter({ to, by, tenant, role, link, expiresAt }: InvitationWords): Letter {
  return letter({
    to,
    subject: `${by} invites you to ${tenant} on Millrace`,
    lines: [
      `${by} invites you to join ${tenant} as ${role}.`,
      `Sign in, or sign up, with the address ${to}. The link works until ${expiresAt.slice(0, 10)}.`,
    ],
    button: `Join ${tenant}`,
    link,
  });
}

function letter({ to, subject, lines, button, link }: Words): Letter {
  const paragraphs = lines.map((line) => `<p>${escaped(line)}</p>`).join('');
  return {
    to,
    // Names come from people, and a subject is one line.
    subject: subject.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 200),
    text: `${lines.join('\n')}\n\n${button}:\n${link}\n`,
    html: `<!doctype html><html><body>${paragraphs}<p><a href="${escaped(link)}">${escaped(button)}</a></p></body></html>`,
    link,
  };
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character);
}

/** Where anybody can have an address: nobody's own, whatever they publish. */
const PUBLIC_MAIL = new Set([
  '126.com',
  '163.com',
  'aol.com',
  'duck.com',
  'fastmail.com',
  'free.fr',
  'gmail.com',
  'gmx.at',
  'gmx.ch',
  'gmx.com',
  'gmx.de',
  'gmx.net',
  'googlemail.com',
  'hey.com',
  'hotmail.co.uk',
  'hotmail.com',
  'hotmail.fr',
  'icloud.com',
  'laposte.net',
  'libero.it',
  'live.com',
  'mac.com',
  'mail.com',
  'mail.ru',
  'mailbox.org',
  'me.com',
  'msn.com',
  'naver.com',
  'orange.fr',
  'outlook.com',
  'outlook.de',
  'pm.me',
  'posteo.de',
  'proton.me',
  'protonmail.com',
  'qq.com',
  'rocketmail.com',
  't-online.de',
  'tuta.com',
  'tutanota.com',
  'users.noreply.github.com',
  'wanadoo.fr',
  'web.de',
  'yahoo.co.jp',
  'yahoo.co.uk',
  'yahoo.com',
  'yahoo.de',
  'yahoo.fr',
  'yandex.com',
  'yandex.ru',
  'ymail.com',
  'zoho.com',
]);

export function isPublicMail(domain: string): boolean {
  return PUBLIC_MAIL.has(domain);
}

/** Providers where anybody can have an account, and say any address to be theirs: they speak for no company. */
const PUBLIC_ISSUERS = [
  'https://appleid.apple.com',
  'https://gitlab.com',
  'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0',
  'https://login.microsoftonline.com/common/v2.0',
  'https://login.microsoftonline.com/consumers/v2.0',
  'https://login.microsoftonline.com/organizations/v2.0',
  'https://www.facebook.com',
  'https://www.linkedin.com/oauth',
];

export function isPublicIssuer(issuer: string): boolean {
  return PUBLIC_ISSUERS.includes(issuer.replace(/\/$/, ''));
}

/** Google speaks for everybody too, and says in a claim of its own which Workspace an account is in. */
export const GOOGLE = 'https://accounts.google.com';

import type { ConnectionPorts } from './ports.ts';

export type Address = { readonly ok: true; readonly url: string } | { readonly ok: false; readonly message: string };

/** Where credentials may be sent: to what the address guard lets through, in the clear only within the operator's own network. */
export async function checkedAddress(ports: ConnectionPorts, text: string): Promise<Address> {
  const checked = await ports.checkAddress(text);
  if (!checked.ok) return checked;
  const { url } = checked;
  if (url.search !== '' || url.hash !== '') return { ok: false, message: 'must end with its path: no ? and no #.' };
  if (url.protocol !== 'https:' && !ports.isPrivateHost(url)) {
    return { ok: false, message: 'must begin with https://: credentials are not sent in the clear.' };
  }
  return { ok: true, url: url.href.replace(/\/+$/, '') };
}

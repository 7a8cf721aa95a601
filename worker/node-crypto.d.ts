/** Of Node's modules that the platform has (`nodejs_compat`), what is used here. Its types are not loaded: they bring a whole other world. */
declare module 'node:crypto' {
  export class X509Certificate {
    constructor(pem: string);
    readonly validFrom: string;
    readonly validTo: string;
    readonly publicKey: {
      export(options: { readonly type: 'spki'; readonly format: 'der' }): Uint8Array<ArrayBuffer>;
    };
  }
}

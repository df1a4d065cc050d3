// The root secrets: who keeps them, how they come to be, how each reaches its one owner.
export { consoleCertificate, type ConsoleOptions } from './console-certificate.ts';
export { SealError } from './error.ts';
export { fileProvider } from './file-provider.ts';
export { genesis, type GenesisOptions } from './genesis.ts';
export { handOut } from './hand-out.ts';
export type { KeyProvider, KeyStore, SecretKind } from './provider.ts';
export { isRecoveryKey, makeRecoveryKey } from './tpm2/recovery-key.ts';
export { Tpm } from './tpm2/tpm.ts';
export { tpm2Provider } from './tpm2/tpm2-provider.ts';

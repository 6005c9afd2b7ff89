// Why a request failed, from the errors of undici, sockets and TLS.

export type FailureCode =
  | 'address-refused'
  | 'unknown-host'
  | 'timeout'
  | 'network'
  /** The certificate or the handshake: asking again changes nothing. */
  | 'tls'
  /** The connection ended inside the body, or the body has another length than was said. */
  | 'cut-short'
  /** Beyond the total time, or below the least rate. */
  | 'too-slow'
  | 'body-too-large'
  | 'media-type'
  | 'bad-url'
  /** Not asked: its host wants to be left alone for longer than one waits. */
  | 'later'
  | 'stopped';

export interface Fault {
  readonly failure: FailureCode;
  /** The system's or TLS's own name for it. */
  readonly detail?: string;
}

/** Names that Node gives to what a certificate's check finds (X509_V_ERR_…), and to failed handshakes. */
const tlsCodes =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|CRL_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_|ERROR_IN_CERT_|ERROR_IN_CRL_|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$|HOSTNAME_MISMATCH$|EPROTO$)/;

/** @param hasBegun the answer's head is there */
export function describeFault(error: unknown, hasBegun: boolean): Fault {
  const { code = '', name, cause } = error as NodeJS.ErrnoException;
  const inner = (cause as NodeJS.ErrnoException | undefined)?.code ?? '';
  const tls = [code, inner].find((one) => tlsCodes.test(one));
  if (tls !== undefined) return { failure: 'tls', detail: tls };
  if (code === 'address-refused') return { failure: 'address-refused' };
  if (code === 'ENOTFOUND' || code === 'ENODATA') return { failure: 'unknown-host' };
  if (code === 'ERR_INVALID_URL' || code === 'UND_ERR_INVALID_ARG') return { failure: 'bad-url' };
  if (name === 'AbortError') return { failure: 'stopped' };
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return { failure: 'timeout' };
  return { failure: hasBegun ? 'cut-short' : 'network', ...(code !== '' && { detail: code }) };
}

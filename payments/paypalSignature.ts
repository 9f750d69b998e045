import { verify, X509Certificate } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ASK_BACK_MS, ProviderUnavailable, type WebhookHeaders, WebhookRejected } from './provider.ts';
import { singleHeader, verifyAge } from './signature.ts';

/** PayPal signs the time of sending, and tries for three days; later attempts may carry the first one's time. */
const OLDEST_TRANSMISSION_SECONDS = 7 * 24 * 3600;

/** Certificates kept; PayPal has a few at a time. One is asked for anew after a day. */
const MAX_CERTIFICATES = 10;
const KEPT_MS = 24 * 3600 * 1000;
const MAX_CERTIFICATE_BYTES = 64 * 1024;

export type PaypalSignatureSettings = {
  /** PayPal's ids of our webhook: what is signed names the one it was sent to. */
  webhookIds: string[];
  /** Where the API is: certificates may come from there too. */
  baseUrl: string;
};

export type PaypalSignatures = { check(rawBody: Buffer, headers: WebhookHeaders, now: Date): Promise<void> };

/**
 * Checks `RSA-SHA256(transmission id|time|webhook id|crc32 of the body)` with the certificate that the delivery names.
 * The name is the sender's word, so only PayPal's hosts are asked for it.
 */
export function paypalSignatures(settings: PaypalSignatureSettings): PaypalSignatures {
  const certificates = new Map<string, { certificate: X509Certificate; until: number }>();

  async function certificateAt(text: string): Promise<X509Certificate> {
    const url = allowedUrl(text, settings.baseUrl);
    const kept = certificates.get(url);
    if (kept && kept.until > Date.now()) return kept.certificate;
    const certificate = readCertificate(await fetchText(url));
    const [oldest] = certificates.keys();
    if (certificates.size >= MAX_CERTIFICATES && oldest !== undefined) certificates.delete(oldest);
    certificates.set(url, { certificate, until: Date.now() + KEPT_MS });
    return certificate;
  }

  return {
    async check(rawBody, headers, now) {
      const id = singleHeader(headers, 'paypal-transmission-id');
      const time = singleHeader(headers, 'paypal-transmission-time');
      const signature = base64(singleHeader(headers, 'paypal-transmission-sig'));
      const algorithm = singleHeader(headers, 'paypal-auth-algo');
      if (algorithm !== 'SHA256withRSA') throw new WebhookRejected('signature', `${algorithm} is no algorithm of ours`);
      const certificate = await certificateAt(singleHeader(headers, 'paypal-cert-url'));
      const sum = crc32(rawBody);
      const right = settings.webhookIds.some((webhookId) =>
        verify('sha256', Buffer.from(`${id}|${time}|${webhookId}|${sum}`), certificate.publicKey, signature),
      );
      if (!right) throw new WebhookRejected('signature', 'no signature of PayPal’s for a webhook of ours');
      if (now < new Date(certificate.validFrom) || now > new Date(certificate.validTo)) {
        throw new WebhookRejected('signature', 'the certificate is not valid at this time');
      }
      verifyAge(time, now, OLDEST_TRANSMISSION_SECONDS);
    },
  };
}

/** Any host under paypal.com by https, or the API itself where it is set to be elsewhere. */
function allowedUrl(text: string, baseUrl: string): string {
  const url = URL.parse(text);
  const isPaypals = url?.protocol === 'https:' && url.port === '' && url.hostname.endsWith('.paypal.com');
  const isAllowed = isPaypals || url?.origin === new URL(baseUrl).origin;
  if (url?.username === '' && isAllowed) return url.href;
  throw new WebhookRejected('signature', 'the certificate is not at PayPal’s');
}

async function fetchText(url: string): Promise<string> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(ASK_BACK_MS) });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      if (text.length > MAX_CERTIFICATE_BYTES) throw new Error('the certificate is too long');
    }
    return text;
  } catch (error) {
    throw new ProviderUnavailable('paypal', 'not_done', 'its certificate could not be had', error);
  }
}

/** The first certificate of a file, if it is one of PayPal's own. */
function readCertificate(pem: string): X509Certificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (error) {
    throw new ProviderUnavailable('paypal', 'not_done', 'its certificate cannot be read', error);
  }
  if (!/(^|\n)CN=([a-z0-9-]+\.)*paypal\.com($|\n)/.test(certificate.subject)) {
    throw new WebhookRejected('signature', 'the certificate is not PayPal’s');
  }
  return certificate;
}

/** Base64 as it is written, and not nearly. */
function base64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.toString('base64') !== text) {
    throw new WebhookRejected('signature', 'the signature is not base64');
  }
  return bytes;
}

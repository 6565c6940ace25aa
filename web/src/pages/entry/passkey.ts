import { entryCalls } from './calls.ts';

/** Whether this browser, at this address, can have passkeys: they need HTTPS (or localhost) and a name, not an IP address. */
export function canUsePasskeys(): boolean {
  return (
    isSecureContext &&
    typeof PublicKeyCredential === 'function' &&
    typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function' &&
    !/^[\d.]+$|:/.test(location.hostname)
  );
}

/** Whether the browser can offer passkeys in the list below the field of the address. */
export async function canOfferPasskeys(): Promise<boolean> {
  return canUsePasskeys() && ((await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false);
}

/**
 * Signs in with a passkey. Answers false where the person, or `signal`, called it off. `quiet` waits until a passkey is
 * chosen from the browser's list, without a dialogue of its own.
 */
export async function signInWithPasskey(signal: AbortSignal, quiet = false): Promise<boolean> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await entryCalls.passkeyOptions());
  let found: Credential | null;
  try {
    found = await navigator.credentials.get({
      publicKey,
      signal,
      ...(quiet ? { mediation: 'conditional' as const } : {}),
    });
  } catch (error) {
    // What the person called off, and what took them too long, is no fault.
    if (error instanceof DOMException && ['AbortError', 'NotAllowedError'].includes(error.name)) return false;
    throw error;
  }
  if (!(found instanceof PublicKeyCredential)) return false;
  await entryCalls.passkeySignIn(found.toJSON());
  return true;
}
